#pragma once
// push_transposes: the transposes that the importer put around channels-last layers move until they meet and cancel.
// room: rewrite | runs on: compiler + host

#include <ctq/graph/compute_node.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/concat.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/transpose.hpp>
#include <ctq/rewrite/pass.hpp>

#include <array>
#include <span>
#include <vector>

namespace ctq {

/// First every transpose sinks past the consumers that commute with it, and merges with the next one; then those that
/// are left rise towards the inputs; last, one in front of a flattened dense layer goes into its weights.
struct push_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "push_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        const std::size_t before = graph.nodes.size();
        bool changed = false;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t i = 0; i < graph.nodes.size(); ++i) moved |= merge(graph, i) || sink(graph, i);
        }
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t i = 0; i < graph.nodes.size(); ++i) moved |= merge(graph, i) || rise(graph, i);
            changed |= moved;
        }
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) changed |= into_weights(graph, i);
        return changed || graph.nodes.size() != before;
    }

  private:
    using permutation = std::array<std::int32_t, shape::max_rank>;

    template <class Graph> static constexpr const transpose* transpose_making(const Graph& graph, int value) {
        const int producer = graph.producer_of(value);
        return producer < 0 ? nullptr : operator_if<transpose>(graph.node_at(producer));
    }

    static constexpr permutation inverse(const permutation& of, int rank) {
        permutation result{0, 1, 2, 3, 4, 5};
        for (int axis = 0; axis < rank; ++axis)
            result[static_cast<std::size_t>(of[static_cast<std::size_t>(axis)])] = axis;
        return result;
    }

    template <class Graph>
    static constexpr std::span<const std::int32_t> used(const Graph& graph, int value, const permutation& all) {
        return {all.data(), static_cast<std::size_t>(graph.value_at(value).facts.shape.rank)};
    }

    /// transpose(transpose(x)) becomes one, or nothing.
    template <class Graph> static constexpr bool merge(Graph& graph, std::size_t index) {
        auto& node = graph.nodes[index];
        auto* second = operator_if<transpose>(node);
        if (second == nullptr) return false;
        const int rank = graph.value_at(node.inputs[0]).facts.shape.rank;
        if (second->permutation == permutation{0, 1, 2, 3, 4, 5}) {
            for (const port& output : graph.outputs)
                if (output.value == node.output && graph.producer_of(node.inputs[0]) < 0) return false;
            graph.replace_uses(node.output, node.inputs[0]);
            graph.erase_node(static_cast<int>(index));
            return true;
        }
        const transpose* first = transpose_making(graph, node.inputs[0]);
        if (first == nullptr) return false;
        permutation both{0, 1, 2, 3, 4, 5};
        for (int axis = 0; axis < rank; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            both[x] = first->permutation[static_cast<std::size_t>(second->permutation[x])];
        }
        second->permutation = both;
        node.inputs[0] = graph.node_at(graph.producer_of(node.inputs[0])).inputs[0];
        return true;
    }

    /// True when op(transpose(x)) == transpose(op'(x)) for an op' that `permuted` can give.
    template <class Node> static constexpr bool commutes(const Node& node) {
        return visit_operator(node, [](const auto& op) {
            using type = std::remove_cvref_t<decltype(op)>;
            return element_wise<type> || requires(std::span<const std::int32_t> p) {
                op.permuted(p);
            };
        });
    }

    template <class Op>
    static constexpr bool element_wise =
        unary_function<Op> || std::is_same_v<Op, add> || std::is_same_v<Op, multiply> || std::is_same_v<Op, identity>;

    template <class Node> static constexpr void permute_attributes(Node& node, std::span<const std::int32_t> by) {
        visit_operator(node, [&](auto& op) {
            if constexpr (requires { op.permuted(by); }) op = op.permuted(by);
        });
    }

    /// op(T(x), T(y), constants) becomes T(op'(x, y, constants')).
    template <class Graph> static constexpr bool sink(Graph& graph, std::size_t index) {
        auto& node = graph.nodes[index];
        if (operator_if<transpose>(node) != nullptr || !commutes(node)) return false;
        const transpose* found = nullptr;
        const shape of = graph.value_at(node.output).facts.shape;
        for (const int input : moving_inputs(graph, node)) {
            const transpose* before = transpose_making(graph, input);
            if (before == nullptr || (found != nullptr && !(*before == *found))) return false;
            if (graph.value_at(input).facts.shape.rank != rank_through(graph, node)) return false;
            found = before;
        }
        if (found == nullptr || of.rank != rank_through(graph, node)) return false;
        const permutation by = found->permutation, back = inverse(by, of.rank);
        for (int& input : node.inputs) {
            if (transpose_making(graph, input) != nullptr)
                input = graph.node_at(graph.producer_of(input)).inputs[0];
            else if (takes_broadcast(node))
                input = permuted_constant(graph, input, of.rank, back);
        }
        auto& moved = graph.nodes[index];
        permute_attributes(moved, used(graph, moved.output, back));
        append_transpose(graph, index, by);
        return true;
    }

    /// The inputs that a transpose must stand before: all activations; for batch normalization the first only.
    template <class Graph, class Node>
    static constexpr std::vector<int> moving_inputs(const Graph& graph, const Node& node) {
        std::vector<int> result;
        for (const int input : node.inputs)
            if (!graph.is_constant(input)) result.push_back(input);
        return result;
    }

    template <class Graph, class Node> static constexpr int rank_through(const Graph& graph, const Node& node) {
        return graph.value_at(node.output).facts.shape.rank;
    }

    template <class Node> static constexpr bool takes_broadcast(const Node& node) {
        return operator_if<add>(node) != nullptr || operator_if<multiply>(node) != nullptr ||
               operator_if<concat>(node) != nullptr;
    }

    /// The constant operand as it must be before the transpose; its shape is widened to `rank` first.
    template <class Graph>
    static constexpr int permuted_constant(Graph& graph, int index, int rank, const permutation& by) {
        shape widened;
        const shape own = graph.value_at(index).facts.shape;
        for (int axis = own.rank; axis < rank; ++axis) widened.append(1);
        for (int axis = 0; axis < own.rank; ++axis) widened.append(own[axis]);
        const transpose op{by};
        const shape target = op.output_shape(shapes(&widened, 1));
        std::vector<float> elements(graph.reals(index).size(), 0.0f);
        const const_tensor from{{dtype::float32, widened, {}}, graph.reals(index).data()};
        const tensor to{{dtype::float32, target, {}}, elements.data()};
        op.compute(const_tensors(&from, 1), tensors(&to, 1));
        return graph.add_constant(graph.value_at(index).name, target, std::move(elements));
    }

    /// Puts a transpose behind the node: the node's output gets the source's shape, the old value becomes T's output.
    template <class Graph>
    static constexpr void append_transpose(Graph& graph, std::size_t index, const permutation& by) {
        auto node = graph.nodes[index];
        const int result = node.output;
        std::vector<shape> in;
        for (const int input : node.inputs) in.push_back(graph.value_at(input).facts.shape);
        const shape moved = visit_operator(node, [&](const auto& op) { return output_shape(op, in); });
        node.output = graph.add_value(graph.value_at(result).name, {dtype::float32, moved, {}});
        graph.nodes[index].output = node.output;
        typename Graph::node_type behind{node.name + ".layout", transpose{by}, {node.output}, result, {}};
        graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(behind));
    }

    /// T(op(x)) becomes op'(T(x)) for an op with one input that nobody else reads.
    template <class Graph> static constexpr bool rise(Graph& graph, std::size_t index) {
        const auto* op = operator_if<transpose>(graph.nodes[index]);
        if (op == nullptr) return false;
        const permutation by = op->permutation;
        const int source = sole_producer(graph, graph.nodes[index].inputs[0]);
        if (source < 0 || operator_if<transpose>(graph.node_at(source)) != nullptr) return false;
        const auto& before = graph.node_at(source);
        const int rank = graph.value_at(before.output).facts.shape.rank;
        if (!commutes(before) || moving_inputs(graph, before).size() != 1 || takes_broadcast(before) ||
            graph.is_constant(before.inputs[0]) || graph.value_at(before.inputs[0]).facts.shape.rank != rank)
            return false;
        auto moved = before;
        auto turned = graph.nodes[index];
        const int end = turned.output;
        turned.inputs[0] = moved.inputs[0];
        const shape in = graph.value_at(moved.inputs[0]).facts.shape;
        const shape of = transpose{by}.output_shape(shapes(&in, 1));
        turned.output = graph.add_value(graph.value_at(turned.inputs[0]).name + ".layout", {dtype::float32, of, {}});
        moved.inputs[0] = turned.output;
        moved.output = end;
        permute_attributes(moved, std::span<const std::int32_t>(by.data(), static_cast<std::size_t>(rank)));
        graph.node_at(source) = std::move(turned);
        graph.nodes[index] = std::move(moved);
        return true;
    }

    /// dense(flatten(T(x))): the weights' columns take the order of x, and T goes.
    template <class Graph> static constexpr bool into_weights(Graph& graph, std::size_t index) {
        auto& node = graph.nodes[index];
        if (operator_if<dense>(node) == nullptr) return false;
        const int flat = graph.producer_of(node.inputs[0]);
        if (flat < 0 || operator_if<reshape>(graph.node_at(flat)) == nullptr) return false;
        const transpose* op = transpose_making(graph, graph.node_at(flat).inputs[0]);
        if (op == nullptr || op->permutation[0] != 0 || graph.uses_of(node.inputs[0]) != 1) return false;
        const shape turned = graph.value_at(graph.node_at(flat).inputs[0]).facts.shape;
        const shape weights = graph.value_at(node.inputs[1]).facts.shape;
        const shape flattened = graph.value_at(node.inputs[0]).facts.shape;
        if (flattened.rank != 2 || flattened[0] != turned[0] || !graph.is_constant(node.inputs[1])) return false;
        shape columns = turned;
        columns[0] = weights[0];
        const transpose back{inverse(op->permutation, turned.rank)};
        const shape original = back.output_shape(shapes(&columns, 1));
        std::vector<float> elements(graph.reals(node.inputs[1]).size(), 0.0f);
        const const_tensor from{{dtype::float32, columns, {}}, graph.reals(node.inputs[1]).data()};
        const tensor to{{dtype::float32, original, {}}, elements.data()};
        back.compute(const_tensors(&from, 1), tensors(&to, 1));
        node.inputs[1] = graph.add_constant(graph.value_at(node.inputs[1]).name, weights, std::move(elements));
        auto& reshaped = graph.node_at(flat);
        const int layout = graph.producer_of(reshaped.inputs[0]);
        reshaped.inputs[0] = graph.node_at(layout).inputs[0];
        return true;
    }
};

} // namespace ctq

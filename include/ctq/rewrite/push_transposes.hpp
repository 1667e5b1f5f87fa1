#pragma once
// push_transposes: the transposes that the importer put around channels-last layers move until they meet and cancel.
// room: rewrite | runs on: compiler + host

#include <ctq/operators/add.hpp>
#include <ctq/operators/concat.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/reduce_mean.hpp>
#include <ctq/rewrite/axis_order.hpp>
#include <ctq/rewrite/pass.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace ctq {

/// A transpose sinks past every consumer that commutes with it, and merges with the next one. Only one right behind an
/// input of the graph stays, and one that has nothing but commuting nodes between itself and an input rises there:
/// so each has one place to be, and the pass comes to rest.
struct push_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "push_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t i = 0; i < graph.nodes.size(); ++i) moved |= merge(graph, i) || sink(graph, i);
            for (std::size_t i = 0; i < graph.nodes.size(); ++i) moved |= share(graph, i) || rise(graph, i);
            changed |= moved;
        }
        return changed;
    }

  private:
    /// transpose(transpose(x)) becomes one, or nothing.
    template <class Graph> static constexpr bool merge(Graph& graph, std::size_t index) {
        auto& node = graph.nodes[index];
        auto* second = operator_if<transpose>(node);
        if (second == nullptr) return false;
        if (second->permutation == unchanged_order) return remove(graph, index);
        const transpose* first = transpose_making(graph, node.inputs[0]);
        if (first == nullptr) return false;
        second->permutation = composed(first->permutation, second->permutation, rank_of(graph, node.output));
        node.inputs[0] = graph.node_at(graph.producer_of(node.inputs[0])).inputs[0];
        return true;
    }

    /// Takes a transpose that changes nothing out, unless it alone stands between an input and an output.
    template <class Graph> static constexpr bool remove(Graph& graph, std::size_t index) {
        const auto& node = graph.nodes[index];
        for (const port& output : graph.outputs)
            if (output.value == node.output && graph.producer_of(node.inputs[0]) < 0) return false;
        graph.replace_uses(node.output, node.inputs[0]);
        graph.erase_node(static_cast<int>(index));
        return true;
    }

    /// Two equal transposes of one value become one.
    template <class Graph> static constexpr bool share(Graph& graph, std::size_t index) {
        const auto* op = operator_if<transpose>(graph.nodes[index]);
        for (std::size_t i = 0; op != nullptr && i < index; ++i) {
            const auto* other = operator_if<transpose>(graph.nodes[i]);
            if (other == nullptr || graph.nodes[i].inputs != graph.nodes[index].inputs || !(*op == *other)) continue;
            graph.replace_uses(graph.nodes[index].output, graph.nodes[i].output);
            graph.erase_node(static_cast<int>(index));
            return true;
        }
        return false;
    }

    /// True when op(transpose(x)) == transpose(op'(x)) for an op' that `permuted` can give.
    template <class Node> static constexpr bool commutes(const Node& node) {
        return visit_operator(node, [](const auto& op) {
            using type = std::remove_cvref_t<decltype(op)>;
            return unary_function<type> || std::is_same_v<type, add> || std::is_same_v<type, multiply> ||
                   std::is_same_v<type, identity> || requires(std::span<const std::int32_t> p) {
                op.permuted(p);
            };
        });
    }

    template <class Graph> static constexpr int rank_of(const Graph& graph, int value) {
        return graph.value_at(value).facts.shape.rank;
    }

    template <class Node> static constexpr void permute_attributes(Node& node, std::span<const std::int32_t> by) {
        visit_operator(node, [&](auto& op) {
            if constexpr (requires { op.permuted(by); }) op = op.permuted(by);
        });
    }

    /// True when a constant operand is aligned with the axes of the result, and so moves with them.
    template <class Node> static constexpr bool aligns_operands(const Node& node) {
        return operator_if<add>(node) != nullptr || operator_if<multiply>(node) != nullptr ||
               operator_if<concat>(node) != nullptr;
    }

    template <class Graph>
    static constexpr void permute_constants(Graph& graph, std::size_t index, int rank, const axis_order& by) {
        if (!aligns_operands(graph.nodes[index])) return;
        for (int& input : graph.nodes[index].inputs) {
            if (!graph.is_constant(input) || graph.reals(input).size() == 1) continue;
            shape widened;
            const shape own = graph.value_at(input).facts.shape;
            for (int axis = own.rank; axis < rank; ++axis) widened.append(1);
            for (int axis = 0; axis < own.rank; ++axis) widened.append(own[axis]);
            input = transposed_constant(graph, input, widened, by, transpose{by}.output_shape(shapes(&widened, 1)));
        }
    }

    /// The value x for which T(x) is `input`, T being `by`: what a transpose was made from, or what an earlier node
    /// made of the graph's input by the inverse (the way round a global skip). -1 if there is none.
    template <class Graph>
    static constexpr int value_before(const Graph& graph, std::size_t index, int input, const transpose& by) {
        if (const transpose* before = transpose_making(graph, input); before != nullptr)
            return *before == by ? graph.node_at(graph.producer_of(input)).inputs[0] : -1;
        if (!aligns_operands(graph.nodes[index]) || graph.producer_of(input) >= 0) return -1;
        const axis_order back = inverse(by.permutation, rank_of(graph, input));
        for (std::size_t i = 0; i < index; ++i)
            if (const auto* op = operator_if<transpose>(graph.nodes[i]);
                op != nullptr && graph.nodes[i].inputs[0] == input && op->permutation == back)
                return graph.nodes[i].output;
        return -1;
    }

    /// The transpose that all activations of the node come through, or null.
    template <class Graph> static constexpr const transpose* common_transpose(const Graph& graph, std::size_t index) {
        const transpose* found = nullptr;
        for (const int input : graph.nodes[index].inputs)
            if (!graph.is_constant(input) && found == nullptr) found = transpose_making(graph, input);
        if (found == nullptr) return nullptr;
        for (const int input : graph.nodes[index].inputs)
            if (!graph.is_constant(input) && value_before(graph, index, input, *found) < 0) return nullptr;
        return found;
    }

    /// True when nothing but inputs of the graph stands before the transposes.
    template <class Graph>
    static constexpr bool behind_inputs(const Graph& graph, std::size_t index, const transpose& by) {
        for (const int input : graph.nodes[index].inputs)
            if (!graph.is_constant(input) && graph.producer_of(value_before(graph, index, input, by)) >= 0)
                return false;
        return true;
    }

    /// True when the only reader of `value` is a transpose that undoes `order`.
    template <class Graph> static constexpr bool undone_after(const Graph& graph, int value, const axis_order& order) {
        if (graph.uses_of(value) != 1) return false;
        for (const auto& node : graph.nodes)
            if (const auto* next = operator_if<transpose>(node); next != nullptr && node.inputs[0] == value)
                return composed(order, next->permutation, rank_of(graph, value)) == unchanged_order;
        return false;
    }

    /// How the axes of the result are turned when the node reads what was before the transpose `by`: as its inputs are,
    /// but a mean that drops axes keeps the order of the others only.
    template <class Node> static constexpr axis_order order_behind(const Node& node, const axis_order& by, int rank) {
        const auto* mean = operator_if<reduce_mean>(node);
        if (mean == nullptr || mean->keep_axes) return by;
        axis_order result = unchanged_order;
        std::size_t kept = 0;
        for (int axis = 0; axis < rank; ++axis) {
            if (mean->axes.contains(axis)) continue;
            std::int32_t place = 0;
            for (int other = 0; other < rank; ++other)
                if (!mean->axes.contains(other) &&
                    by[static_cast<std::size_t>(other)] < by[static_cast<std::size_t>(axis)])
                    ++place;
            result[kept++] = place;
        }
        return result;
    }

    /// True when all activations have one rank and the result has it too, or is a mean without the axes it was over.
    template <class Graph, class Node> static constexpr bool keeps_rank(const Graph& graph, const Node& node) {
        const auto* mean = operator_if<reduce_mean>(node);
        const bool drops = mean != nullptr && !mean->keep_axes;
        for (const int input : node.inputs)
            if (!graph.is_constant(input) && !drops && rank_of(graph, input) != rank_of(graph, node.output))
                return false;
        return true;
    }

    /// op(T(x), T(y), constants) becomes T(op'(x, y, constants')).
    template <class Graph> static constexpr bool sink(Graph& graph, std::size_t index) {
        const auto& node = graph.nodes[index];
        if (operator_if<transpose>(node) != nullptr || !commutes(node) || !keeps_rank(graph, node)) return false;
        const transpose* found = common_transpose(graph, index);
        if (found == nullptr) return false;
        const transpose through = *found;
        const axis_order by = through.permutation;
        const int rank = first_rank(graph, node);
        const axis_order behind = order_behind(node, by, rank), back = inverse(by, rank);
        if (behind_inputs(graph, index, through) && behind != unchanged_order &&
            !undone_after(graph, node.output, behind))
            return false;
        for (int& input : graph.nodes[index].inputs)
            if (!graph.is_constant(input)) input = value_before(graph, index, input, through);
        permute_constants(graph, index, rank, back);
        permute_attributes(graph.nodes[index], used(back, rank));
        if (behind != unchanged_order) append_transpose(graph, index, behind);
        return true;
    }

    /// The rank of the node's first activation.
    template <class Graph, class Node> static constexpr int first_rank(const Graph& graph, const Node& node) {
        for (const int input : node.inputs)
            if (!graph.is_constant(input)) return rank_of(graph, input);
        return 0;
    }

    /// Puts a transpose behind the node. The node's own output takes the name; the transposed one is called after it.
    template <class Graph>
    static constexpr void append_transpose(Graph& graph, std::size_t index, const axis_order& by) {
        const int result = graph.nodes[index].output;
        const shape made = visit_operator(
            graph.nodes[index], [&](const auto& op) { return graph.inferred_shape(op, graph.nodes[index].inputs); });
        const text name_of_result = graph.value_at(result).name;
        graph.value_at(result).name = unused_value_name(graph, name_of_result + ".transposed");
        const int inner = graph.add_value(name_of_result, {dtype::float32, made, {}});
        graph.nodes[index].output = inner;
        typename Graph::node_type behind{graph.nodes[index].name + ".transposed", transpose{by}, {inner}, result, {}};
        graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(behind));
    }

    /// The input of a node that reads one activation, commutes and keeps the rank; -1 for other nodes, and for those
    /// that shrink it, since there is less to transpose behind them.
    template <class Graph, class Node> static constexpr int way_up(const Graph& graph, const Node& node) {
        if (operator_if<transpose>(node) != nullptr || !commutes(node)) return -1;
        int from = -1;
        for (const int input : node.inputs) {
            if (graph.is_constant(input)) continue;
            if (from >= 0) return -1;
            from = input;
        }
        if (from < 0 || rank_of(graph, from) != rank_of(graph, node.output)) return -1;
        const auto elements = [&](int value) { return graph.value_at(value).facts.elements(); };
        return elements(from) <= elements(node.output) ? from : -1;
    }

    /// True when nothing but nodes with a way up stand between this node and an input, or another transpose.
    template <class Graph> static constexpr bool leads_up(const Graph& graph, int index) {
        for (int from = way_up(graph, graph.node_at(index)); from >= 0;) {
            const int producer = graph.producer_of(from);
            if (producer < 0 || operator_if<transpose>(graph.node_at(producer)) != nullptr) return true;
            if (graph.uses_of(from) != 1) return false;
            from = way_up(graph, graph.node_at(producer));
        }
        return false;
    }

    /// All the way up at once: half way up, the transpose would sink again.
    template <class Graph> static constexpr bool rise(Graph& graph, std::size_t index) {
        bool moved = false;
        while (rise_past_one(graph, index)) moved = true;
        return moved;
    }

    /// T(op(x, constants)) becomes op'(T(x), constants'). `index` follows the transpose.
    template <class Graph> static constexpr bool rise_past_one(Graph& graph, std::size_t& index) {
        const auto* op = operator_if<transpose>(graph.nodes[index]);
        if (op == nullptr) return false;
        const axis_order by = op->permutation;
        const int source = sole_producer(graph, graph.nodes[index].inputs[0]);
        if (source < 0 || !leads_up(graph, source)) return false;
        auto moved = graph.node_at(source);
        auto turned = graph.nodes[index];
        const int from = way_up(graph, moved), rank = rank_of(graph, from);
        const shape in = graph.value_at(from).facts.shape;
        const text turned_name = unused_value_name(graph, graph.value_at(from).name + ".transposed");
        std::swap(graph.value_at(moved.output).name, graph.value_at(turned.output).name);
        moved.output = turned.output;
        turned.inputs[0] = from;
        turned.output = graph.add_value(turned_name, {dtype::float32, transpose{by}.output_shape(shapes(&in, 1)), {}});
        for (int& input : moved.inputs)
            if (input == from) input = turned.output;
        permute_attributes(moved, used(by, rank));
        graph.node_at(source) = std::move(turned);
        graph.nodes[index] = std::move(moved);
        permute_constants(graph, index, rank, by);
        index = static_cast<std::size_t>(source);
        return true;
    }
};

} // namespace ctq

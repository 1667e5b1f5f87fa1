#pragma once
// push_reshapes: a reshape moves behind consumers that do not mind it, so that they stand next to the layer before it.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/operators/reshape.hpp>
#include <ctq/rewrite/pass.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

/// Past element-wise operators whose operands are all reshaped alike or constant along the last axis. A run is one
/// sweep; each step brings a reshape nearer to the outputs.
struct push_reshapes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "push_reshapes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        sources before(graph.values.size(), -1);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            while (sink(graph, before, i)) changed = true;
            const auto& node = graph.nodes[i];
            if (operator_if<op::reshape>(node) != nullptr)
                before[static_cast<std::size_t>(node.output())] = node.inputs[0];
        }
        return changed;
    }

  private:
    /// Of each value, as far as the run has come: the value that a reshape made it of, or -1.
    using sources = std::vector<int>;

    template <class Graph> static constexpr const shape& shape_of(const Graph& graph, int value) {
        return graph.value_at(value).facts.shape;
    }

    /// The value before the reshape of the node's first activation, if all activations are reshaped alike; else -1.
    template <class Graph, class Node>
    static constexpr int common_source(const Graph& graph, const sources& before, const Node& node) {
        int found = -1;
        for (const int input : node.inputs) {
            if (graph.is_constant(input)) continue;
            const int source = before[static_cast<std::size_t>(input)];
            if (source < 0 || !(shape_of(graph, input) == shape_of(graph, node.output()))) return -1;
            if (found >= 0 && !(shape_of(graph, found) == shape_of(graph, source))) return -1;
            found = source;
        }
        return found;
    }

    static constexpr bool same_last(const shape& a, const shape& b) {
        return a.rank > 0 && b.rank > 0 && a[a.rank - 1] == b[b.rank - 1];
    }

    /// True when all constants are single values, or lie along the last axis, which `from` and `to` have in common.
    template <class Graph, class Node>
    static constexpr bool constants_serve_both(const Graph& graph, const Node& node, const shape& from,
                                               const shape& to) {
        for (const int input : node.inputs) {
            if (!graph.is_constant(input) || graph.reals(input).size() == 1) continue;
            const shape& operand = shape_of(graph, input);
            if (operand.elements(0, operand.rank - 1) != 1 || !same_last(from, to) || !same_last(operand, to))
                return false;
        }
        return true;
    }

    /// True when the operator does the same to the elements whether they are seen under `from` or under `to`.
    template <class Graph, class Node>
    static constexpr bool commutes(const Graph& graph, const Node& node, const shape& from, const shape& to) {
        return visit_operator(node, [&](const auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            if constexpr (!traits_of<op_type>.is_element_wise)
                return false;
            else if constexpr (has_channel_axis<op_type>)
                return to.normalized_axis(op.*op_type::channel_axis) == to.rank - 1 && same_last(from, to);
            else
                return constants_serve_both(graph, node, from, to);
        });
    }

    /// op(reshape(x), constants) becomes reshape(op(x, constants)).
    template <class Graph> static constexpr bool sink(Graph& graph, sources& before, std::size_t index) {
        const int source = common_source(graph, before, graph.nodes[index]);
        if (source < 0) return false;
        const int result = graph.nodes[index].output();
        const shape from = shape_of(graph, source), to = shape_of(graph, result);
        if (!commutes(graph, graph.nodes[index], from, to)) return false;
        for (int& input : graph.nodes[index].inputs) input = moved_input(graph, before, input, from);
        visit_operator(graph.nodes[index], [&](auto& op) {
            using op_type = std::remove_cvref_t<decltype(op)>;
            if constexpr (has_channel_axis<op_type>) op.*op_type::channel_axis = from.rank - 1;
        });
        const text name_of_result = graph.value_at(result).name;
        graph.value_at(result).name = unused_value_name(graph, name_of_result + ".reshaped");
        const int inner = graph.add_value(name_of_result, {dtype::float32, from, {}});
        before.resize(graph.values.size(), -1);
        graph.nodes[index].outputs = {inner};
        typename Graph::node_type behind{graph.nodes[index].name + ".reshaped", op::reshape{to}, {inner}, {result}, {}};
        graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(behind));
        return true;
    }

    /// An activation before its reshape; a constant as a plain list along the last axis, or as a scalar where the
    /// activation is one.
    template <class Graph>
    static constexpr int moved_input(Graph& graph, const sources& before, int input, const shape& activation) {
        if (!graph.is_constant(input)) return before[static_cast<std::size_t>(input)];
        const shape own = shape_of(graph, input);
        if (own.rank <= 1 && own.rank <= activation.rank) return input;
        std::vector<float> elements(graph.reals(input).begin(), graph.reals(input).end());
        const text name_of_input = graph.value_at(input).name;
        return graph.add_constant(name_of_input, activation.rank == 0 ? shape{} : shape{own[own.rank - 1]},
                                  std::move(elements));
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

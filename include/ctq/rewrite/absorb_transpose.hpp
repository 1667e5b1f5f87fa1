#pragma once
// absorb_transpose: a transpose before flattened dense layers goes into the order of their weights' columns.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/operators/dense.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/rewrite/axis_order.hpp>
#include <ctq/rewrite/pass.hpp>

namespace ctq::inline CTQ_TARGET {

struct absorb_transpose {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "absorb_transpose";

    template <class Graph> static constexpr bool run(Graph& graph) {
        bool changed = false;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) changed |= absorb(graph, i);
        return changed;
    }

  private:
    /// dense(flatten(T(x))) for every reader of the flattened value.
    template <class Graph> static constexpr bool absorb(Graph& graph, std::size_t index) {
        if (operator_if<reshape>(graph.nodes[index]) == nullptr) return false;
        const int from = graph.nodes[index].inputs[0], flat = graph.nodes[index].output();
        const transpose* op = transpose_making(graph, from);
        const shape turned = graph.value_at(from).facts.shape, flattened = graph.value_at(flat).facts.shape;
        if (op == nullptr || op->permutation[0] != 0) return false;
        if (flattened.rank != 2 || flattened[0] != turned[0] || !read_by_dense_only(graph, flat)) return false;
        const axis_order back = inverse(op->permutation, turned.rank);
        for (auto& node : graph.nodes) {
            if (operator_if<dense>(node) == nullptr || node.inputs[0] != flat) continue;
            const shape weights = graph.value_at(node.inputs[1]).facts.shape;
            shape columns = turned;
            columns[0] = weights[0];
            node.inputs[1] = transposed_constant(graph, node.inputs[1], columns, back, weights);
        }
        graph.nodes[index].inputs[0] = graph.node_at(graph.producer_of(from)).inputs[0];
        return true;
    }

    template <class Graph> static constexpr bool read_by_dense_only(const Graph& graph, int value) {
        int readers = 0;
        for (const auto& node : graph.nodes)
            if (operator_if<dense>(node) != nullptr && node.inputs[0] == value && graph.is_constant(node.inputs[1]))
                ++readers;
        return readers > 0 && readers == graph.uses_of(value);
    }
};

} // namespace ctq::inline CTQ_TARGET

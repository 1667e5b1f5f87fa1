#pragma once
// absorb_transpose: a transpose before flattened dense layers goes into the order of their weights' columns.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/rewrite/axis_order.hpp>
#include <ctq/rewrite/pass.hpp>

#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

/// dense(flatten(transpose(x))) is dense(flatten(x)) with other columns, where the batch keeps its place and all
/// readers of the matrix are such layers. A run is one sweep; each step takes a reader from a transpose.
struct absorb_transpose {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "absorb_transpose";

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        bool changed = false;
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) changed |= absorb(graph, links, i);
        return changed;
    }

  private:
    /// dense(flatten(T(x))) for every reader of the flattened value.
    template <class Graph> static constexpr bool absorb(Graph& graph, connections<Graph>& links, int index) {
        if (operator_if<op::reshape>(graph.node_at(index)) == nullptr) return false;
        const int from = graph.node_at(index).inputs[0], flat = graph.node_at(index).output();
        const int before = links.producer_of(from);
        const op::transpose* op = before < 0 ? nullptr : operator_if<op::transpose>(graph.node_at(before));
        const shape turned = graph.value_at(from).facts.shape, flattened = graph.value_at(flat).facts.shape;
        if (op == nullptr || op->permutation[0] != 0) return false;
        if (flattened.rank != 2 || flattened[0] != turned[0]) return false;
        const std::vector<int> readers = links.readers_of(flat);
        if (!are_dense(graph, readers)) return false;
        const axis_order back = inverse(op->permutation, turned.rank);
        for (const int reader : readers)
            links.edit(reader, [&](auto& node) {
                const shape weights = graph.value_at(node.inputs[1]).facts.shape;
                shape columns = turned;
                columns[0] = weights[0];
                node.inputs[1] = transposed_constant(graph, node.inputs[1], columns, back, weights);
            });
        links.edit(index, [&](auto& node) { node.inputs[0] = graph.node_at(before).inputs[0]; });
        return true;
    }

    /// True when there are readers of a matrix and each is a dense layer of constant weights, whose first input it is.
    template <class Graph> static constexpr bool are_dense(const Graph& graph, const std::vector<int>& readers) {
        for (const int reader : readers) {
            if (reader == connections<Graph>::outside) return false;
            const auto& node = graph.node_at(reader);
            if (operator_if<op::dense>(node) == nullptr || !graph.is_constant(node.inputs[1])) return false;
        }
        return !readers.empty();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

#pragma once
// remove_identity: operators that change nothing go, and a reshape of a reshape becomes one.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/operators/clip.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/transpose.hpp>
#include <ctq/rewrite/pass.hpp>

namespace ctq::inline CTQ_TARGET::pass {

/// An identity, a clip within nothing, a reshape to the shape that is there; but where an input is an output,
/// one stays between them. A step takes a node out, or makes a reshape of a transpose that moves nothing.
struct remove_identity {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "remove_identity";

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        bool changed = false;
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            auto& node = graph.node_at(i);
            changed |= moves_unit_axes_only(graph, node);
            changed |= merge_reshapes(graph, links, i);
            if (!changes_nothing(graph, node) || joins_given_to_wanted(links, node)) continue;
            links.replace_uses(node.output(), node.inputs[0]);
            links.remove(i);
        }
        return links.compact() || changed;
    }

  private:
    /// A transpose that leaves the order of the elements as it is becomes a reshape.
    template <class Graph, class Node> static constexpr bool moves_unit_axes_only(const Graph& graph, Node& node) {
        const auto* op = operator_if<op::transpose>(node);
        if (op == nullptr) return false;
        const shape& from = graph.value_at(node.inputs[0]).facts.shape;
        std::int32_t last = -1;
        for (int axis = 0; axis < from.rank; ++axis) {
            const std::int32_t source = op->permutation[static_cast<std::size_t>(axis)];
            if (from[source] == 1) continue;
            if (source < last) return false;
            last = source;
        }
        set_operator(node, op::reshape{graph.value_at(node.output()).facts.shape});
        return true;
    }

    template <class Graph>
    static constexpr bool merge_reshapes(const Graph& graph, connections<Graph>& links, int index) {
        if (operator_if<op::reshape>(graph.node_at(index)) == nullptr) return false;
        const int before = links.producer_of(graph.node_at(index).inputs[0]);
        if (before < 0 || operator_if<op::reshape>(graph.node_at(before)) == nullptr) return false;
        links.edit(index, [&](auto& node) { node.inputs[0] = graph.node_at(before).inputs[0]; });
        return true;
    }

    template <class Graph, class Node> static constexpr bool changes_nothing(const Graph& graph, const Node& node) {
        if (operator_if<op::identity>(node) != nullptr) return true;
        if (const auto* op = operator_if<op::clip>(node)) return op->to.unbounded();
        return operator_if<op::reshape>(node) != nullptr &&
               graph.value_at(node.inputs[0]).facts.shape == graph.value_at(node.output()).facts.shape;
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

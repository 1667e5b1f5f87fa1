#pragma once
// share_transposes: equal transposes of one value become one, and one that changes nothing goes.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/rewrite/axis_order.hpp>
#include <ctq/rewrite/pass.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET {

/// A run is one sweep, and each step takes a node out.
struct share_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "share_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        const std::size_t before = graph.nodes.size();
        for (std::size_t i = 0; i < graph.nodes.size();) {
            const int same = same_value(graph, i);
            if (same >= 0) {
                graph.replace_uses(graph.nodes[i].output(), same);
                graph.erase_node(static_cast<int>(i));
            } else
                ++i;
        }
        return graph.nodes.size() != before;
    }

  private:
    /// The value that can be read instead of what the transpose makes, or -1; -1 for other nodes too.
    template <class Graph> static constexpr int same_value(const Graph& graph, std::size_t index) {
        const auto& node = graph.nodes[index];
        const auto* op = operator_if<transpose>(node);
        if (op == nullptr) return -1;
        const int from = node.inputs[0], rank = graph.value_at(from).facts.shape.rank;
        const axis_order order = order_of(*op, rank);
        if (order == unchanged_order && !joins_given_to_wanted(graph, node)) return from;
        for (std::size_t i = 0; i < index; ++i) {
            const auto* other = operator_if<transpose>(graph.nodes[i]);
            if (other != nullptr && graph.nodes[i].inputs[0] == from && order_of(*other, rank) == order)
                return graph.nodes[i].output();
        }
        return -1;
    }
};

} // namespace ctq::inline CTQ_TARGET

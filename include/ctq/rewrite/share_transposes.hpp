#pragma once
// share_transposes: equal transposes of one value become one, and one that changes nothing goes.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/rewrite/axis_order.hpp>
#include <ctq/rewrite/pass.hpp>

namespace ctq::inline CTQ_TARGET::pass {

/// A run is one sweep, and each step takes a node out.
struct share_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "share_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const int same = same_value(graph, links, i);
            if (same < 0) continue;
            links.replace_uses(graph.node_at(i).output(), same);
            links.remove(i);
        }
        return links.compact();
    }

  private:
    /// The value that can be read instead of what the transpose makes, or -1; -1 for other nodes too.
    template <class Graph> static constexpr int same_value(const Graph& graph, connections<Graph>& links, int index) {
        const auto& node = graph.node_at(index);
        const auto* op = operator_if<op::transpose>(node);
        if (op == nullptr) return -1;
        const int from = node.inputs[0], rank = graph.value_at(from).facts.shape.rank;
        const axis_order order = order_of(*op, rank);
        if (order == unchanged_order && !joins_given_to_wanted(graph, node)) return from;
        for (const int reader : links.readers_of(from)) {
            if (reader == links.outside || reader >= index) continue;
            const auto* other = operator_if<op::transpose>(graph.node_at(reader));
            if (other != nullptr && order_of(*other, rank) == order) return graph.node_at(reader).output();
        }
        return -1;
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

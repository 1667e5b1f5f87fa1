#pragma once
// share_transposes: equal transposes of one value become one, and one that changes nothing goes.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/rewrite/axis_order.hpp>
#include <ctq/rewrite/pass.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

namespace detail {

/// One run of share_transposes: a sweep over the nodes in their order.
template <class Graph> class transpose_sharing {
  public:
    constexpr explicit transpose_sharing(Graph& graph) : graph_(graph), links_(graph) {}

    constexpr bool run() {
        for (int i = 0; i < static_cast<int>(graph_.nodes.size()); ++i) {
            const auto& node = graph_.node_at(i);
            const auto* op = operator_if<op::transpose>(node);
            if (op == nullptr) continue;
            const int same = same_value(node, *op);
            if (same < 0) continue;
            links_.replace_uses(node.output(), same);
            links_.remove(i);
        }
        return links_.compact();
    }

  private:
    /// A transpose that stays, in a list of those of one value.
    struct seen_transpose {
        axis_order order;
        int output, before;
    };

    /// The value that can be read instead of what the transpose makes; -1, and a note of it, if there is none.
    template <class Node> constexpr int same_value(const Node& node, const op::transpose& op) {
        const int from = node.inputs[0];
        const axis_order order = order_of(op, graph_.value_at(from).facts.shape.rank);
        if (order == unchanged_order && !joins_given_to_wanted(links_, node)) return from;
        latest_.resize(graph_.values.size(), -1);
        int& latest = latest_[static_cast<std::size_t>(from)];
        for (int at = latest; at >= 0; at = seen_[static_cast<std::size_t>(at)].before)
            if (seen_[static_cast<std::size_t>(at)].order == order) return seen_[static_cast<std::size_t>(at)].output;
        seen_.push_back({order, node.output(), std::exchange(latest, static_cast<int>(seen_.size()))});
        return -1;
    }

    Graph& graph_;
    connections<Graph> links_;
    std::vector<seen_transpose> seen_;
    std::vector<int> latest_; ///< of each value, into seen_
};

} // namespace detail

/// A run is one sweep, and each step takes a node out.
struct share_transposes {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "share_transposes";

    template <class Graph> static constexpr bool run(Graph& graph) {
        return detail::transpose_sharing<Graph>(graph).run();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

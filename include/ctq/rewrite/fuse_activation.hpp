#pragma once
// fuse_activation: a clamping operator becomes the activation of its producer.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/rewrite/pass.hpp>

namespace ctq::inline CTQ_TARGET::pass {

/// relu(conv(x)) is conv(x) within bounds, where the producer takes an activation and has no other reader; a second
/// clamp is chained to the first. Each step takes a node out.
struct fuse_activation {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fuse_activation";
    static constexpr pass_phase phase = pass_phase::fuse;

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const int producer = links.sole_producer_of_first(i);
            if (producer >= 0 && fuse(graph.node_at(producer), graph.node_at(i))) links.absorb_consumer(producer, i);
        }
        return links.compact();
    }

  private:
    template <class Node> static constexpr bool fuse(Node& producer, const Node& activation) {
        return visit_operator(activation, [&](const auto& clamp) {
            if constexpr (clamping<std::remove_cvref_t<decltype(clamp)>>) {
                return visit_operator(producer, [&](auto& op) {
                    if constexpr (takes_activation<std::remove_cvref_t<decltype(op)>>) {
                        op.activation = chained(op.activation, clamp.activation_bounds());
                        return true;
                    } else
                        return false;
                });
            } else
                return false;
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

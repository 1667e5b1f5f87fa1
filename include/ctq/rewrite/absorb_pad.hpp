#pragma once
// absorb_pad: a border before a convolution or a pool becomes its own padding, where that means the same.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/operators/pad.hpp>
#include <ctq/operators/window.hpp>
#include <ctq/rewrite/pass.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET::pass {

/// Where the border lies around the image alone and only that operator reads it, which says what it takes
/// (`absorb_border`). A run is one sweep, and each step takes a node out.
struct absorb_pad {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "absorb_pad";
    static constexpr pass_phase phase = pass_phase::fuse;

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const auto& before = graph.node_at(i);
            const auto* pad = operator_if<op::pad>(before);
            if (pad == nullptr || !around_image(*pad)) continue;
            const int reader = links.sole_reader(before.output());
            if (reader < 0 || graph.node_at(reader).inputs[0] != before.output()) continue;
            if (!absorb(graph.node_at(reader), border_of(*pad, least_of(graph, links, before.inputs[0])))) continue;
            links.edit(reader, [&](auto& node) {
                node.inputs[0] = before.inputs[0];
                node.origins.insert(node.origins.end(), before.origins.begin(), before.origins.end());
            });
            links.remove(i);
        }
        return links.compact();
    }

  private:
    template <class Node> static constexpr bool absorb(Node& reader, const op::image_border& border) {
        return visit_operator(reader, [&]<class Op>(Op& op) {
            if constexpr (requires { op.absorb_border(border); })
                return op.absorb_border(border);
            else
                return false;
        });
    }

    static constexpr bool around_image(const op::pad& pad) {
        return pad.before[0] == 0 && pad.after[0] == 0 && pad.before[3] == 0 && pad.after[3] == 0;
    }

    static constexpr op::image_border border_of(const op::pad& pad, float least) {
        return {{pad.before[1], pad.before[2], pad.after[1], pad.after[2]}, pad.value, least};
    }

    /// As far as the operator that makes the value says it.
    template <class Graph> static constexpr float least_of(const Graph& graph, connections<Graph>& links, int value) {
        const int producer = links.producer_of(value);
        if (producer < 0) return bounds::none().low;
        return visit_operator(graph.node_at(producer), [](const auto& op) { return clamp_of(op).low; });
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

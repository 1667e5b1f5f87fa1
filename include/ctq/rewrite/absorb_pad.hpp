#pragma once
// absorb_pad: a zero border before a convolution becomes the convolution's own padding.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/pad.hpp>
#include <ctq/rewrite/pass.hpp>

namespace ctq::inline CTQ_TARGET::pass {

/// Where the border is zero, lies around the image alone, and only the convolution reads it. A run is one sweep, and
/// each step takes a node out.
struct absorb_pad {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "absorb_pad";
    static constexpr pass_phase phase = pass_phase::fuse;

    template <class Graph> static constexpr bool run(Graph& graph) {
        connections links(graph);
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            const auto& before = graph.node_at(i);
            const auto* border = operator_if<op::pad>(before);
            if (border == nullptr || !around_image(*border)) continue;
            const int reader = links.sole_reader(before.output());
            auto* conv = reader < 0 ? nullptr : operator_if<op::conv2d>(graph.node_at(reader));
            if (conv == nullptr || graph.node_at(reader).inputs[0] != before.output()) continue;
            if (!has_room(*conv, *border)) continue;
            for (std::size_t axis = 0; axis < 2; ++axis) {
                conv->padding[axis] += border->before[axis + 1];
                conv->padding[axis + 2] += border->after[axis + 1];
            }
            links.edit(reader, [&](auto& node) {
                node.inputs[0] = before.inputs[0];
                node.origins.insert(node.origins.end(), before.origins.begin(), before.origins.end());
            });
            links.remove(i);
        }
        return links.compact();
    }

  private:
    static constexpr bool has_room(const op::conv2d& conv, const op::pad& border) {
        for (std::size_t axis = 0; axis < 2; ++axis)
            if (border.before[axis + 1] > op::window::limit - conv.padding[axis] ||
                border.after[axis + 1] > op::window::limit - conv.padding[axis + 2])
                return false;
        return true;
    }

    static constexpr bool around_image(const op::pad& border) {
        return border.value == 0.0f && border.before[0] == 0 && border.after[0] == 0 && border.before[3] == 0 &&
               border.after[3] == 0;
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

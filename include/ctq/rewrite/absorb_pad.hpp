#pragma once
// absorb_pad: a zero border before a convolution becomes the convolution's own padding.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/pad.hpp>
#include <ctq/rewrite/pass.hpp>

namespace ctq::inline CTQ_TARGET {

struct absorb_pad {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "absorb_pad";

    template <class Graph> static constexpr bool run(Graph& graph) {
        const std::size_t before_run = graph.nodes.size();
        for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
            auto* conv = operator_if<conv2d>(graph.node_at(i));
            if (conv == nullptr) continue;
            const int before = sole_producer(graph, graph.node_at(i).inputs[0]);
            const auto* border = before < 0 ? nullptr : operator_if<pad>(graph.node_at(before));
            if (border == nullptr || !around_image(*border) || !has_room(*conv, *border)) continue;
            for (std::size_t axis = 0; axis < 2; ++axis) {
                conv->padding[axis] += border->before[axis + 1];
                conv->padding[axis + 2] += border->after[axis + 1];
            }
            graph.node_at(i).inputs[0] = graph.node_at(before).inputs[0];
            for (const auto& origin : graph.node_at(before).origins) graph.node_at(i).origins.push_back(origin);
            graph.erase_node(before);
            --i;
        }
        return graph.nodes.size() != before_run;
    }

  private:
    static constexpr bool has_room(const conv2d& conv, const pad& border) {
        for (std::size_t axis = 0; axis < 2; ++axis)
            if (border.before[axis + 1] > window::limit - conv.padding[axis] ||
                border.after[axis + 1] > window::limit - conv.padding[axis + 2])
                return false;
        return true;
    }

    static constexpr bool around_image(const pad& border) {
        return border.value == 0.0f && border.before[0] == 0 && border.after[0] == 0 && border.before[3] == 0 &&
               border.after[3] == 0;
    }
};

} // namespace ctq::inline CTQ_TARGET

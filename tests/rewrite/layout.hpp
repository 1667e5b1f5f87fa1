#pragma once
// The three layout passes together, as prepare() runs them; and a layer that no transpose passes.

#include <ctq/rewrite/raise_transposes.hpp>
#include <ctq/rewrite/share_transposes.hpp>
#include <ctq/rewrite/sink_transposes.hpp>

#include <laws/graph_pass.hpp>

#include <string>

namespace ctq::testing {

inline constexpr op::transpose channels_last{{0, 2, 3, 1, 4, 5}}, channels_first{{0, 3, 1, 2, 4, 5}};

/// An image layer, in NHWC.
inline layer pool(builder& b, layer x) {
    return b.max_pool(x, {.kernel = {2, 2}, .padding = {0, 0, 1, 1}});
}

/// What is left of a graph when the passes rest: each keeps its laws on the way, and the rest is reached in few rounds.
inline default_graph with_layout(default_graph graph) {
    for (int round = 0; round < 5; ++round) {
        const default_graph before = graph;
        laws::check_graph_pass_on<pass::share_transposes>(graph);
        pass::share_transposes::run(graph);
        laws::check_graph_pass_on<pass::sink_transposes>(graph);
        pass::sink_transposes::run(graph);
        laws::check_graph_pass_on<pass::raise_transposes>(graph);
        pass::raise_transposes::run(graph);
        pass::remove_dead::run(graph);
        if (laws::same_graph(before, graph)) return graph;
    }
    FAIL("the layout passes do not come to rest");
    return graph;
}

/// The operators of that, in order.
inline std::string layout_of(const default_graph& graph) {
    return laws::operators_of(with_layout(graph));
}

} // namespace ctq::testing

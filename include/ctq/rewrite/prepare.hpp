#pragma once
// prepare: the passes of a registry, in its order, until the graph is what quantization expects.
// room: rewrite | runs on: compiler + host

#include <ctq/rewrite/pass.hpp>

namespace ctq {

/// Runs every registered pass in the registry's order, again and again until none changes anything.
template <class Registry, class Graph> constexpr Graph prepare(Graph graph, const Registry&) {
    static_assert(hana::unpack(Registry::passes(),
                               [](auto... each) { return (graph_pass<typename decltype(each)::type, Graph> && ...); }),
                  "ctq: prepare: a graph_pass is required; give the type a name and static bool run(graph)");
    for (bool changed = true; changed;) {
        changed = false;
        Registry::for_each(Registry::passes(), [&](auto each) {
            using pass = typename decltype(each)::type;
            if constexpr (graph_pass<pass, Graph>) changed |= pass::run(graph);
        });
    }
    return graph;
}

} // namespace ctq

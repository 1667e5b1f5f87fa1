#pragma once
// prepare: the passes of a registry, in its order, until the graph is what quantization expects.
// room: rewrite | runs on: compiler + host

#include <ctq/rewrite/pass.hpp>

namespace ctq {

/// Runs every registered pass in the registry's order, again and again until none changes anything.
template <class Registry, class Graph> constexpr Graph prepare(Graph graph, const Registry&) {
    for (bool changed = true; changed;) {
        changed = false;
        Registry::for_each(Registry::passes(), [&](auto pass) { changed |= decltype(pass)::type::run(graph); });
    }
    return graph;
}

} // namespace ctq

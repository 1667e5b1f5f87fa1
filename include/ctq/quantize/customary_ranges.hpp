#pragma once
// customary_ranges: the values of a graph whose ranges no calibration strategy cuts: those of operators that have a
// customary one.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET {

/// For each value of a graph whether an operator with a customary range makes it.
template <class Graph> constexpr flags customary_values(const Graph& graph) {
    flags found(graph.values.size(), 0);
    for (const auto& node : graph.nodes)
        if (traits_of_node(node).output_range == range_rule::customary)
            for (const int output : node.outputs) found[static_cast<std::size_t>(output)] = 1;
    return found;
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// position_bounds: which numbers may stand in a graph's inputs that positions are read from.
// room: host | runs on: host | heap: yes

#include <ctq/core/quantization.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/registry/operation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

/// Narrows what the inputs of a node may hold, where `within` says it of its outputs.
template <class Graph, class Node>
void narrow_inputs(const Graph& graph, const Node& node, std::vector<interval>& within) {
    const auto shape_of = [&](int value) -> const shape& { return graph.value_at(value).facts.shape; };
    visit_operator(node, [&]<class Op>(const Op& op) {
        std::vector<shape> in;
        for (const int input : node.inputs) in.push_back(shape_of(input));
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            interval& own = within[static_cast<std::size_t>(node.inputs[i])];
            const auto narrow = [&](const interval& to) {
                own = {std::max(own.low, to.low), std::min(own.high, to.high)};
            };
            if (role_of<Op>(i) == operand_role::positions) {
                if (const std::int64_t count = places(op, in); count > 0) narrow({-count, count - 1});
            } else if (traits_of<Op>.moves_elements && in[i].elements() <= shape_of(node.output()).elements()) {
                narrow(within[static_cast<std::size_t>(node.output())]);
            }
        }
    });
}

} // namespace detail

/// For each input of a graph an interval of what it may hold: of one whose elements are positions, directly or behind
/// nodes that only move elements and pass on no fewer, the places that there are; else all numbers. An operator takes
/// the nearest place for one that is not there, so that a wrong file would pass for a right one.
template <class Graph> [[nodiscard]] std::vector<interval> position_bounds(const Graph& graph) {
    constexpr interval all{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
    std::vector<interval> within(graph.values.size(), all), of_inputs;
    for (std::size_t i = graph.nodes.size(); i-- > 0;) detail::narrow_inputs(graph, graph.nodes[i], within);
    for (const port& input : graph.inputs) of_inputs.push_back(within[static_cast<std::size_t>(input.value)]);
    return of_inputs;
}

} // namespace ctq::inline CTQ_TARGET::host

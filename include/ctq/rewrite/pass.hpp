#pragma once
// What a pass is: one constexpr function from graph to graph, run by the compiler and by the tool alike.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/graph/unique_name.hpp>
#include <ctq/registry/registry.hpp>

#include <algorithm>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// When a pass runs: on the float graph, to bring it into one form (canonical) or to join its layers (fuse), or on the
/// annotated graph.
enum class pass_phase : std::uint8_t { canonical, fuse, annotated };

/// A pass that names no phase is canonical.
template <class Pass>
constexpr pass_phase phase_of = [] {
    if constexpr (requires { Pass::phase; })
        return Pass::phase;
    else
        return pass_phase::canonical;
}();

/// run() tells whether it changed the graph. A pass that makes constants has a second form, run(graph, budget), which
/// takes their elements from a folding_budget; prepare calls that one. Laws: the float function of the graph stays (up
/// to rounding); the names and shapes of inputs and outputs stay; a second run right after the first changes nothing.
template <class Pass, class Graph>
concept graph_pass = operator_graph<Graph> && registered_as<Pass, pass_tag> && requires(Graph& graph) {
    { Pass::name } -> std::convertible_to<std::string_view>;
    { Pass::run(graph) } -> std::same_as<bool>;
};

namespace pass {

/// An output of the graph and what is written to a state keep a node of their own between them and an input, a constant
/// or what a state holds; this is true of that node.
template <class Graph, class Node> constexpr bool joins_given_to_wanted(const Graph& graph, const Node& node) {
    return graph.is_given(node.inputs[0]) && graph.is_wanted(node.output());
}

/// `wanted`, with a number behind it if a value of the graph has that name already.
template <class Graph> constexpr text unused_value_name(const Graph& graph, const text& wanted) {
    return unique_name(wanted, [&](std::string_view name) {
        return std::ranges::none_of(graph.values, [&](const value& each) { return each.name == name; });
    });
}

} // namespace pass

} // namespace ctq::inline CTQ_TARGET

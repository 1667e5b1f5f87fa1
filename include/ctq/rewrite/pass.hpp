#pragma once
// What a pass is: one constexpr function from graph to graph, run by the compiler and by the tool alike.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/graph/name_set.hpp>
#include <ctq/registry/registry.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// When a pass runs: on the float graph, to bring it into one form (canonical), or, when it has that form, to join its
/// layers (fuse); or on the annotated graph.
enum class pass_phase : std::uint8_t { canonical, fuse, annotated };

/// True when the phase that `Pass` names, if it does, is a constant of that type.
template <class Pass>
concept states_constant_phase = !requires {
    Pass::phase;
}
|| requires {
    typename std::integral_constant<pass_phase, Pass::phase>;
    requires std::same_as<decltype(Pass::phase), const pass_phase>;
};

/// A pass that names no phase is canonical.
template <class Pass>
constexpr pass_phase phase_of = [] {
    if constexpr (requires { Pass::phase; })
        return Pass::phase;
    else
        return pass_phase::canonical;
}();

/// run() tells whether it changed the graph. A pass that makes constants has a second form, run(graph, budget), which
/// takes what they cost from a folding_budget; prepare calls that one. Laws: the float function of the graph stays (up
/// to rounding); the names and shapes of inputs and outputs stay, but that of rows that the data fill, where constants
/// say how many these are; a second run right after the first changes nothing.
template <class Pass, class Graph>
concept graph_pass = operator_graph<Graph> && registered_as<Pass, pass_tag> && requires(Graph& graph) {
    { Pass::name } -> std::convertible_to<std::string_view>;
    { Pass::run(graph) } -> std::same_as<bool>;
};

namespace pass {

/// An output of the graph and what is written to a state keep a node of their own between them and an input, a constant
/// or what a state holds; this is true of that node.
template <class Graph, class Node> constexpr bool joins_given_to_wanted(connections<Graph>& links, const Node& node) {
    return links.producer_of(node.inputs[0]) < 0 && links.is_wanted(node.output());
}

/// Names for the values and the nodes that a pass adds: like none that one of the graph has, or was made of, when the
/// first is asked for, and like no other. What the pass itself names otherwise must have a name that was there. Most
/// runs ask for none, and pay nothing.
template <class Graph> class new_names {
  public:
    constexpr explicit new_names(const Graph& graph) : graph_(graph) {}

    /// `wanted`, with a number behind it where a value has that name.
    constexpr text for_value(const text& wanted) { return unused(wanted, values_, graph_.values); }
    /// The same where a node has it.
    constexpr text for_node(const text& wanted) { return unused(wanted, nodes_, graph_.nodes); }

  private:
    template <class Named>
    static constexpr text unused(const text& wanted, name_set& taken, const std::vector<Named>& named) {
        if (taken.size() == 0)
            for (const Named& each : named) {
                taken.take(each.name);
                if constexpr (requires { each.origins; })
                    for (const text& origin : each.origins) taken.take(origin);
            }
        return taken.take_like(wanted);
    }

    const Graph& graph_;
    name_set values_, nodes_;
};

} // namespace pass

} // namespace ctq::inline CTQ_TARGET

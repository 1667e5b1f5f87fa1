#pragma once
// prepare: the passes of a registry, in its order, until the graph is what quantization expects.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/folding_budget.hpp>
#include <ctq/rewrite/pass.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// What is said of a pass that still changes the graph when the rounds are spent.
template <class Pass> struct without_rest {
    static constexpr std::string_view before = "the pass ", name = Pass::name,
                                      after = " does not come to rest: it still changes the graph after 4 * nodes + "
                                              "100 rounds; its run() must say true only when it brought the graph "
                                              "nearer to an end";
    static constexpr auto text = [] {
        std::array<char, before.size() + name.size() + after.size() + 1> result{};
        std::ranges::copy(after, std::ranges::copy(name, std::ranges::copy(before, result.begin()).out).out);
        return result;
    }();
};

/// Runs a pass once. One that makes constants takes their elements from what all passes together may make.
template <class Pass, class Graph> constexpr bool run_pass(Graph& graph, folding_budget& budget) {
    if constexpr (requires { Pass::run(graph, budget); })
        return Pass::run(graph, budget);
    else
        return Pass::run(graph);
}

/// See run_passes.
template <auto Wanted, class Registry, operator_graph Graph> constexpr void repeat_passes(Graph& graph) {
    std::size_t rounds_left = 4 * graph.nodes.size() + 100;
    folding_budget budget;
    const char* pass_without_rest = ""; // not a null pointer: see domain::encode_residual
    bool changed = false;
    do {
        changed = false;
        Registry::for_each(Registry::passes(), [&](auto each) {
            using candidate = typename decltype(each)::type;
            if constexpr (graph_pass<candidate, Graph> && Wanted(phase_of<candidate>))
                if (run_pass<candidate>(graph, budget)) {
                    changed = true;
                    pass_without_rest = without_rest<candidate>::text.data();
                }
        });
        if (changed && rounds_left-- == 0) fail(pass_without_rest);
    } while (changed);
}

/// Runs the passes that `Wanted` picks, in the registry's order, again and again until none changes anything. Faults,
/// naming the pass, when one still changes something after 4 rounds for each node of the graph and 100 more.
template <auto Wanted, class Registry, class Graph> constexpr void run_passes(Graph& graph) {
    static_assert(operator_graph<Graph>,
                  "ctq: prepare: a graph is required; finish a builder, or call the function that makes the graph");
    static_assert(
        !operator_graph<Graph> ||
            hana::unpack(Registry::passes(),
                         [](auto... each) { return (graph_pass<typename decltype(each)::type, Graph> && ...); }),
        "ctq: prepare: a graph_pass is required; give the type a name and static bool run(graph)");
    if constexpr (operator_graph<Graph>) repeat_passes<Wanted, Registry>(graph);
}

} // namespace detail

/// The float graph after all registered passes but the annotated ones. Faults, naming the pass, when one does not come
/// to rest, and where the constants that passes make would hold more than `most_folded_elements` together.
template <class Registry, class Graph> constexpr Graph prepare(Graph graph, const Registry&) {
    detail::run_passes<[](pass_phase phase) { return phase != pass_phase::annotated; }, Registry>(graph);
    return graph;
}

/// The annotated graph after the passes of that phase. Faults as prepare does.
template <class Registry, class Graph> constexpr Graph post_process(Graph graph, const Registry&) {
    detail::run_passes<[](pass_phase phase) { return phase == pass_phase::annotated; }, Registry>(graph);
    return graph;
}

} // namespace ctq::inline CTQ_TARGET

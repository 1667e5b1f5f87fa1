#pragma once
// prepare: the passes of a registry, phase by phase and in its order, until the graph is what quantization expects.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/folding_budget.hpp>
#include <ctq/rewrite/pass.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// "the pass NAME does not come to rest: WHAT".
template <class Pass, std::size_t Size> constexpr auto restless_text(const char (&what)[Size]) {
    constexpr std::string_view before = "the pass ", name = Pass::name, between = " does not come to rest: ";
    std::array<char, before.size() + name.size() + between.size() + Size> result{};
    auto end = result.begin();
    for (const std::string_view part : {before, name, between, std::string_view(what)})
        end = std::ranges::copy(part, end).out;
    return result;
}

/// Faults as fail() does, with names of their own, so that the compiler's error says what happens to which pass.
template <class Pass> [[noreturn]] void pass_changes_for_ever() {
    static constexpr auto text = restless_text<Pass>(
        "it still changes the graph after 4 * nodes + 100 rounds; its run() must say true only when "
        "it brought the graph nearer to an end");
    fail(text.data());
}
template <class Pass> [[noreturn]] void pass_makes_nodes_for_ever() {
    static constexpr auto text = restless_text<Pass>(
        "it makes more than the 16 * nodes + 200 nodes that passes may make of a graph; its run() must "
        "not add to what it made itself");
    fail(text.data());
}

/// One call of prepare or post_process.
template <class Graph, class... Passes> class pass_runner {
  public:
    constexpr explicit pass_runner(Graph& graph)
        : graph_(graph), rounds_left_(4 * graph.nodes.size() + 100), most_nodes_(16 * graph.nodes.size() + 200) {}

    /// Runs the passes of a phase, again and again, until none changes anything. True if one did.
    template <pass_phase Phase> constexpr bool run_to_rest() {
        const std::size_t before = changes_;
        for (std::size_t round = changes_; run_once<Phase>(), changes_ != round; round = changes_)
            if (rounds_left_-- == 0) fail_of_rounds();
        return changes_ != before;
    }

  private:
    template <pass_phase Phase> constexpr void run_once() {
        [[maybe_unused]] std::size_t index = 0;
        (run_in<Phase, Passes>(index++), ...);
    }

    /// Unless nothing changed since the pass last changed nothing.
    template <pass_phase Phase, class Pass> constexpr void run_in([[maybe_unused]] std::size_t index) {
        if constexpr (phase_of<Pass> == Phase) {
            if (rested_at_[index] == changes_) return;
            if (!run<Pass>()) {
                rested_at_[index] = changes_;
                return;
            }
            ++changes_;
            changed_last_ = index;
            if (graph_.nodes.size() > most_nodes_) pass_makes_nodes_for_ever<Pass>();
        }
    }

    /// One that makes constants takes what they cost from what all passes together may make.
    template <class Pass> constexpr bool run() {
        if constexpr (requires { Pass::run(graph_, budget_); })
            return Pass::run(graph_, budget_);
        else
            return Pass::run(graph_);
    }

    constexpr void fail_of_rounds() const {
        [[maybe_unused]] std::size_t index = 0;
        (fail_if_last<Passes>(index++), ...);
    }

    template <class Pass> constexpr void fail_if_last(std::size_t index) const {
        if (index == changed_last_) pass_changes_for_ever<Pass>();
    }

    Graph& graph_;
    std::size_t rounds_left_, most_nodes_;
    folding_budget budget_;
    std::size_t changed_last_ = 0;                           ///< the pass that changed the graph last
    std::size_t changes_ = 1;                                ///< one more for each run that changed the graph
    std::array<std::size_t, sizeof...(Passes)> rested_at_{}; ///< of each pass: `changes_` when it last changed nothing
};

template <class... Passes> struct pass_list {
    template <class Graph> static constexpr bool are_passes = (graph_pass<Passes, Graph> && ...);
    static constexpr bool have_phase = (states_constant_phase<Passes> && ...);
    template <class Graph> using runner = pass_runner<Graph, Passes...>;
};

template <class Types> constexpr auto pass_list_of(const Types& types) {
    return hana::unpack(types, [](auto... each) { return pass_list<typename decltype(each)::type...>(); });
}

/// What is said where a list of passes cannot run on a `Graph`: by a class, so that it is said once.
template <class Passes, class Graph> struct passes_that_cannot_run {
    static constexpr bool have_graph = operator_graph<Graph>, are_passes = Passes::template are_passes<Graph>;
    static_assert(have_graph,
                  "ctq: prepare: a graph is required; finish a builder, or call the function that makes the graph");
    static_assert(!have_graph || are_passes,
                  "ctq: prepare: a graph_pass is required; give the type a name and static bool run(graph)");
    static_assert(!have_graph || !are_passes,
                  "ctq: prepare: a pass_phase constant is required; write static constexpr auto phase = "
                  "ctq::pass_phase::fuse");
};

/// Calls run(runner), which runs the registry's passes on the graph.
template <class Registry, class Graph, class Run> constexpr void with_passes(Graph& graph, Run run) {
    using passes = decltype(pass_list_of(Registry::passes()));
    if constexpr (operator_graph<Graph> && passes::template are_passes<Graph> && passes::have_phase)
        run(typename passes::template runner<Graph>(graph));
    else
        static_cast<void>(passes_that_cannot_run<passes, Graph>());
}

} // namespace detail

/// The float graph after all registered passes but the annotated ones: the canonical ones run until none changes
/// anything, then those that fuse, and so on by turns until neither do; those of a phase in the registry's order.
/// Faults, naming the pass, when one does not come to rest: when it still changes something after 4 rounds for each
/// node of the graph and 100 more, or when it leaves more than 16 nodes for each and 200 more. And where the constants
/// that passes make would take more memory or time together than a folding_budget has.
template <class Registry, class Graph> constexpr Graph prepare(Graph graph, const Registry&) {
    detail::with_passes<Registry>(graph, [](auto runner) {
        do runner.template run_to_rest<pass_phase::canonical>();
        while (runner.template run_to_rest<pass_phase::fuse>());
    });
    return graph;
}

/// The annotated graph after the passes of that phase. Faults as prepare does.
template <class Registry, class Graph> constexpr Graph post_process(Graph graph, const Registry&) {
    detail::with_passes<Registry>(graph, [](auto runner) { runner.template run_to_rest<pass_phase::annotated>(); });
    return graph;
}

} // namespace ctq::inline CTQ_TARGET

#include <ctq/rewrite/prepare.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

namespace {

template <class Make> constexpr auto prepared_outputs() {
    constexpr auto outputs = [] { return laws::outputs_of(prepare(Make{}(), default_registry)); };
    std::array<float, outputs().size()> result{};
    const auto all = outputs();
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = all[i];
    return result;
}

struct restless {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "restless";
    template <class Graph> static constexpr bool run(Graph& graph) {
        ++rounds;
        return !graph.nodes.empty();
    }
    static inline int rounds = 0;
};

/// Folds nothing, and takes an element for it until three are taken.
template <char Name> struct takes_an_element {
    using registered_kind = pass_tag;
    static constexpr char letter = Name;
    static constexpr std::string_view name{&letter, 1};
    template <class Graph> static constexpr bool run(Graph&) { return false; }
    template <class Graph> static constexpr bool run(Graph&, folding_budget& budget) {
        return budget.taken() < 3 && budget.take(1);
    }
};

/// Gives the graph a name, in a phase.
template <pass_phase Phase> struct names {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = Phase == pass_phase::annotated ? "late" : "early";
    static constexpr pass_phase phase = Phase;
    template <class Graph> static constexpr bool run(Graph& graph) {
        const bool changes = !(graph.name == name);
        graph.name = name;
        return changes;
    }
};

} // namespace

TEST_CASE("prepare: passes over the annotated graph wait for post_process, which runs no other") {
    constexpr registry<names<pass_phase::annotated>, names<pass_phase::fuse>> two{};
    CHECK(prepare(default_graph{}, two).name == "early");
    CHECK(post_process(default_graph{}, two).name == "late");
}

TEST_CASE("prepare: what all passes fold in all rounds counts together") {
    constexpr registry<takes_an_element<'a'>, restless> one{};
    restless::rounds = 0;
    prepare(default_graph{}, one);
    CHECK(restless::rounds == 4); // three in which the pass took something, and one in which none changed anything
    constexpr registry<takes_an_element<'a'>, takes_an_element<'b'>, restless> both{};
    restless::rounds = 0;
    prepare(default_graph{}, both);
    CHECK(restless::rounds == 3);
}

TEST_CASE("prepare: every registered pass keeps its laws on what the others leave") {
    laws::check_graph_passes(default_registry);
}

TEST_CASE("prepare: comes to rest, keeps the function, and the compiler gets the same") {
    laws::for_each_graph([](const std::string& name, auto make) {
        CAPTURE(name);
        const default_graph before = make(), graph = prepare(before, default_registry);
        CHECK(laws::same_graph(prepare(graph, default_registry), graph));
        CHECK_NOTHROW(validate(graph));
        laws::check_same_function(before, graph, laws::fixed_inputs(before));
        const std::vector<float> found = laws::outputs_of(graph);
        static constexpr auto in_compiler = prepared_outputs<decltype(make)>();
        CHECK(std::equal(found.begin(), found.end(), in_compiler.begin(), in_compiler.end()));
        CHECK(laws::count_of<op::batch_normalization>(graph) == 0);
        CHECK(laws::count_of<op::pad>(graph) == 0);
        for (const auto& node : graph.nodes) // a value cannot be given and wanted
            if (operator_if<op::identity>(node) != nullptr)
                CHECK((graph.is_given(node.inputs[0]) && graph.is_wanted(node.output())));
    });
}

TEST_CASE("prepare: what is left of the graphs") {
    const auto operators = [](const default_graph& graph) {
        return laws::operators_of(prepare(graph, default_registry));
    };
    CHECK(operators(laws::normalized_convolution()) == "conv2d reshape dense reshape dense");
    CHECK(operators(laws::channels_first()) ==
          "transpose conv2d conv2d conv2d add multiply max_pool reshape reduce_mean dense");
    CHECK(operators(laws::reshaped()) == "reshape add reshape dense reshape softmax transpose reshape");
}

TEST_CASE("prepare: a pass that does not come to rest is a fault that names it, after 4 rounds a node and 100 more") {
    constexpr auto passes = registry<pass::fold_constants, restless, pass::remove_dead>{};
    restless::rounds = 0;
    CHECK_NOTHROW(prepare(default_graph{}, passes));
    CHECK(restless::rounds == 1);
    builder b;
    const layer x = b.input("x", {2});
    const default_graph graph = b.finish(b.add(b.add(x, x), x));
    restless::rounds = 0;
    CHECK_THROWS_WITH_AS(prepare(graph, passes),
                         "the pass restless does not come to rest: it still changes the graph after 4 * nodes + 100 "
                         "rounds; its run() must say true only when it brought the graph nearer to an end",
                         model_error);
    CHECK(restless::rounds == 4 * 2 + 100 + 1);
}

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
        return budget.bytes_made() < 3 && budget.take({.made = 1}).empty();
    }
};

std::ptrdiff_t count_in_name(const default_graph& graph, char letter) {
    return std::ranges::count(graph.name.view(), letter);
}

/// Writes its letter behind the graph's name, `Most` times in all.
template <char Letter, pass_phase Phase, int Most> struct writes {
    using registered_kind = pass_tag;
    static constexpr char letter = Letter;
    static constexpr std::string_view name{&letter, 1};
    static constexpr pass_phase phase = Phase;
    template <class Graph> static bool run(Graph& graph) {
        if (count_in_name(graph, Letter) == Most) return false;
        graph.name = graph.name + name;
        return true;
    }
};

/// Writes an r for each f. It names no phase.
struct answers_f {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "answers_f";
    template <class Graph> static bool run(Graph& graph) {
        if (count_in_name(graph, 'r') == count_in_name(graph, 'f')) return false;
        graph.name = graph.name + "r";
        return true;
    }
};

/// Makes as many nodes as there are and one more, so often.
template <int Times> struct doubles {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "doubles";
    template <class Graph> static bool run(Graph& graph) {
        if (count_in_name(graph, 'd') == Times) return false;
        graph.name = graph.name + "d";
        graph.nodes.resize(2 * graph.nodes.size() + 1);
        return true;
    }
};

} // namespace

TEST_CASE("prepare: passes over the annotated graph wait for post_process, which runs no other") {
    constexpr registry<writes<'a', pass_phase::annotated, 1>, writes<'f', pass_phase::fuse, 1>> two{};
    CHECK(prepare(default_graph{}, two).name == "f");
    CHECK(post_process(default_graph{}, two).name == "a");
}

TEST_CASE("prepare: passes that fuse wait until the canonical ones rest, which run again when one did") {
    constexpr registry<writes<'f', pass_phase::fuse, 2>, writes<'c', pass_phase::canonical, 3>, answers_f> three{};
    CHECK(prepare(default_graph{}, three).name == "cccffrr");
}

TEST_CASE("prepare: what all passes fold in all rounds counts together") {
    constexpr registry<takes_an_element<'a'>, restless> one{};
    restless::rounds = 0;
    prepare(default_graph{}, one);
    CHECK(restless::rounds == 3); // in which the pass took something; in the fourth it is not asked: nothing changed
    constexpr registry<takes_an_element<'a'>, takes_an_element<'b'>, restless> both{};
    restless::rounds = 0;
    prepare(default_graph{}, both);
    CHECK(restless::rounds == 2);
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
        connections links(graph);
        for (const auto& node : graph.nodes) // a value cannot be given and wanted
            if (operator_if<op::identity>(node) != nullptr) CHECK(pass::joins_given_to_wanted(links, node));
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

TEST_CASE("prepare: a pass that makes nodes for ever is a fault that names it, at more than 16 a node and 200 more") {
    constexpr registry<pass::remove_identity, doubles<7>> enough{};
    CHECK(prepare(default_graph{}, enough).nodes.size() == 127);
    constexpr registry<doubles<8>, pass::remove_identity> too_many{};
    CHECK_THROWS_WITH_AS(prepare(default_graph{}, too_many),
                         "the pass doubles does not come to rest: it makes more than the 16 * nodes + 200 nodes that "
                         "passes may make of a graph; its run() must not add to what it made itself",
                         model_error);
    default_graph three;
    three.nodes.resize(3);
    CHECK(prepare(three, registry<doubles<5>>{}).nodes.size() == 127);
    CHECK_THROWS_AS(prepare(three, registry<doubles<6>>{}), model_error); // 255 of 248
}

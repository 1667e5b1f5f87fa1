#include <ctq/rewrite/pass.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

namespace {

struct nothing {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "nothing";
    template <class Graph> static constexpr bool run(Graph&) { return false; }
};
struct nameless {
    using registered_kind = pass_tag;
    template <class Graph> static constexpr bool run(Graph&) { return false; }
};
struct silent {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "silent";
    template <class Graph> static constexpr void run(Graph&) {}
};

static_assert(graph_pass<nothing, default_graph>);
static_assert(phase_of<nothing> == pass_phase::canonical && phase_of<fuse_residual> == pass_phase::annotated);
static_assert(!graph_pass<nameless, default_graph>);
static_assert(!graph_pass<silent, default_graph>);
static_assert(!graph_pass<relu_function, default_graph>);

} // namespace

TEST_CASE("graph_pass: the laws hold for a user's pass") {
    laws::check_graph_pass<nothing>();
}

TEST_CASE("sole_producer: only of a value that is read once") {
    builder b;
    const layer x = b.input("x", {2}), y = b.add(x, x), z = b.add(y, y);
    const default_graph graph = b.finish(z);
    CHECK(sole_producer(graph, x.value) == -1);
    CHECK(sole_producer(graph, y.value) == -1);
    CHECK(sole_producer(graph, z.value) == 1);
}

TEST_CASE("sole_producer_of_first: of the first input, and none of a node without inputs") {
    builder b;
    const layer x = b.input("x", {2}), y = b.apply(relu_function{}, {x});
    default_graph graph = b.finish(b.add(y, x));
    CHECK(sole_producer_of_first(graph, graph.nodes[0]) == -1);
    CHECK(sole_producer_of_first(graph, graph.nodes[1]) == 0);
    std::swap(graph.nodes[1].inputs[0], graph.nodes[1].inputs[1]);
    CHECK(sole_producer_of_first(graph, graph.nodes[1]) == -1);
    graph.nodes[1].inputs.clear();
    CHECK(sole_producer_of_first(graph, graph.nodes[1]) == -1);
}

TEST_CASE("absorb_consumer: one node stands for two") {
    builder b;
    const layer x = b.input("x", {2});
    default_graph graph = b.finish(b.apply(relu_function{}, {b.add(x, x)}));
    CHECK(absorb_consumer(graph, 0, 1) == 0);
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.nodes[0].output() == graph.outputs[0].value);
    CHECK(graph.nodes[0].origins == std::vector<text>{"add", "relu"});
}

TEST_CASE("unused_value_name: numbers until no value has the name") {
    default_graph graph;
    graph.add_value("a", {});
    graph.add_value("a_2", {});
    CHECK(unused_value_name(graph, "a") == "a_3");
    CHECK(unused_value_name(graph, "b") == "b");
}

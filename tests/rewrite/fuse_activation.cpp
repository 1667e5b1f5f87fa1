#include <ctq/rewrite/fuse_activation.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

TEST_CASE("fuse_activation: laws") {
    laws::check_graph_pass<pass::fuse_activation>();
}

TEST_CASE("fuse_activation: bounds are chained, and stop at an operator that has none") {
    builder b;
    const layer x = b.input("x", {1, 3});
    const layer sum = b.apply(op::clip{{-1.0f, 4.0f}}, {b.apply(op::relu{}, {b.add(x, x)})});
    const default_graph before = b.finish(b.apply(op::relu{}, {b.softmax(sum)}));
    const default_graph graph = laws::after<pass::fuse_activation>(before);
    REQUIRE(laws::operators_of(graph) == "add softmax relu");
    CHECK(operator_if<op::add>(graph.nodes[0])->activation == bounds{0.0f, 4.0f});
    CHECK(graph.nodes[0].origins.size() == 3);
}

TEST_CASE("fuse_activation: a chain goes into its producer in one run, and what is between keeps its place") {
    builder b;
    const layer x = b.input("x", {1, 3}), first = b.add(x, x), second = b.add(x, x);
    const layer left = b.apply(op::clip{{-1.0f, 4.0f}}, {b.apply(op::relu{}, {first})});
    const default_graph graph =
        laws::after<pass::fuse_activation>(b.finish(b.add(left, b.apply(op::clip{bounds::relu6()}, {second}))));
    REQUIRE(laws::operators_of(graph) == "add add add");
    CHECK(graph.nodes[0].output() == left.value);
    CHECK(graph.nodes[2].inputs == std::vector<int>{left.value, graph.nodes[1].output()});
}

TEST_CASE("fuse_activation: a sum that is read before its activation keeps it apart") {
    builder b;
    const layer x = b.input("x", {1, 3});
    const layer sum = b.add(x, x);
    default_graph graph = b.finish({{"sum", sum.value}, {"relu", b.apply(op::relu{}, {sum}).value}});
    CHECK_FALSE(pass::fuse_activation::run(graph));
}

#include <ctq/rewrite/fold_constants.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

TEST_CASE("fold_constants: laws") {
    laws::check_graph_pass<fold_constants>();
}

TEST_CASE("fold_constants: a chain of constants becomes one, what reads an input stays") {
    builder b;
    const layer k = b.constant("k", {2}, std::array{1.5f, -2.0f});
    const layer folded = b.apply(relu_function{}, {b.multiply(k, k)});
    const default_graph before = b.finish(b.add(b.input("x", {3, 2}), folded));
    const default_graph graph = laws::after<fold_constants>(before);
    REQUIRE(laws::operators_of(graph) == "add");
    CHECK(graph.constant_of(graph.nodes[0].inputs[1]).reals == std::vector<float>{2.25f, 4.0f});
}

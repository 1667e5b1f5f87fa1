#include <ctq/rewrite/fold_constants.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

TEST_CASE("fold_constants: laws") {
    laws::check_graph_pass<pass::fold_constants>();
}

TEST_CASE("fold_constants: what would fill the memory is refused before it is computed") {
    builder b;
    const std::vector<float> ones(1 << 15, 1.0f);
    layer wide = b.constant("row", {1, 1 << 15}, ones);
    wide = b.multiply(b.constant("column", {1 << 15, 1}, ones), wide);
    default_graph graph = b.finish(b.add(b.input("x", {1 << 15, 1 << 15}), wide));
    CHECK_THROWS_WITH_AS(pass::fold_constants::run(graph),
                         "node 'multiply': of constants it makes 4294967296 bytes more, after 0 that were made before; "
                         "1073741824 are the most: give the network such a constant as its input",
                         model_error);
    CHECK(graph.nodes.size() == 2);
}

TEST_CASE("fold_constants: what several runs make counts together, where they are given one budget") {
    builder b;
    const layer k = b.constant("k", {3}, std::array{1.0f, 2.0f, 3.0f});
    const default_graph graph = b.finish(b.add(b.input("x", {3}), b.apply(op::relu{}, {k})));
    folding_budget budget(20);
    default_graph first = graph, second = graph;
    CHECK(pass::fold_constants::run(first, budget));
    CHECK(budget.bytes_made() == 12);
    CHECK_THROWS_WITH_AS(pass::fold_constants::run(second, budget),
                         "node 'relu': of constants it makes 12 bytes more, after 12 that were made before; 20 are the "
                         "most: give the network such a constant as its input",
                         model_error);
    CHECK(pass::fold_constants::run(second));
}

TEST_CASE("fold_constants: what would take hours is refused before it is computed") {
    builder b;
    const std::vector<float> ones(1 << 21, 1.0f);
    const layer product = b.apply(
        op::matrix_product{}, {b.constant("a", {1 << 10, 1 << 11}, ones), b.constant("b", {1 << 11, 1 << 10}, ones)});
    default_graph graph = b.finish(b.add(b.input("x", {1}), product));
    CHECK_THROWS_WITH_AS(pass::fold_constants::run(graph),
                         "node 'matrix_product': of constants it takes 2147483648 steps more, after 0 that were taken "
                         "before; 1073741824 are the most: give the network such a constant as its input",
                         model_error);
}

TEST_CASE("fold_constants: rows that the data fill are those that are there, and nothing counts them") {
    builder b;
    const layer boxes = b.constant("boxes", {1, 2, 4}, std::array{0.0f, 0.0f, 1.0f, 1.0f, 0.0f, 0.0f, 1.0f, 1.0f}),
                scores = b.constant("scores", {1, 1, 2}, std::array{1.0f, 2.0f});
    const layer rows = b.apply(op::non_max_suppression{2, 0.5f}, {boxes, scores}), count{rows.value + 1};
    default_graph graph = b.finish(
        {{"y", b.apply(op::relu{}, {b.input("x", {3})}).value}, {"rows", rows.value, 2}, {"count", count.value}});
    CHECK(pass::fold_constants::run(graph));
    CHECK_NOTHROW(validate(graph));
    CHECK(graph.value_at(rows.value).facts.shape == shape{1, 3});
    CHECK(graph.constant_of(rows.value).as<std::int64_t>() == std::vector<std::int64_t>{0, 0, 1});
    CHECK(graph.constant_of(count.value).as<std::int64_t>() == std::vector<std::int64_t>{1});
    CHECK(graph.outputs[1].count == -1);
}

TEST_CASE("fold_constants: a chain of constants becomes one, what reads an input stays") {
    builder b;
    const layer k = b.constant("k", {2}, std::array{1.5f, -2.0f});
    const layer folded = b.apply(op::relu{}, {b.multiply(k, k)});
    const default_graph before = b.finish(b.add(b.input("x", {3, 2}), folded));
    const default_graph graph = laws::after<pass::fold_constants>(before);
    REQUIRE(laws::operators_of(graph) == "add");
    CHECK(graph.constant_of(graph.nodes[0].inputs[1]).as<float>() == std::vector<float>{2.25f, 4.0f});
}

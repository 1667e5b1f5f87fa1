#include <ctq/rewrite/lower_batch_normalization.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

namespace {

default_graph normalized(const shape& of, int axis) {
    builder b;
    const layer x = b.input("x", of);
    const shape channels{of[of.normalized_axis(axis)]};
    const auto elements = std::span(laws::weights<4>).first(static_cast<std::size_t>(channels[0]));
    const layer k = b.constant("k", channels, elements);
    const layer variance = b.constant("v", channels, std::array{0.5f, 1.0f, 2.0f, 4.0f});
    return b.finish(b.apply(op::batch_normalization{1e-5f, axis}, {x, k, k, k, variance}));
}

} // namespace

TEST_CASE("lower_batch_normalization: laws") {
    laws::check_graph_pass<pass::lower_batch_normalization>();
}

TEST_CASE("lower_batch_normalization: of an image's channels a depthwise layer, else a product and a sum") {
    const std::vector<std::pair<default_graph, std::string>> rows{{normalized({1, 2, 3, 4}, 3), "conv2d"},
                                                                  {normalized({1, 2, 3, 4}, -1), "conv2d"},
                                                                  {normalized({1, 4, 3, 2}, 1), "multiply add"},
                                                                  {normalized({3, 4}, 1), "multiply add"},
                                                                  {normalized({2, 3, 4}, -1), "multiply add"}};
    for (const auto& [before, operators] : rows) {
        laws::check_graph_pass_on<pass::lower_batch_normalization>(before);
        const default_graph graph = laws::after<pass::lower_batch_normalization>(before);
        CHECK(laws::operators_of(graph) == operators);
        for (const auto& node : graph.nodes) CHECK(node.origins.size() == 1);
        CHECK((graph.nodes.size() == 1 || !(graph.nodes[0].name == graph.nodes[1].name)));
    }
}

TEST_CASE("lower_batch_normalization: the product is called like nothing that is there") {
    default_graph graph = normalized({3, 4}, 1);
    graph.add_node("batch_normalization.scaled", op::relu{}, {graph.outputs[0].value});
    graph = laws::after<pass::lower_batch_normalization>(std::move(graph));
    CHECK(laws::operators_of(graph) == "multiply add relu");
    CHECK(graph.nodes[0].name == "batch_normalization.scaled_2");
    CHECK(graph.value_at(graph.nodes[0].output()).name == "batch_normalization.scaled_2");
}

TEST_CASE("lower_batch_normalization: a scale or a shift that is no finite float is not made") {
    const auto operators = [](const shape& of, float gamma, float mean) {
        builder b;
        const auto constant_of = [&b](const char* name, float value) {
            return b.constant(name, {1}, std::array{value});
        };
        const layer x = b.input("x", of);
        const default_graph graph = b.finish(
            b.apply(op::batch_normalization{1e-5f, -1}, {x, constant_of("gamma", gamma), constant_of("beta", 0.0f),
                                                         constant_of("mean", mean), constant_of("variance", 0.0f)}));
        return laws::operators_of(laws::after<pass::lower_batch_normalization>(graph));
    };
    for (const shape& of : {shape{1, 2, 2, 1}, shape{3, 1}}) {
        CHECK(operators(of, 1e38f, 0.0f) == "batch_normalization");
        CHECK(operators(of, 1e20f, 1e30f) == "batch_normalization");
        CHECK(operators(of, 1e20f, 1e10f) != "batch_normalization");
    }
}

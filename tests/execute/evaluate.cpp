#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/freeze.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

#include <cmath>

using namespace ctq::testing;
using ctq::constant;
using ctq::dtype;

namespace {

constexpr auto make = [] { return quantized_constant<branching_network>(); };
using model = ctq::frozen_model<make, ctq::three_step>;

constexpr std::array<std::int8_t, 8> input{-128, -100, -3, 0, 5, 60, 126, 127};
constexpr auto in_compiler = [] {
    const auto elements = ctq::evaluate<model>({constant(std::vector<std::int8_t>(input.begin(), input.end()))});
    std::array<std::int8_t, 11> result{};
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = elements[static_cast<std::size_t>(model::outputs[0])].int8s[i];
    return result;
}();

} // namespace

TEST_CASE("evaluate: a graph, its model type, the compiler and the program agree to the bit") {
    const auto graph = make();
    const constant in(std::vector<std::int8_t>(input.begin(), input.end()));
    const auto of_graph = ctq::evaluate<ctq::three_step>(graph, {in});
    const auto of_model = ctq::evaluate<model>({in});
    REQUIRE(of_graph.size() == of_model.size());
    for (std::size_t v = 0; v < of_graph.size(); ++v) CHECK(of_graph[v].int8s == of_model[v].int8s);
    const auto& out = of_graph[static_cast<std::size_t>(graph.outputs[0].value)].int8s;
    CHECK(std::vector<std::int8_t>(in_compiler.begin(), in_compiler.end()) == out);
}

TEST_CASE("evaluate: every value is there, constants are not") {
    const auto graph = residual_network();
    const auto elements = ctq::evaluate<ctq::three_step>(graph, as_constants(sample_inputs(graph, 0)));
    for (std::size_t v = 0; v < elements.size(); ++v)
        CHECK(elements[v].reals.size() == (graph.values[v].constant >= 0 ? 0 : graph.values[v].facts.elements()));
    const auto scores = output_reals(graph, elements, 0);
    CHECK(scores[0] + scores[1] + scores[2] + scores[3] == doctest::Approx(1));
}

TEST_CASE("evaluate: one tensor for each input") {
    CHECK_THROWS_WITH_AS(ctq::evaluate<ctq::three_step>(branching_network(), {}),
                         "one tensor for each input of the graph is required", ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::evaluate<model>({}), "one tensor for each input of the model is required",
                         ctq::model_error);
}

TEST_CASE("evaluate: memory for every type but uint8") {
    CHECK(ctq::elements_for({dtype::float32, {2, 2}, {}}).reals == std::vector<float>(4));
    CHECK(ctq::elements_for({dtype::int16, {3}, {}}).int16s == std::vector<std::int16_t>(3));
    CHECK(ctq::elements_for({dtype::int32, {1}, {}}).int32s == std::vector<std::int32_t>(1));
    CHECK_THROWS_WITH_AS(ctq::elements_for({dtype::uint8, {1}, {}}), "tensors are float32, int8, int16 or int32",
                         ctq::model_error);
    constant words = ctq::elements_for({dtype::int32, {1}, {}});
    ctq::writable(words, dtype::int32).as<std::int32_t>()[0] = 9;
    CHECK(words.int32s[0] == 9);
}

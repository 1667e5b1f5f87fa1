#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/freeze.hpp>

#include <doctest/doctest.h>
#include <execute/models.hpp>

#include <cmath>

using namespace ctq::testing;
using ctq::constant;
using ctq::dtype;

namespace {

constexpr std::array<std::int8_t, 8> branching_input{-128, -100, -3, 0, 5, 60, 126, 127};
constexpr auto in_compiler = [] {
    const auto elements = ctq::evaluate<branching_model>(
        {constant(std::vector<std::int8_t>(branching_input.begin(), branching_input.end()))});
    std::array<std::int8_t, 11> result{};
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = elements[static_cast<std::size_t>(branching_model::outputs[0])].as<std::int8_t>()[i];
    return result;
}();

} // namespace

TEST_CASE("evaluate: a graph, its model type, the compiler and the program agree to the bit") {
    const auto graph = quantized_branching();
    const constant in(std::vector<std::int8_t>(branching_input.begin(), branching_input.end()));
    const auto of_graph = ctq::evaluate<ctq::rule::affine_int8>(graph, {in});
    const auto of_model = ctq::evaluate<branching_model>({in});
    const auto lowered = ctq::lower_graph<ctq::rule::affine_int8>(graph);
    for (std::size_t v = 0; v < of_graph.size(); ++v) {
        if (graph.is_constant(static_cast<int>(v))) continue;
        CHECK(of_graph[v] == of_model[static_cast<std::size_t>(lowered.places[v])]);
    }
    const auto& out = of_graph[static_cast<std::size_t>(graph.outputs[0].value)].as<std::int8_t>();
    CHECK(std::vector<std::int8_t>(in_compiler.begin(), in_compiler.end()) == out);
}

TEST_CASE("evaluate: every value is there, constants are not") {
    const auto graph = residual_network();
    const auto elements = ctq::evaluate(graph, as_constants(sample_inputs(graph, 0)));
    for (std::size_t v = 0; v < elements.size(); ++v)
        CHECK(elements[v].entries() == (graph.values[v].constant >= 0 ? 0 : graph.values[v].facts.elements()));
    const auto scores = output_reals(graph, elements, 0);
    CHECK(scores[0] + scores[1] + scores[2] + scores[3] == doctest::Approx(1));
}

TEST_CASE("evaluate: one tensor for each input") {
    CHECK_THROWS_WITH_AS(ctq::evaluate(branching_network(), {}), "one tensor for each input of the graph is required",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::evaluate<branching_model>({}), "one tensor for each input of the model is required",
                         ctq::model_error);
}

TEST_CASE("evaluate: an input of another size or type is a fault") {
    CHECK_THROWS_WITH_AS(ctq::evaluate<branching_model>({constant(std::vector<std::int8_t>(7))}),
                         "an input must have as many elements as the graph's", ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::evaluate<branching_model>({constant(std::vector<float>(8))}),
                         "an input must have the element type of the graph's", ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::evaluate(branching_network(), {constant(std::vector<float>(7))}),
                         "an input must have as many elements as the graph's", ctq::model_error);
    CHECK_THROWS_WITH_AS(
        ctq::evaluate<ctq::rule::affine_int8>(quantized_branching(), {constant(std::vector<std::int8_t>(9))}),
        "an input must have as many elements as the graph's", ctq::model_error);
    CHECK_THROWS_WITH_AS(
        ctq::evaluate<ctq::rule::affine_int8>(quantized_branching(), {constant(std::vector<float>(8))}),
        "an input must have the element type of the graph's", ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::evaluate<ctq::rule::affine_int8>(quantized_branching(), {constant()}),
                         "an input must have the element type of the graph's", ctq::model_error);
}

#include <ctq/execute/program.hpp>
#include <ctq/quantize/with_weight_bits.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdlib>

using namespace ctq;
using namespace ctq::testing;

namespace {

using narrow = rule::with_weight_bits<rule::affine_int8, 4>;
static_assert(quantization_rule<narrow> && narrow::name == "affine_int8_w4");
static_assert(narrow::weight_scale(0.7) == 0.7 / 7 && narrow::weight_limits == limits{-7, 7});
static_assert(weight_type_of<narrow> == dtype::int4 && fuses_residual<narrow>);
static_assert(narrow::activation({-1, 3}) == rule::affine_int8::activation({-1, 3}));

} // namespace

TEST_CASE("with_weight_bits: two weights lie in a byte, and each is the nearest") {
    const std::vector<float> weights{0.7f, -0.31f, 0.0f, -0.7f, 0.02f, 0.03f}, bias{0.1f, -0.2f};
    const auto node = testing::quantized_node<narrow>(op::dense{}, {{{1, 3}}, {{2, 3}, weights}, {{2}, bias}});
    const auto& stored = node.graph.constant_of(node.node().inputs[1]);
    REQUIRE(stored.type() == dtype::int4);
    CHECK(stored.entries() == 3);
    const int wanted[] = {7, -3, 0, -7, 0, 0};
    for (std::size_t i = 0; i < 6; ++i) CHECK(read_integer<dtype::int4>(stored.as<int4_pair>().data(), i) == wanted[i]);
    const auto lowered = node.lowered();
    CHECK(lowered.value_at(lowered.nodes[0].inputs[op::weighted::weights]).facts.bytes() == 4); // 2 rows of 4
    CHECK(node.never_overflows());
}

TEST_CASE("with_weight_bits: the integers of a node are those of the same weights in 8 bits") {
    dice random(4);
    const auto weights = random.reals(9 * 4 * 6), bias = random.reals(6);
    const op::conv2d op{.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = bounds::relu()};
    const auto node =
        testing::quantized_node<narrow>(op, {{{1, 5, 5, 4}}, {{6, 3, 3, 4}, weights}, {{6}, bias}}, {0, 4});
    auto wide =
        testing::quantized_node<rule::affine_int8>(op, {{{1, 5, 5, 4}}, {{6, 3, 3, 4}, weights}, {{6}, bias}}, {0, 4});
    for (const std::size_t input : {1U, 2U}) { // the same integers under the same scales
        const int from = node.node().inputs[input], to = wide.node().inputs[input];
        wide.graph.value_at(to).scales = node.graph.value_at(from).scales;
        auto& elements = wide.graph.constants[static_cast<std::size_t>(wide.graph.value_at(to).constant)];
        if (input == 2) {
            elements = node.graph.constant_of(from);
            continue;
        }
        for (std::size_t i = 0; i < weights.size(); ++i)
            elements.as<std::int8_t>()[i] = static_cast<std::int8_t>(
                read_integer<dtype::int4>(node.graph.constant_of(from).as<int4_pair>().data(), i));
    }
    for (int i = 0; i < 5; ++i) {
        const auto x = random.integers(100);
        CHECK(node.run({x}) == wide.run({x}));
    }
}

TEST_CASE("with_weight_bits: a network keeps near to float, its residual sum fused") {
    const auto source = residual_network();
    const auto graph = quantized_network<narrow>(source);
    CHECK(graph.nodes.size() < quantized_network<rule::tflite_int8>(source).nodes.size());
    const auto inputs = sample_inputs(source, 0);
    const auto wanted = output_reals(source, evaluate(source, as_constants(inputs)), 0);
    const auto got = output_reals(graph, evaluate<narrow>(graph, as_inputs(graph, inputs)), 0);
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::abs(wanted[i] - got[i]) < 0.1f);
}

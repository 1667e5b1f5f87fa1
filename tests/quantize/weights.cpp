#include "../../examples/custom_rule/shift_uint8.hpp"

#include <ctq/operators/dense.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/weights.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

using namespace ctq::testing;
using ctq::op::dense;
using ctq::rule::affine_int8;

namespace {

template <class Node> const ctq::constant& weights_of(const Node& node) {
    return node.graph.constant_of(node.node().inputs[1]);
}

struct per_tensor : affine_int8 {
    static constexpr bool per_channel = false;
};

struct four_bits : affine_int8 {
    static constexpr ctq::dtype weight_type = ctq::dtype::int4;
    static constexpr ctq::limits weight_limits{-7, 7};
    static constexpr double weight_scale(double magnitude) { return magnitude / 7.0; }
};

} // namespace

// Activations of -32768 to 32767: up to 2^31 - 1 in all, and no bias that 32 bits do not hold.
constexpr ctq::tensor_facts wide_input{ctq::dtype::int16, {1}, {1.0f, 0}};
constexpr bool fits_32_bits(std::int64_t positive, std::int64_t negative, std::int64_t bias) {
    return ctq::sum_fits_32_bits<ctq::rule::int16x8>({positive, negative}, bias, wide_input, 1e-3);
}
static_assert(fits_32_bits(65535, 0, -32767) && !fits_32_bits(65535, 0, -32768));
static_assert(fits_32_bits(0, 65535, 32767) && !fits_32_bits(0, 65535, 32768) && !fits_32_bits(0, 65536, 0));
static_assert(fits_32_bits(0, 0, 2147483647) && !fits_32_bits(0, 0, 2147483648) && !fits_32_bits(1, 0, 2147483647));
static_assert(!fits_32_bits(0, 0, std::numeric_limits<std::int64_t>::min()));

static_assert(ctq::weight_scale<affine_int8>(127.0, 0.0, 1.0, 1.0) == 1.0);
static_assert(ctq::weight_scale<affine_int8>(1e-9, 8.0, 0.5, 1.0) == 8.0 / (0.5 * 1073741824.0));
static_assert(ctq::weight_scale<affine_int8>(0.0, 1.0, 0.5, 1.0) == 1.0 / 128);
static_assert(ctq::weight_scale<my::shift_uint8>(1e-9, 7.0, 0.5, 1.0) == 0x1p-26); // one of the rule's, not 7 / 2^29

static_assert(ctq::weight_scale<ctq::rule::int16x8>(127.0, 0.0, 1.0, 1.0) == 1.0);
static_assert(ctq::weight_scale<ctq::rule::int16x8>(1e-12, 8.0, 0.5, 1.0) == 0x1p-30);

TEST_CASE("weights: 64 bits of a bias beside weights that vanish are still scaled") {
    const auto node = ctq::testing::quantized_node<ctq::rule::int16x8>(
        dense{}, {{{1, 2}}, {{2, 2}, {1.0f, 0.5f, 2e-9f, 1e-9f}}, {{2}, {0.25f, 1.0f}}});
    const auto out = node.run({{0, 0}});
    const double step = static_cast<double>(node.output().quantization.scale);
    CHECK(out[0] * step == doctest::Approx(0.25).epsilon(0.001));
    CHECK(out[1] * step == doctest::Approx(1.0).epsilon(0.001));
}

TEST_CASE("weights: a channel's own scale, or the tensor's") {
    const std::vector<operand> in{{{1, 2}}, {{2, 2}, {1.0f, -0.5f, 0.1f, 0.02f}}};
    const auto own = ctq::testing::quantized_node(dense{}, in);
    CHECK(weights_of(own).as<std::int8_t>() == std::vector<std::int8_t>{127, -64, 127, 25});
    const auto shared = ctq::testing::quantized_node<per_tensor>(dense{}, in);
    CHECK(weights_of(shared).as<std::int8_t>() == std::vector<std::int8_t>{127, -64, 13, 3});
}

TEST_CASE("weights: two of 4 bits in a byte, the first in the low half") {
    const auto node = ctq::testing::quantized_node<four_bits>(dense{}, {{{1, 3}}, {{1, 3}, {1.0f, -1.0f, 0.3f}}});
    const auto& packed = weights_of(node).as<ctq::int4_pair>();
    REQUIRE(packed.size() == 2);
    CHECK(packed[0].bits == 0x97);
    CHECK(packed[1].bits == 0x02);
    CHECK(node.run({{10, 20, 30}}) ==
          ctq::testing::quantized_node<four_bits>(dense{}, {{{1, 3}}, {{1, 3}, {1.0f, -1.0f, 2.0f / 7}}})
              .run({{10, 20, 30}}));
}

TEST_CASE("weights: the annotated bias is in the scale of the products") {
    const auto node = ctq::testing::quantized_node(
        dense{}, {{{1, 2}, {}, {-0.2f, 1.0f}}, {{2, 2}, {1.0f, 0.25f, -3.0f, 0.5f}}, {{2}, {0.3f, -2.0f}}}, {-1, 2});
    const auto& weights = node.graph.value_at(node.node().inputs[1]);
    const auto& bias = node.graph.value_at(node.node().inputs[2]);
    for (std::size_t channel = 0; channel < 2; ++channel) {
        CHECK(weights.scale_of(channel) == (channel == 0 ? 1.0 : 3.0) / 127);
        CHECK(bias.scale_of(channel) == double{node.input().quantization.scale} * weights.scale_of(channel));
        CHECK(node.graph.constant_of(node.node().inputs[2]).as<std::int32_t>()[channel] ==
              std::lrint((channel == 0 ? 0.3f : -2.0f) / bias.scale_of(channel)));
    }
}

TEST_CASE("weights: those that vanish beside the bias, or are all zero, lose the bias no more than a step") {
    for (const float weight : {0.0f, 1e-30f, 1e-12f})
        for (const float bias : {0.0f, 0.9f, -0.9f, 1e-20f}) {
            CAPTURE(weight);
            CAPTURE(bias);
            const auto node = ctq::testing::quantized_node(dense{}, {{{1, 1}}, {{1, 1}, {weight}}, {{1}, {bias}}});
            CHECK(node.never_overflows());
            CHECK(std::abs(node.run({{127}})[0] - nearest_integer(double{bias}, node.output().quantization)) <= 1);
        }
}

TEST_CASE("weights: weights and bias must be constant") {
    CHECK_THROWS_WITH_AS(ctq::testing::quantized_node(dense{}, {{{1, 1}}, {{1, 1}}}), "weights must be constant",
                         ctq::model_error);
}

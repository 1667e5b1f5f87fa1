#include <ctq/operators/dense.hpp>
#include <ctq/operators/weight_quantization.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>

using namespace ctq::testing;
using ctq::affine_int8;
using ctq::dense;

namespace {

template <class Rule> const ctq::constant& plane(const integer_node<Rule, dense>& node, std::size_t input) {
    return node.graph.constant_of(node.node().inputs[input]);
}

struct per_tensor : affine_int8 {
    static constexpr bool per_channel = false;
};

} // namespace

static_assert(ctq::weight_scale<affine_int8>(127.0, 0.0, 1.0, 1.0) == 1.0);
static_assert(ctq::weight_scale<affine_int8>(1e-9, 8.0, 0.5, 1.0) == 8.0 / (0.5 * 1073741824.0));
static_assert(ctq::weight_scale<affine_int8>(0.0, 1.0, 0.5, 1.0) == 1.0 / 128);

TEST_CASE("weight_quantization: a channel's own scale, or the tensor's") {
    const std::vector<operand> in{{{1, 2}}, {{2, 2}, {1.0f, -0.5f, 0.1f, 0.02f}}};
    const auto own = quantized(dense{}, in);
    CHECK(plane(own, ctq::weighted::weights).int8s == std::vector<std::int8_t>{127, -64, 0, 0, 127, 25, 0, 0});
    const auto shared = quantized<per_tensor>(dense{}, in);
    CHECK(plane(shared, ctq::weighted::weights).int8s == std::vector<std::int8_t>{127, -64, 0, 0, 13, 3, 0, 0});
}

TEST_CASE("weight_quantization: the bias plane holds bias, zero point and rounding constant") {
    const std::vector<float> weights{1.0f, 0.25f, -0.75f, 0.5f}, bias{0.3f};
    const auto node = quantized(dense{}, {{{1, 4}, {}, {-0.2f, 1.0f}}, {{1, 4}, weights}, {{1}, bias}}, {-1, 2});
    const ctq::quantization q = node.input().quantization;
    const double product = double{q.scale} / 127;
    std::int64_t sum = 0;
    for (const float w : weights) sum += std::lrint(double{w} * 127);
    const ctq::scaling s = ctq::three_step::encode(product / double{node.output().quantization.scale});
    CHECK(plane(node, ctq::weighted::bias).int32s[0] ==
          std::lrint(double{bias[0]} / product) - q.zero_point * sum + ctq::three_step::rounding(s));
    CHECK(plane(node, ctq::weighted::multiplier).int16s[0] == s.multiplier);
    CHECK(plane(node, ctq::weighted::shift).int8s[0] == s.shift);
}

TEST_CASE(
    "weight_quantization: weights that vanish beside the bias, or are all zero, lose the bias no more than a step") {
    for (const float weight : {0.0f, 1e-30f, 1e-12f})
        for (const float bias : {0.0f, 0.9f, -0.9f, 1e-20f}) {
            CAPTURE(weight);
            CAPTURE(bias);
            const auto node = quantized(dense{}, {{{1, 1}}, {{1, 1}, {weight}}, {{1}, {bias}}});
            CHECK(node.never_overflows());
            CHECK(std::abs(node.run({{127}})[0] - nearest_integer(double{bias}, node.output().quantization)) <= 1);
        }
}

TEST_CASE("weight_quantization: weights and bias must be constant") {
    CHECK_THROWS_WITH_AS(quantized(dense{}, {{{1, 1}}, {{1, 1}}}), "weights and bias must be constant",
                         ctq::model_error);
}

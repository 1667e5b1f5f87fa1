#include <ctq/operators/softmax.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::softmax;

namespace {

static_assert([] {
    return float_result(softmax{}, {{{2, 2}, {0, 0, 1000, 0}}}) == std::vector<float>{0.5f, 0.5f, 1.0f, 0.0f};
}());
// Four equal logits are 64/256 each; one that towers above the others saturates at 255/256.
static_assert([] {
    return quantized_node<ctq::rule::tflite_int8>(softmax{}, {{{2, 4}, {}, {-8, 8}}})
               .run({{7, 7, 7, 7, 127, -128, -128, -128}}) ==
           std::vector<std::int8_t>{-64, -64, -64, -64, 127, -128, -128, -128};
}());

/// `most`: as far as the data went; what TFLite's rule does not ask.
template <class Rule> void check_rule(const shape& of, std::int32_t axis, float range, float most, unsigned seed) {
    dice random(seed);
    const softmax op{axis};
    const auto node = quantized_node<Rule>(op, {{of, {}, {-range, range}}}, {0, most});
    const bool customary = ctq::keeps_customary_ranges<Rule>;
    CHECK(node.output().quantization ==
          ctq::quantization{customary ? 1.0f / 256 : std::min(most, 255.0f / 256) / 255, -128});
    const auto x = random.integers(of.elements());
    const auto out = node.run({x});
    const auto in_floats = [&] {
        std::vector<float> reals;
        for (const int each : x) reals.push_back(ctq::dequantize(each, node.input().quantization));
        return float_result(op, {{of, reals}});
    }();
    const int along = of.normalized_axis(axis);
    const auto inner = static_cast<std::size_t>(of.elements(along + 1, of.rank));
    const auto length = static_cast<std::size_t>(of[along]);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t first = i / (inner * length) * inner * length + i % inner;
        double largest = -1e300, sum = 0;
        for (std::size_t k = 0; k < length; ++k)
            largest = std::max(largest, exact_real_of(x[first + k * inner], node.input().quantization));
        for (std::size_t k = 0; k < length; ++k)
            sum += std::exp(exact_real_of(x[first + k * inner], node.input().quantization) - largest);
        const double real = std::exp(exact_real_of(x[i], node.input().quantization) - largest) / sum;
        CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization)) <= 1);
        CHECK(in_floats[i] == doctest::Approx(real).epsilon(1e-5));
    }
}

void check_against_reals(const shape& of, std::int32_t axis, float range, unsigned seed, float most = 1) {
    check_rule<ctq::rule::tflite_int8>(of, axis, range, most, seed);
    check_rule<ctq::rule::affine_int8>(of, axis, range, most, seed);
}

} // namespace

TEST_CASE("softmax: shape rule") {
    CHECK(shape_from(softmax{1}, {{{2, 3, 4}}}) == shape{2, 3, 4});
    CHECK_THROWS_WITH_AS(shape_from(softmax{}, {}), "softmax takes one input", ctq::model_error);
    CHECK_THROWS_AS(shape_from(softmax{3}, {{{2, 3, 4}}}), ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(softmax{}, {{{65537}}}), "a softmax is over at most 65536 values",
                         ctq::model_error);
}

TEST_CASE("softmax: within one step of the real function, along any axis") {
    check_against_reals({3, 10}, -1, 8.0f, 61);
    check_against_reals({2, 5, 4}, 1, 3.0f, 62);
    check_against_reals({4, 3}, 0, 0.01f, 63);
    check_against_reals({2, 1}, -1, 5.0f, 64);
    check_against_reals({1, 1000}, -1, 20.0f, 65);
    check_against_reals({1, 1000}, -1, 1.0f, 66, 0.006f); // a share of many is less than a step of 1/256
}

TEST_CASE("softmax: the output's range goes as far as the data, and no less far than a 256th") {
    const auto scale_of = [](float most) {
        return quantized_node(softmax{}, {{{2, 4}, {}, {-8, 8}}}, {0, most}).output().quantization.scale;
    };
    CHECK(scale_of(0.5f) == 0.5f / 255);
    for (const float most : {1e-6f, 0.0f}) CHECK(scale_of(most) == 255.0f / 256 / 256 / 255);
}

TEST_CASE("softmax: the longest axis does not overflow") {
    const auto node = quantized_node<ctq::rule::tflite_int8>(softmax{}, {{{1, 65536}, {}, {-1, 1}}});
    for (const int each : node.run({std::vector<std::int8_t>(65536, 127)})) REQUIRE(each == -128);
    std::vector<std::int8_t> one(65536, -128);
    one[7] = 127;
    CHECK(node.run({one})[7] == -128); // exp(2) among 65,535 ones
    CHECK((std::int64_t{65536} << softmax::table_bits(65536, 256)) <= std::int64_t{1} << 30);
}

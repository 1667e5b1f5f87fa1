#include <ctq/operators/add.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/reduce_mean.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <gemmlowp/fixedpoint/fixedpoint.h>
#include <operators/single_node.hpp>

#include <algorithm>
#include <cmath>

// The independent oracle: TFLite's reference kernels written down anew over gemmlowp's primitives, with the encoding of
// TFLite's quantization_util (std::frexp, std::round).

using namespace ctq::testing;
using ctq::shape;
using ctq::rule::tflite_int8;

namespace {

struct tflite_scale {
    std::int32_t multiplier;
    int shift;

    explicit tflite_scale(double real) : multiplier(0), shift(0) {
        auto fixed = static_cast<std::int64_t>(std::round(std::frexp(real, &shift) * 2147483648.0));
        if (fixed == std::int64_t{1} << 31) {
            fixed /= 2;
            ++shift;
        }
        multiplier = static_cast<std::int32_t>(fixed);
    }
    std::int32_t times(std::int32_t value) const {
        const int left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
        return gemmlowp::RoundingDivideByPOT(
            gemmlowp::SaturatingRoundingDoublingHighMul(value * (1 << left), multiplier), right);
    }
};

std::int32_t clamped(std::int32_t value, std::int32_t low = -128, std::int32_t high = 127) {
    return std::min(std::max(value, low), high);
}

void check_convolution(const shape& image, const shape& weights, const ctq::op::conv2d& op, unsigned seed) {
    CAPTURE(seed);
    dice random(seed);
    const auto reals = random.reals(weights.elements());
    const auto bias = random.reals(weights[0]);
    const auto node = ctq::testing::quantized_node<tflite_int8>(
        op, {{image, {}, {-1.3f, 0.9f}}, {weights, reals}, {{weights[0]}, bias}}, {-1.0f, 2.5f});
    const auto x = random.integers(image.elements());
    const auto out = node.run({x});
    const auto in_q = node.input().quantization, out_q = node.output().quantization;
    const shape of = node.output().shape;
    const std::size_t length = reals.size() / bias.size();
    std::size_t index = 0;
    for (int n = 0; n < of[0]; ++n)
        for (int row = 0; row < of[1]; ++row)
            for (int column = 0; column < of[2]; ++column)
                for (int channel = 0; channel < of[3]; ++channel, ++index) {
                    const std::size_t first = static_cast<std::size_t>(channel) * length;
                    float largest = 0;
                    for (std::size_t k = 0; k < length; ++k) largest = std::max(largest, std::abs(reals[first + k]));
                    const double weight_scale = double{largest} / 127, product = double{in_q.scale} * weight_scale;
                    auto sum = static_cast<std::int32_t>(std::lrint(bias[static_cast<std::size_t>(channel)] / product));
                    for (int k = 0; k < static_cast<int>(length); ++k) {
                        const int i = k % weights[3], kx = k / weights[3] % weights[2],
                                  ky = k / weights[3] / weights[2];
                        const int y = row * op.stride[0] - op.padding[0] + ky * op.dilation[0];
                        const int at = column * op.stride[1] - op.padding[1] + kx * op.dilation[1];
                        if (y < 0 || at < 0 || y >= image[1] || at >= image[2]) continue;
                        const int c = channel / (weights[0] / op.groups) * weights[3] + i;
                        const int q = x[static_cast<std::size_t>(((n * image[1] + y) * image[2] + at) * image[3] + c)];
                        const auto w = std::lrint(reals[first + static_cast<std::size_t>(k)] / weight_scale);
                        sum += static_cast<std::int32_t>(w) * (q - in_q.zero_point);
                    }
                    const std::int32_t scaled =
                        tflite_scale(product / double{out_q.scale}).times(sum) + out_q.zero_point;
                    const int low = op.activation == ctq::bounds::relu() ? out_q.zero_point : -128;
                    REQUIRE(out[index] == clamped(scaled, low));
                }
}

} // namespace

TEST_CASE("tflite_int8: convolution is TFLite's, bit for bit") {
    ctq::op::conv2d op;
    op.kernel = {3, 3};
    op.padding = {1, 1, 1, 1};
    check_convolution({2, 6, 6, 4}, {5, 3, 3, 4}, op, 1);
    op.activation = ctq::bounds::relu();
    op.stride = {2, 1};
    op.padding = {0, 2, 1, 0};
    check_convolution({1, 9, 7, 3}, {8, 3, 3, 3}, op, 2);
    op.groups = 6;
    op.dilation = {1, 2};
    check_convolution({2, 8, 8, 6}, {12, 3, 3, 1}, op, 3);
    op = {};
    check_convolution({1, 5, 5, 64}, {16, 1, 1, 64}, op, 4);
}

TEST_CASE("tflite_int8: addition is TFLite's, bit for bit") {
    for (const auto& [a, b, c] : {std::tuple{1.0f, 1.0f, 2.0f}, {0.1f, 3.0f, 3.1f}, {7.0f, 0.5f, 2.0f}}) {
        const auto node = ctq::testing::quantized_node<tflite_int8>(
            ctq::op::add{}, {{{256, 1}, {}, {-a, a / 2}}, {{1, 256}, {}, {-b / 3, b}}}, {-c, c});
        std::vector<std::int8_t> all(256);
        for (int i = 0; i < 256; ++i) all[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
        const auto out = node.run({all, all});
        const auto left_q = node.input(0).quantization, right_q = node.input(1).quantization;
        const auto out_q = node.output().quantization;
        const double common = 2 * std::max(double{left_q.scale}, double{right_q.scale});
        const tflite_scale left(left_q.scale / common), right(right_q.scale / common);
        const tflite_scale result(common / ((1 << 20) * double{out_q.scale}));
        for (std::size_t i = 0; i < 256; ++i)
            for (std::size_t k = 0; k < 256; ++k) {
                const std::int32_t x = left.times((all[i] - left_q.zero_point) * (1 << 20));
                const std::int32_t y = right.times((all[k] - right_q.zero_point) * (1 << 20));
                REQUIRE(out[i * 256 + k] == clamped(result.times(x + y) + out_q.zero_point));
            }
    }
}

TEST_CASE("tflite_int8: a fused activation's bounds are rounded as TFLite rounds them") {
    const ctq::quantization q{2.39999986f, -128};
    CHECK(tflite_int8::activation_limits(ctq::bounds::relu6(), q).high == -125);
    CHECK(tflite_int8::activation_limits(ctq::bounds::relu6(), q).low == -128);
    CHECK(ctq::rule::affine_int8::activation_limits(ctq::bounds::relu6(), q).high == -126);
}

TEST_CASE("tflite_int8: its parameters are affine_int8's, its arithmetic is not") {
    CHECK(tflite_int8::activation({-1, 3}) == ctq::rule::affine_int8::activation({-1, 3}));
    CHECK(tflite_int8::weight_scale(3.5) == ctq::rule::affine_int8::weight_scale(3.5));
    static_assert(tflite_int8::how == ctq::rounding::double_rounding);
    static_assert(ctq::rule::affine_int8::how != ctq::rounding::double_rounding);
}

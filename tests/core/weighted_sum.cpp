#include <ctq/core/weighted_sum.hpp>

#include <doctest/doctest.h>
#include <gemmlowp/fixedpoint/fixedpoint.h>

#include <cmath>
#include <random>

using ctq::double_rounding;
using ctq::sum_scaling;
using ctq::three_step;

namespace {

using sum = ctq::weighted_sum<three_step>;
using tflite_sum = ctq::weighted_sum<double_rounding>;

// Equal scales: a plain sum. A result of double the scale: half of it, halves up.
static_assert(sum::apply(100, -30, sum::encode(0.1, 0.1, 0.1)) == 70);
static_assert(sum::apply(1, 2, sum::encode(0.1, 0.1, 0.2)) == 2 &&
              sum::apply(-1, -2, sum::encode(0.1, 0.1, 0.2)) == -1);
static_assert(tflite_sum::apply(100, -30, tflite_sum::encode(0.1, 0.1, 0.1)) == 70);
static_assert(sum::apply(255, 255, sum::encode(1.0, 1.0, 1.0)) == 510);
static_assert(sum::apply(255, -255, sum::encode(1e-3, 1e3, 1e3)) == -255);

/// TFLite's MultiplyByQuantizedMultiplier from gemmlowp's primitives.
std::int32_t multiplied(std::int32_t value, ctq::scaling s) {
    const int left = s.shift > 0 ? s.shift : 0, right = s.shift > 0 ? 0 : -s.shift;
    return gemmlowp::RoundingDivideByPOT(gemmlowp::SaturatingRoundingDoublingHighMul(value * (1 << left), s.multiplier),
                                         right);
}

} // namespace

TEST_CASE("weighted_sum: one rounding, within 1/2 + 1/64 of the real sum where the result fits int8") {
    std::mt19937 random(21);
    std::uniform_real_distribution<double> exponent(-3.0, 3.0);
    std::uniform_int_distribution<int> integer(-255, 255);
    for (int i = 0; i < 2000; ++i) {
        const double left = std::pow(10.0, exponent(random)), right = std::pow(10.0, exponent(random));
        const double result = (left > right ? left : right) * std::pow(2.0, std::abs(exponent(random)) / 2);
        const sum_scaling s = sum::encode(left, right, result);
        for (int k = 0; k < 20; ++k) {
            const int a = integer(random), b = integer(random);
            const double real = (a * left + b * right) / result;
            CHECK(std::abs(sum::apply(a, b, s) - real) <= 0.5 + 1.0 / 64);
            CHECK(std::abs(tflite_sum::apply(a, b, tflite_sum::encode(left, right, result)) - real) <= 0.5 + 1.0 / 64);
        }
    }
}

TEST_CASE("weighted_sum: TFLite's addition bit for bit, from gemmlowp's primitives") {
    std::mt19937 random(22);
    std::uniform_real_distribution<double> exponent(-2.0, 2.0);
    for (int i = 0; i < 200; ++i) {
        const double left = std::pow(10.0, exponent(random)), right = std::pow(10.0, exponent(random));
        const double result = std::pow(10.0, exponent(random));
        const sum_scaling s = tflite_sum::encode(left, right, result);
        for (int a = -255; a <= 255; a += 17)
            for (int b = -255; b <= 255; b += 15) {
                const std::int32_t scaled_left = multiplied(a * (1 << 20), s.left);
                const std::int32_t scaled_right = multiplied(b * (1 << 20), s.right);
                CHECK(tflite_sum::apply(a, b, s) == multiplied(scaled_left + scaled_right, s.result));
            }
    }
}

TEST_CASE("weighted_sum: no scale of a float tensor overflows") {
    for (const double left : {1e-30, 1e-3, 1.0, 1e30})
        for (const double right : {1e-30, 1e-3, 1.0, 1e30})
            for (const double result : {1e-30, 1e-3, 1.0, 1e30}) {
                const sum_scaling s = sum::encode(left, right, result);
                CHECK(s.left.multiplier <= 32767);
                CHECK(s.right.multiplier <= 32767);
                CHECK(s.result.shift >= 0);
                CHECK(s.result.shift <= 29);
                CHECK(std::abs(std::int64_t{255} * s.left.multiplier + std::int64_t{255} * s.right.multiplier) +
                          (std::int64_t{1} << 28) <=
                      2147483647);
            }
}

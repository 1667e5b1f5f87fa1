#include <ctq/core/weighted_sum.hpp>

#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>
#include <gemmlowp/fixedpoint/fixedpoint.h>

#include <cmath>
#include <cstdint>
#include <random>

using ctq::double_rounding;
using ctq::single_rounding;
using ctq::sum_scaling;
using ctq::three_step;
using namespace ctq::testing;

namespace {

using sum = ctq::weighted_sum<three_step>;
using tflite_sum = ctq::weighted_sum<double_rounding>;
using sum_int16 = ctq::weighted_sum<single_rounding, 16>;
using tflite_sum_int16 = ctq::weighted_sum<double_rounding, 16>;

// Equal scales: a plain sum. A result of double the scale: half of it, halves up.
static_assert(sum::apply(100, -30, sum::encode(0.1, 0.1, 0.1)) == 70);
static_assert(sum::apply(1, 2, sum::encode(0.1, 0.1, 0.2)) == 2 &&
              sum::apply(-1, -2, sum::encode(0.1, 0.1, 0.2)) == -1);
static_assert(tflite_sum::apply(100, -30, tflite_sum::encode(0.1, 0.1, 0.1)) == 70);
static_assert(sum::apply(255, 255, sum::encode(1.0, 1.0, 1.0)) == 510);
static_assert(sum::apply(255, -255, sum::encode(1e-3, 1e3, 1e3)) == -255);
static_assert(sum_int16::apply(32767, -32768, sum_int16::encode(0.1, 0.1, 0.1)) == -1);
static_assert(sum_int16::apply(-3, 0, sum_int16::encode(0.1, 0.1, 0.2)) == -1); // halves up
static_assert(sum_int16::apply(65535, 65535, sum_int16::encode(1.0, 1.0, 1.0)) == 131070);
static_assert(sum_int16::apply(65535, 1, sum_int16::encode(1.0, 1e-9, 1e-9)) == 1 << 30);
static_assert(sum_int16::fits(65535, 65535, {}) && !sum_int16::fits((std::int64_t{1} << 30) + 1, 0, {}));
static_assert(tflite_sum_int16::fits(32768, 32768, tflite_sum_int16::encode(0.1, 0.1, 1e-9)));
static_assert(!tflite_sum_int16::fits(65536, 1, tflite_sum_int16::encode(0.1, 0.1, 0.1)));
static_assert(tflite_sum_int16::apply(32767, -32768, tflite_sum_int16::encode(0.1, 0.1, 0.1)) == -1);
static_assert(tflite_sum_int16::apply(-32768, -32768, tflite_sum_int16::encode(0.1, 0.1, 0.1)) == -65536);

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

TEST_CASE("weighted_sum: TFLite's int16 ADD bit for bit") {
    check_tflite(tflite_cases("ADD"), 3, [](const tflite_case& c, std::size_t i) {
        REQUIRE(c.options.integer("pot_scale_int16") == 0);
        const tflite_tensor &a = c.inputs[0], &b = c.inputs[1];
        const auto left = a.data[broadcast_index(c.output.shape, a.shape, i)];
        const auto right = b.data[broadcast_index(c.output.shape, b.shape, i)];
        const sum_scaling s = tflite_sum_int16::encode(a.scale[0], b.scale[0], c.output.scale[0]);
        return c.range().clamp(
            tflite_sum_int16::apply(static_cast<std::int32_t>(left), static_cast<std::int32_t>(right), s));
    });
}

TEST_CASE("weighted_sum: TFLite's int16 ADD in plain arithmetic, edges and random integers") {
    std::mt19937 random(23);
    std::uniform_real_distribution<double> exponent(-15.0, 0.0), narrower(-17.0, 3.0);
    const std::int32_t edges[] = {-32768, -32767, -16384, -3, -2, -1, 0, 1, 2, 3, 16383, 32766, 32767};
    int saturated = 0, wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
        const double left = std::exp2(exponent(random)), right = std::exp2(exponent(random));
        const double common = 2 * std::fmax(left, right), result = common * std::exp2(narrower(random));
        const auto q_left = quantize_multiplier(left / common), q_right = quantize_multiplier(right / common);
        const auto q_result = quantize_multiplier(common / (32768.0 * result));
        const sum_scaling s = tflite_sum_int16::encode(left, right, result);
        for (int k = 0; k < 20; ++k) {
            const auto pick = [&] {
                return k < 10 ? edges[random() % 13] : static_cast<std::int32_t>(random() % 65536) - 32768;
            };
            const std::int32_t a = pick(), b = pick();
            const auto sum = scale_32(std::int64_t{a} * 32768, q_left) + scale_32(std::int64_t{b} * 32768, q_right);
            const std::int64_t got = to_int16(tflite_sum_int16::apply(a, b, s));
            if (fits_32_bits(sum, q_result)) {
                wrong += got != to_int16(scale_32(sum, q_result));
            } else { // undefined in TFLite; here the right end
                ++saturated;
                wrong += got != (sum > 0 ? 32767 : -32768);
            }
        }
    }
    CHECK(saturated > 100);
    CHECK(wrong == 0);
}

TEST_CASE("weighted_sum: int16 under any other rounding, within 1/2 + 2^-14 of the real sum where the result fits") {
    std::mt19937 random(24);
    std::uniform_real_distribution<double> exponent(-30.0, 30.0), wider(0.0, 20.0);
    int wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
        const double left = std::exp2(exponent(random)), right = i % 3 == 0 ? left : std::exp2(exponent(random));
        const double result = std::fmax(left, right) * std::exp2(wider(random));
        const sum_scaling s = sum_int16::encode(left, right, result);
        for (int k = 0; k < 20; ++k) {
            const std::int32_t a = k == 0 ? 65535 : static_cast<std::int32_t>(random() % 131071) - 65535;
            const std::int32_t b = k < 2 ? -65535 : static_cast<std::int32_t>(random() % 131071) - 65535;
            const double real = (a * left + b * right) / result;
            wrong += std::abs(sum_int16::apply(a, b, s) - real) > 0.5 + 0x1p-14;
        }
    }
    CHECK(wrong == 0);
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
                // 65535 * 2^31 twice, and a rounding constant of 2^59, are far inside 64 bits.
                const sum_scaling wide = sum_int16::encode(left, right, result);
                CHECK(wide.result.shift >= 0);
                CHECK(wide.result.shift <= 60);
                const std::int64_t there = to_int16(sum_int16::apply(65535, -65535, wide));
                CHECK(std::abs(there + to_int16(sum_int16::apply(-65535, 65535, wide))) <= 1);
                CHECK((left > right ? there >= 0 : there <= 0));
                const sum_scaling tflite = tflite_sum_int16::encode(left, right, result);
                CHECK(tflite_sum_int16::apply(32767, 32767, tflite) >= 0);
                CHECK(tflite_sum_int16::apply(-32768, -32768, tflite) <= 0);
            }
}

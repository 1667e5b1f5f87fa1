#include <ctq/core/double_rounding.hpp>

#include <core/requantizer_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>
#include <gemmlowp/fixedpoint/fixedpoint.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using ctq::double_rounding;
using ctq::scaling;
using namespace ctq::testing;

namespace {

constexpr auto highest = std::numeric_limits<std::int32_t>::max();

// The encoding: exact powers of two, the carry into the next power, both ends.
static_assert(double_rounding::encode(0.5) == scaling{1 << 30, 0} &&
              double_rounding::encode(1.0) == scaling{1 << 30, 1});
static_assert(double_rounding::encode(0.99999999999) == scaling{1 << 30, 1});
static_assert(double_rounding::encode(0x1p-32) == scaling{1 << 30, -31});
static_assert(double_rounding::encode(0x1p-33) == scaling{0, 0} && double_rounding::encode(1e10).shift == 30);
static_assert(double_rounding::decode({1 << 30, 1}) == 1.0);

// Halves go away from zero after the shift.
static_assert(double_rounding::apply(-1, double_rounding::encode(0.5), 0) == 0); // the first rounding goes up
static_assert(double_rounding::apply(-2, double_rounding::encode(0.25), 0) == -1);

// The headroom keeps 256 for the zero point: not tight, but a left shift overflows right behind that.
static_assert(defined<double_rounding, limit<double_rounding, highest, 5>, highest, 5>);
static_assert(!defined<double_rounding, limit<double_rounding, highest, 5> + 9, highest, 5>);
static_assert(defined<double_rounding, limit<double_rounding, highest, -31>, highest, -31>);
static_assert(double_rounding::headroom({highest, -31}) == highest - (1 << 30));

/// TFLite's MultiplyByQuantizedMultiplier from gemmlowp's primitives.
std::int32_t multiply_by_quantized_multiplier(std::int32_t x, quantized_multiplier q) {
    const int left = q.shift > 0 ? q.shift : 0;
    const int right = q.shift > 0 ? 0 : -q.shift;
    return gemmlowp::RoundingDivideByPOT(
        gemmlowp::SaturatingRoundingDoublingHighMul(x * (1 << left), static_cast<std::int32_t>(q.multiplier)), right);
}

} // namespace

TEST_CASE("double_rounding: equals gemmlowp's fixed point, a million cases") {
    std::mt19937_64 random(4);
    int wrong = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const double scale = random_scale(random, -34.0, i % 4 == 0 ? 20.0 : 0.0);
        const scaling s = double_rounding::encode(scale);
        const quantized_multiplier r = quantize_multiplier(scale);
        wrong += s.multiplier != r.multiplier || s.shift != r.shift;
        const std::int64_t room = double_rounding::headroom(s);
        std::int64_t value = static_cast<std::int32_t>(random()) >> (random() % 31);
        if (i % 16 == 1) value = room - static_cast<std::int64_t>(random() % 3);
        if (i % 16 == 2) value = -room + static_cast<std::int64_t>(random() % 3);
        const auto accumulator = static_cast<std::int32_t>(ctq::clamp_to(value, -room, room));
        const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
        wrong += double_rounding::apply(accumulator, s, zero_point) !=
                 multiply_by_quantized_multiplier(accumulator, r) + zero_point;
        wrong += scale_32(accumulator, r) != multiply_by_quantized_multiplier(accumulator, r); // the tests' own oracle
    }
    CHECK(wrong == 0);
}

TEST_CASE("double_rounding: its steps equal gemmlowp's everywhere") {
    std::mt19937_64 random(6);
    int wrong = 0;
    for (int i = 0; i < 200'000; ++i) {
        const auto a = static_cast<std::int32_t>(random());
        const auto b = static_cast<std::int32_t>(random());
        const int shift = static_cast<int>(random() % 32);
        wrong +=
            ctq::saturating_rounding_doubling_high_multiply(a, b) != gemmlowp::SaturatingRoundingDoublingHighMul(a, b);
        wrong += ctq::rounding_divide_by_power_of_two(a, shift) != gemmlowp::RoundingDivideByPOT(a, shift);
    }
    CHECK(wrong == 0);
}

TEST_CASE("double_rounding: stays within its error bound of real arithmetic") {
    CHECK(worst_error<double_rounding>(-31.0, 8.0, false) <= 1.0);
}

#include <ctq/core/integer.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace {

constexpr auto lowest = std::numeric_limits<std::int32_t>::min();
constexpr auto highest = std::numeric_limits<std::int32_t>::max();

static_assert(ctq::saturate<std::int8_t>(200) == 127 && ctq::saturate<std::int8_t>(-129) == -128);
static_assert(ctq::saturate<std::int8_t>(-128) == -128 && ctq::saturate<std::uint8_t>(-1) == 0);
static_assert(ctq::saturate<std::uint8_t>(256) == 255 && ctq::saturate<std::int16_t>(lowest) == -32768);
static_assert(ctq::saturate<std::int32_t>(std::int64_t{1} << 40) == highest);
static_assert(ctq::clamp_to(5, 0, 3) == 3 && ctq::clamp_to(-5, 0, 3) == 0 && ctq::clamp_to(2, 0, 3) == 2);
static_assert(ctq::rounding_half<std::int32_t>(0) == 0 && ctq::rounding_half<std::int32_t>(-3) == 0);
static_assert(ctq::rounding_half<std::int32_t>(1) == 1 && ctq::rounding_half<std::int32_t>(30) == 1 << 29);
static_assert(ctq::rounding_shift_right(5, 1) == 3 && ctq::rounding_shift_right(-5, 1) == -2);
static_assert(ctq::rounding_shift_right(-6, 2) == -1 && ctq::rounding_shift_right(7, 0) == 7);
static_assert(ctq::rounding_divide_by_power_of_two(5, 1) == 3 && ctq::rounding_divide_by_power_of_two(-5, 1) == -3);
static_assert(ctq::rounding_divide_by_power_of_two(-7, 0) == -7);
static_assert(ctq::rounding_divide_by_power_of_two(lowest, 31) == -1);
static_assert(ctq::rounding_divide_by_power_of_two(highest, 31) == 1);
static_assert(ctq::rounding_divide_by_power_of_two(1 << 30, 31) == 1);
static_assert(ctq::rounding_divide_by_power_of_two((1 << 30) - 1, 31) == 0);
static_assert(ctq::saturating_rounding_doubling_high_multiply(lowest, lowest) == highest);
static_assert(ctq::saturating_rounding_doubling_high_multiply(highest, highest) == highest - 1);
static_assert(ctq::saturating_rounding_doubling_high_multiply(-1, 1 << 30) == 0);
static_assert(ctq::saturating_rounding_doubling_high_multiply(1, 1 << 30) == 1);
static_assert(ctq::rounding_divide(7, 2) == 4 && ctq::rounding_divide(-7, 2) == -3 &&
              ctq::rounding_divide(-8, 3) == -3);
static_assert(ctq::wrapped_quotient(-7, 2) == -3 && ctq::wrapped_quotient(7, 0) == 0);
static_assert(ctq::wrapped_quotient(lowest, -1) == lowest && ctq::wrapped_quotient(highest, -1) == -highest);
static_assert(ctq::divide_up(7, 4) == 2 && ctq::divide_up(8, 4) == 2 && ctq::divide_up(0, 4) == 0);
static_assert(ctq::round_up_to(9, 8) == 16 && ctq::round_up_to(8, 8) == 8);

} // namespace

TEST_CASE("integer: rounding shifts and divisions against floor(x + 1/2) in long double") {
    std::mt19937_64 random(1);
    int wrong = 0;
    for (int i = 0; i < 200'000; ++i) {
        const auto value = static_cast<std::int32_t>(random()) >> (random() % 31);
        const int shift = static_cast<int>(random() % 31);
        const auto quotient = static_cast<long double>(value) / static_cast<long double>(std::int64_t{1} << shift);
        wrong += ctq::rounding_shift_right<std::int64_t>(value, shift) != std::floor(quotient + 0.5L);
        wrong += ctq::rounding_divide_by_power_of_two(value, shift) != std::round(quotient);
        const auto divisor = static_cast<std::int64_t>(random() % 100'000) + 1;
        const auto nearest = std::floor(static_cast<long double>(value) / static_cast<long double>(divisor) + 0.5L);
        wrong += ctq::rounding_divide(value, divisor) != nearest;
    }
    CHECK(wrong == 0);
}

TEST_CASE("integer: saturate keeps what fits and clamps the rest") {
    int wrong = 0;
    for (std::int32_t value = -70'000; value <= 70'000; ++value) {
        wrong += ctq::saturate<std::int8_t>(value) != ctq::clamp_to(value, -128, 127);
        wrong += ctq::saturate<std::int16_t>(value) != ctq::clamp_to(value, -32768, 32767);
        wrong += ctq::saturate<std::uint8_t>(value) != ctq::clamp_to(value, 0, 255);
    }
    CHECK(wrong == 0);
}

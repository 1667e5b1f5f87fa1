#pragma once
// Integer steps that requantization, rules and kernels share: saturation, rounding shifts, quotients.
// room: core | runs on: all | heap: no | float: no

#include <ctq/core/target.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// `value` clamped to the range of the integer type `T`. Total: every value of `Wide` is allowed.
template <std::integral T, std::integral Wide> constexpr T saturate(Wide value) {
    constexpr auto low = std::numeric_limits<T>::min();
    constexpr auto high = std::numeric_limits<T>::max();
    static_assert(std::signed_integral<Wide> && sizeof(Wide) > sizeof(T),
                  "ctq: saturate: a wider signed type is required; widen the value first");
    if (value < static_cast<Wide>(low)) return low;
    if (value > static_cast<Wide>(high)) return high;
    return static_cast<T>(value);
}

/// Sum, difference and product modulo 2^bits, as two's complement has them: total.
template <std::signed_integral T> constexpr T wrapped_sum(T a, T b) {
    using bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<bits>(static_cast<bits>(a) + static_cast<bits>(b)));
}
template <std::signed_integral T> constexpr T wrapped_difference(T a, T b) {
    using bits = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<bits>(static_cast<bits>(a) - static_cast<bits>(b)));
}
template <std::signed_integral T> constexpr T wrapped_product(T a, T b) {
    using bits = std::make_unsigned_t<T>;
    static_assert(sizeof(T) >= sizeof(int), "ctq: wrapped_product: 32 bits or more are required; promotion to int of "
                                            "narrower factors can overflow");
    return static_cast<T>(static_cast<bits>(a) * static_cast<bits>(b));
}

/// The quotient towards zero modulo 2^bits, 0 where b is 0: total.
template <std::signed_integral T> constexpr T wrapped_quotient(T a, T b) {
    if (b == 0) return T{0};
    return b == -1 ? wrapped_difference(T{0}, a) : static_cast<T>(a / b);
}

/// `value` clamped to [low, high]; low <= high.
template <std::integral T> constexpr T clamp_to(T value, T low, T high) {
    return value < low ? low : (value > high ? high : value);
}

/// What a rounding shift by `shift` adds before it shifts: 2^(shift-1), or 0 for shift <= 0. shift < bits of T.
template <std::signed_integral T> constexpr T rounding_half(int shift) {
    return shift > 0 ? static_cast<T>(T{1} << (shift - 1)) : T{0};
}

/// floor(value / 2^shift + 1/2): halves go up. shift >= 0; value + 2^(shift-1) must fit T.
template <std::signed_integral T> constexpr T rounding_shift_right(T value, int shift) {
    return static_cast<T>((value + rounding_half<T>(shift)) >> shift);
}

/// value / 2^shift rounded to nearest, halves away from zero. 0 <= shift <= 31; total (gemmlowp's
/// RoundingDivideByPOT).
constexpr std::int32_t rounding_divide_by_power_of_two(std::int32_t value, int shift) {
    const auto mask = static_cast<std::int32_t>((std::int64_t{1} << shift) - 1);
    const std::int32_t remainder = value & mask;
    const std::int32_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
    return (value >> shift) + (remainder > threshold ? 1 : 0);
}

/// floor(a * b / 2^31 + 1/2), saturated in the one case that overflows, a = b = -2^31 (gemmlowp's
/// SaturatingRoundingDoublingHighMul, AArch64 `sqrdmulh`).
constexpr std::int32_t saturating_rounding_doubling_high_multiply(std::int32_t a, std::int32_t b) {
    constexpr auto lowest = std::numeric_limits<std::int32_t>::min();
    if (a == lowest && b == lowest) return std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

/// floor(numerator / denominator + 1/2): halves go up. denominator > 0; |numerator| < 2^61, denominator < 2^61.
constexpr std::int64_t rounding_divide(std::int64_t numerator, std::int64_t denominator) {
    const std::int64_t shifted = 2 * numerator + denominator;
    const std::int64_t divisor = 2 * denominator;
    const std::int64_t quotient = shifted / divisor;
    return quotient - (shifted % divisor < 0 ? 1 : 0);
}

/// The quotient rounded up; dividend >= 0, divisor > 0, their sum fits T.
template <std::integral T> constexpr T divide_up(T dividend, std::type_identity_t<T> divisor) {
    return static_cast<T>((dividend + divisor - 1) / divisor);
}

/// `value` rounded up to a multiple of `multiple`; value >= 0, multiple > 0.
template <std::integral T> constexpr T round_up_to(T value, std::type_identity_t<T> multiple) {
    return static_cast<T>(divide_up(value, multiple) * multiple);
}

} // namespace ctq::inline CTQ_TARGET

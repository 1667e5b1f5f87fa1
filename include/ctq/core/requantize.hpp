#pragma once
// Requantization: how an int32 accumulator becomes an output integer. The scalar definitions here are the norm; every
// kernel equals them bit for bit. What was measured and why three_step is the default: docs/requantization.md.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>
#include <ctq/core/integer.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace ctq {

/// A real scale as integers. What the two fields mean is the requantizer's affair.
struct scaling {
    std::int32_t multiplier = 0;
    std::int32_t shift = 0;

    friend constexpr bool operator==(const scaling&, const scaling&) = default;
};

/// An arithmetic that maps accumulators to outputs: q = acc * scale + zero_point, rounded, not yet clamped.
///
/// - `encode(real_scale)`: the nearest scaling of a positive finite scale. Defined for tiny scales (every output is the
///   zero point) and for scales above 1.
/// - `decode(s)`: the real scale that s stands for.
/// - `apply(acc, s, zero_point)`: the definition. zero_point in [-256, 255]; |acc| <= headroom(s).
/// - `rounding(s)`, `apply_folded(acc, s, zero_point)`: the same in two parts, apply(acc, s, z) ==
///   apply_folded(acc + rounding(s), s, z): a kernel adds rounding(s) to the bias before the program starts.
/// - `headroom(s)`: the largest |acc|, rounding(s) not yet added, for which nothing overflows.
/// - `shifts_left(s)`: whether s shifts the accumulator left; kernels have a shorter path for tensors without.
/// - `multiplier_type`: the integer type in which tables hold the multipliers. Shifts fit int8.
///
/// The concept leaves room for cvm's rounding shift (multiplier 1), MXNet's float multiply (the multiplier holds the
/// bits of a float) and for wider outputs: apply returns int32, the clamp is the caller's.
template <class R>
concept requantizer = requires(double real, scaling s, std::int32_t i) {
    typename R::multiplier_type;
    { R::name } -> std::convertible_to<std::string_view>;
    { R::encode(real) } -> std::same_as<scaling>;
    { R::decode(s) } -> std::same_as<double>;
    { R::apply(i, s, i) } -> std::same_as<std::int32_t>;
    { R::rounding(s) } -> std::same_as<std::int32_t>;
    { R::apply_folded(i, s, i) } -> std::same_as<std::int32_t>;
    { R::headroom(s) } -> std::same_as<std::int64_t>;
    { R::shifts_left(s) } -> std::same_as<bool>;
    requires std::integral<typename R::multiplier_type>;
};

namespace detail {

/// A positive finite scale taken apart exactly: mantissa * 2^(exponent - 53) with 2^52 <= mantissa < 2^53.
struct dissected {
    std::int64_t mantissa = 0;
    int exponent = 0;
};

constexpr dissected dissect(double real_scale) {
    require(real_scale > 0.0 && elementary::is_finite(real_scale), "requantize: a scale must be positive and finite");
    const auto [fraction, exponent] = elementary::frexp(real_scale);
    return {static_cast<std::int64_t>(fraction * 0x1p53), exponent};
}

} // namespace detail

/// Three short steps, integers of 16 bits after the first:
///
///     a = sat16((acc + 2^(shift-1)) >> shift)        shift >= 0; for shift < 0: a = sat16(acc << -shift)
///     r = (a * multiplier) >> 16                     2^14 <= multiplier < 2^15, less only at shift = 16
///     q = (r + 2^4 + zero_point * 2^5) >> 5
///
/// The scale is multiplier * 2^-(21 + shift), shift in [-15, 16]. Each step is one instruction on x86 (`vpsravd` and
/// `vpackssdw`, `vpmulhw`, `vpaddsw` and `vpsraw`), NEON and Helium (`sqdmulh`) and the DSP extension (`smlabb`).
///
/// Only two roundings: a floor of a floor is one floor, so steps 2 and 3 together are the product a * multiplier
/// rounded once to whole outputs, halves up. For int8 and uint8, so |q - zero_point| <= 255, q is within 1/2 + 2/128 of
/// acc * scale + zero_point and within 1/2 + 1/128 of acc * decode(s) + zero_point: 1/128 from step 1, 1/128 from the
/// rounded multiplier. A left shift (scale >= 2^-6: sums of few products, averages, rescaling) loses nothing in step 1.
/// What saturates in step 1 lies outside that range on the same side, so that the clamp to the output makes it exact.
/// Monotonic in acc; acc = 0 gives the zero point. A scale of 256 or more clamps at |acc| = 1 and is encoded as the
/// largest; a scale too small to move the output gives the zero point always.
struct three_step {
    static constexpr std::string_view name = "three_step";
    static constexpr std::string_view cpp_name = "ctq::three_step";
    using multiplier_type = std::int16_t; ///< what a table of multipliers is kept in
    static constexpr std::int32_t largest_shift = 16;
    static constexpr std::int32_t smallest_shift = -15;

    static constexpr scaling encode(double real_scale) {
        const auto [mantissa, exponent] = detail::dissect(real_scale);
        const int shift = -exponent - 6; // for a multiplier in 2^14 .. 2^15
        if (shift < smallest_shift) return {largest_multiplier, smallest_shift};
        const int excess = shift > largest_shift ? shift - largest_shift : 0;
        if (excess > 15) return {0, largest_shift};
        const auto multiplier = static_cast<std::int32_t>(rounding_shift_right(mantissa, 53 - 15 + excess));
        if (multiplier <= largest_multiplier) return {multiplier, shift - excess};
        if (shift == smallest_shift) return {largest_multiplier, smallest_shift};
        return {multiplier / 2, shift - 1};
    }

    static constexpr double decode(scaling s) {
        return static_cast<double>(s.multiplier) * elementary::power_of_two(-(21 + s.shift));
    }

    static constexpr bool shifts_left(scaling s) { return s.shift < 0; }

    static constexpr std::int32_t rounding(scaling s) { return rounding_half<std::int32_t>(s.shift); }

    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return apply_folded(accumulator + rounding(s), s, zero_point);
    }

    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return (shorten(accumulator, s.shift) * s.multiplier + offset(zero_point) * (1 << 16)) >> 21;
    }

    static constexpr std::int64_t headroom(scaling s) {
        return std::int64_t{std::numeric_limits<std::int32_t>::max()} - rounding(s);
    }

    /// Whether step 1 saturates for some |acc| <= largest. If not, kernels leave the saturation out.
    static constexpr bool saturates(scaling s, std::int64_t largest) {
        const std::int64_t shortened = s.shift >= 0 ? (largest + rounding(s)) >> s.shift : largest << -s.shift;
        return shortened > std::numeric_limits<std::int16_t>::max();
    }

    /// What step 3 adds: the zero point and one half. A constant of the tensor, int16.
    static constexpr std::int32_t offset(std::int32_t zero_point) { return zero_point * 32 + 16; }

    /// A residual tensor can join before step 3, in its unit of 1/32 output step: the sum is rounded once. `ratio`: the
    /// residual's scale over the output's; 0 when it is too large to be encoded (4 or more).
    static constexpr std::int32_t encode_residual(double ratio) {
        const double scaled = ratio * 8192 + 0.5;
        return scaled < largest_multiplier + 1.0 ? static_cast<std::int32_t>(scaled) : 0;
    }

    /// `difference`: the residual less its zero point, |difference| <= 255. int16; `vpmulhrsw` of difference * 128.
    static constexpr std::int32_t residual_term(std::int32_t difference, std::int32_t residual_multiplier) {
        return (difference * residual_multiplier + 128) >> 8;
    }

    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point,
                                               std::int32_t residual) {
        return (((shorten(accumulator, s.shift) * s.multiplier) >> 16) + residual + offset(zero_point)) >> 5;
    }

  private:
    static constexpr std::int32_t largest_multiplier = 32767;

    /// Step 1 without its rounding constant. Left shifts saturate before they shift: what does not fit int16 before
    /// the shift does not fit it afterwards either.
    static constexpr std::int32_t shorten(std::int32_t accumulator, std::int32_t shift) {
        if (shift >= 0) return saturate<std::int16_t>(accumulator >> shift);
        return saturate<std::int16_t>(saturate<std::int16_t>(accumulator) * (std::int32_t{1} << -shift));
    }
};

/// TFLite's MultiplyByQuantizedMultiplier in its classic form, two roundings, to run TFLite models bit for bit:
///
///     r = floor((acc << left) * multiplier / 2^31 + 1/2)           left = max(shift, 0)
///     q = r / 2^right + zero_point, halves away from zero          right = max(-shift, 0)
///
/// The scale is multiplier * 2^(shift - 31), 2^30 <= multiplier < 2^31 (0 for a scale under 2^-32), shift in [-31, 30];
/// note the sign of shift: TFLite's. From: gemmlowp's fixedpoint.h (definition), TFLite's quantization_util
/// (QuantizeMultiplier). A scale above 2^30 is encoded as the largest.
struct double_rounding {
    static constexpr std::string_view name = "double_rounding";
    static constexpr std::string_view cpp_name = "ctq::double_rounding";
    using multiplier_type = std::int32_t; ///< what a table of multipliers is kept in

    static constexpr scaling encode(double real_scale) {
        const auto [mantissa, exponent] = detail::dissect(real_scale);
        const std::int64_t multiplier = rounding_shift_right(mantissa, 53 - 31);
        const bool carried = multiplier == std::int64_t{1} << 31;
        const int shift = exponent + (carried ? 1 : 0);
        if (shift < -31) return {0, 0};
        if (shift > 30) return {std::numeric_limits<std::int32_t>::max(), 30};
        return {static_cast<std::int32_t>(carried ? multiplier / 2 : multiplier), shift};
    }

    static constexpr double decode(scaling s) {
        return static_cast<double>(s.multiplier) * elementary::power_of_two(s.shift - 31);
    }

    static constexpr bool shifts_left(scaling s) { return s.shift > 0; }

    static constexpr std::int32_t rounding(scaling) { return 0; }

    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        const int left = s.shift > 0 ? s.shift : 0;
        const int right = s.shift < 0 ? -s.shift : 0;
        const std::int32_t widened = accumulator * (std::int32_t{1} << left);
        const std::int32_t product = saturating_rounding_doubling_high_multiply(widened, s.multiplier);
        return rounding_divide_by_power_of_two(product, right) + zero_point;
    }

    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return apply(accumulator, s, zero_point);
    }

    /// Leaves room for the zero point and for kernels that round by adding 2^(right-1) instead of comparing remainders.
    static constexpr std::int64_t headroom(scaling s) {
        constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();
        if (s.shift > 0) return (largest - 256) >> s.shift;
        return largest - (s.shift == 0 ? 256 : rounding_half<std::int64_t>(-s.shift));
    }
};

/// A requantizer that can add a residual tensor before its last rounding.
template <class R>
concept adds_residual = requires(double ratio, std::int32_t i, scaling s) {
    { R::encode_residual(ratio) } -> std::same_as<std::int32_t>;
    { R::residual_term(i, i) } -> std::same_as<std::int32_t>;
    { R::apply_folded(i, s, i, i) } -> std::same_as<std::int32_t>;
};

/// The arithmetic of the default rule.
using default_requantizer = three_step;

/// One output of `R`, clamped to [low, high]: the activation's bounds inside the range of `Output`.
template <requantizer R, std::integral Output = std::int8_t>
constexpr Output requantize(std::int32_t accumulator, scaling s, std::int32_t zero_point,
                            Output low = std::numeric_limits<Output>::min(),
                            Output high = std::numeric_limits<Output>::max()) {
    const std::int32_t q = R::apply(accumulator, s, zero_point);
    return static_cast<Output>(clamp_to<std::int32_t>(q, low, high));
}

} // namespace ctq

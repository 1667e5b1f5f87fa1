#pragma once
// three_step: the default requantizer, integers of 16 bits after its first step. Why: docs/requantization.md.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

#include <ctq/core/integer.hpp>
#include <ctq/core/scaling.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

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
    using accumulator_type = std::int32_t;
    static constexpr int output_bits = 8;
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

} // namespace ctq::inline CTQ_TARGET

#pragma once
// The arithmetics that were weighed against three_step and double_rounding and are not part of the library.
// room: bench | runs on: all | heap: no

#include <ctq/core/requantize.hpp>

#include <bit>
#include <cstdint>

namespace ctq::bench {

/// One rounding of the 64-bit product: floor(acc * multiplier / 2^(31 + right) + 1/2), double_rounding's encoding.
struct single_rounding {
    static constexpr std::string_view name = "single_rounding";
    using multiplier_type = std::int32_t;

    static constexpr scaling encode(double real_scale) { return double_rounding::encode(real_scale); }
    static constexpr double decode(scaling s) { return double_rounding::decode(s); }
    static constexpr bool shifts_left(scaling s) { return s.shift > 0; }
    static constexpr std::int32_t rounding(scaling) { return 0; }
    static constexpr std::int64_t headroom(scaling s) { return double_rounding::headroom(s); }

    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        const std::int64_t product = std::int64_t{accumulator} * s.multiplier;
        return saturate<std::int32_t>(rounding_shift_right(product, 31 - s.shift)) + zero_point;
    }
    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return apply(accumulator, s, zero_point);
    }
};

/// Convert, multiply, convert to nearest even, in float. The multiplier holds the float's bits.
struct floating {
    static constexpr std::string_view name = "float";
    using multiplier_type = std::int32_t;

    static constexpr scaling encode(double real_scale) {
        return {std::bit_cast<std::int32_t>(static_cast<float>(real_scale)), 0};
    }
    static constexpr double decode(scaling s) { return static_cast<double>(std::bit_cast<float>(s.multiplier)); }
    static constexpr bool shifts_left(scaling) { return false; }
    static constexpr std::int32_t rounding(scaling) { return 0; }
    static constexpr std::int64_t headroom(scaling) { return 1 << 24; } // beyond, the conversion rounds too

    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        const float product = exact(static_cast<float>(accumulator) * std::bit_cast<float>(s.multiplier));
        return static_cast<std::int32_t>(elementary::round_half_even(product)) + zero_point;
    }
    static constexpr std::int32_t apply_folded(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        return apply(accumulator, s, zero_point);
    }
};

/// DESIGN's first form of three_step: step 2 rounds (`vpmulhrsw`, `sqrdmulh`) and keeps Fraction bits for step 3. Its
/// three roundings halves-up leave a mean error of 2^-(Fraction+1); and seven bits do not reach 255 LSB from the zero
/// point.
template <int Fraction> struct three_roundings {
    static constexpr std::string_view name = Fraction == 6 ? "three_roundings_6" : "three_roundings_7";
    using multiplier_type = std::int16_t;

    static constexpr scaling encode(double real_scale) {
        const scaling s = three_step::encode(real_scale);
        return {s.multiplier, s.shift - (Fraction - 6)};
    }
    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        const std::int32_t a =
            s.shift >= 0 ? saturate<std::int16_t>((accumulator + rounding_half<std::int32_t>(s.shift)) >> s.shift)
                         : saturate<std::int16_t>(saturate<std::int16_t>(accumulator) * (1 << -s.shift));
        const std::int32_t r = (a * s.multiplier + (1 << 14)) >> 15;
        return (r + (1 << (Fraction - 1)) + zero_point * (1 << Fraction)) >> Fraction;
    }
};

/// three_step with the zero point and both rounding constants folded into the accumulator's bias, so that the third
/// step is a shift alone: q = ((sat16((acc + folded) >> shift) * multiplier) >> 16) >> 6. One bit more fits, because a
/// spans the output's range and not the distance from the zero point. No left shifts, no scale below 2^-23.
struct folded_zero_point {
    static constexpr std::string_view name = "folded_zero_point";
    using multiplier_type = std::int16_t;

    static constexpr scaling encode(double real_scale) {
        const scaling s = three_step::encode(real_scale);
        return {s.multiplier, s.shift - 1};
    }
    static constexpr std::int32_t constant(scaling s, std::int32_t zero_point) {
        const std::int64_t half_steps = (2 * zero_point + 1) * (std::int64_t{1} << (21 + s.shift));
        return static_cast<std::int32_t>(rounding_divide(half_steps, s.multiplier)) +
               rounding_half<std::int32_t>(s.shift);
    }
    static constexpr std::int32_t apply(std::int32_t accumulator, scaling s, std::int32_t zero_point) {
        const std::int32_t a = saturate<std::int16_t>((accumulator + constant(s, zero_point)) >> s.shift);
        return (a * s.multiplier) >> 22;
    }
};

} // namespace ctq::bench

#pragma once
// shift_rounding: a requantizer that ctq does not have. A scale is a power of two, so an accumulator becomes an output
// by one shift, halves up. Firmware includes this file: emitted headers do it for us.

#include <ctq/core/signature.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace my {

struct shift_rounding {
    static constexpr std::string_view name = "shift_rounding", cpp_name = "my::shift_rounding";
    static constexpr bool powers_of_two = true;
    using accumulator_type = std::int32_t;
    using multiplier_type = std::int8_t; ///< 1, or 0 where every output is the zero point

    /// The power of two that is nearest to a scale; its own where it is one.
    static constexpr ctq::scaling encode(double scale) {
        const auto [fraction, exponent] = ctq::elementary::frexp(scale); // fraction in [1/2, 1)
        const std::int32_t shift = (fraction * fraction < 0.5 ? 1 : 0) - exponent;
        if (shift > 31) return {0, 0};
        return {1, shift < -30 ? -30 : shift};
    }
    static constexpr double decode(ctq::scaling s) { return s.multiplier * ctq::elementary::power_of_two(-s.shift); }
    static constexpr bool shifts_left(ctq::scaling s) { return s.shift < 0; }
    static constexpr std::int32_t rounding(ctq::scaling s) { return ctq::rounding_half<std::int32_t>(s.shift); }

    static constexpr std::int32_t apply(std::int32_t sum, ctq::scaling s, std::int32_t zero_point) {
        return apply_folded(sum + rounding(s), s, zero_point);
    }
    static constexpr std::int32_t apply_folded(std::int32_t sum, ctq::scaling s, std::int32_t zero_point) {
        if (s.multiplier == 0) return zero_point;
        return (s.shift < 0 ? sum * (1 << -s.shift) : sum >> s.shift) + zero_point;
    }
    /// Leaves room for the zero point.
    static constexpr std::int64_t headroom(ctq::scaling s) {
        constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max() - 256;
        return s.shift < 0 ? largest >> -s.shift : largest - rounding(s);
    }
};

inline constexpr ctq::rounding by_shift = ctq::rounding::own;

} // namespace my

template <> struct ctq::requantizer_for<my::by_shift> { using type = my::shift_rounding; };

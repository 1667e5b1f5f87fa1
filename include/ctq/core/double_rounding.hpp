#pragma once
// double_rounding: the requantizer of TFLite's 8-bit kernels and of its 16-bit element-wise ones.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

#include <ctq/core/integer.hpp>
#include <ctq/core/scaling.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

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
    using accumulator_type = std::int32_t;
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

} // namespace ctq::inline CTQ_TARGET

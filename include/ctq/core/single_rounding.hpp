#pragma once
// single_rounding: the requantizer of TFLite's int16x8 convolutions, from a sum of up to 64 bits with one rounding.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

#include <ctq/core/double_rounding.hpp>
#include <ctq/core/integer.hpp>
#include <ctq/core/scaling.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// TFLite's MultiplyByQuantizedMultiplier for 64-bit accumulators, to run its int16x8 models bit for bit:
///
///     q = floor((acc * multiplier + 2^(14-shift)) / 2^(15-shift)) + zero_point
///
/// The scale is multiplier * 2^(shift - 15): double_rounding's encoding (and its sign of shift) with the multiplier
/// rounded to 15 bits, 2^14 <= multiplier < 2^15 (0 for a scale under 2^-32), shift in [-31, 15]. TFLite itself stops
/// at shift 7; here a scale of 2^15 or more is encoded as the largest, 32767.
///
/// q is the product rounded once, halves up: within 1/2 of acc * decode(s) + zero_point. The multiplier's own rounding
/// adds 2^-15 of the result, so q is within 1/2 + |q - zero_point| * 2^-15 of acc * scale + zero_point: 3/2 at int16's
/// ends. Monotonic in acc; acc = 0 gives the zero point. A result beyond int32 (undefined in TFLite) saturates.
/// zero_point is any int16 or uint16; TFLite's is 0. On a Cortex-M4 the product is `umull` and `mla`.
/// From: TFLite's reference integer convolutions and quantization_util (tested on their results).
struct single_rounding {
    static constexpr std::string_view name = "single_rounding";
    static constexpr std::string_view cpp_name = "ctq::single_rounding";
    using accumulator_type = std::int64_t;
    using multiplier_type = std::int16_t; ///< what a table of multipliers is kept in
    static constexpr std::int32_t largest_shift = 15;

    static constexpr scaling encode(double real_scale) {
        const scaling wide = double_rounding::encode(real_scale);
        if (wide.shift > largest_shift) return {largest_multiplier, largest_shift};
        const bool rounds_to_next_power = wide.multiplier >= largest_multiplier << 16;
        return {rounds_to_next_power ? largest_multiplier : rounding_shift_right(wide.multiplier, 16), wide.shift};
    }

    static constexpr double decode(scaling s) {
        return static_cast<double>(s.multiplier) * elementary::power_of_two(s.shift - 15);
    }

    static constexpr bool shifts_left(scaling) { return false; }

    /// The rounding constant joins after the multiplication, so none can be folded into a bias.
    static constexpr std::int64_t rounding(scaling) { return 0; }

    static constexpr std::int32_t apply(std::int64_t accumulator, scaling s, std::int32_t zero_point) {
        const std::int64_t rounded = rounding_shift_right(accumulator * s.multiplier, 15 - s.shift);
        return saturate<std::int32_t>(rounded + zero_point);
    }

    static constexpr std::int32_t apply_folded(std::int64_t accumulator, scaling s, std::int32_t zero_point) {
        return apply(accumulator, s, zero_point);
    }

    /// What a 15-bit multiplier leaves of 64 bits, less the rounding constant's 2^45: for every s, and the zero point
    /// fits too. 2^48 is a sum of 67 million products of int16 and int8.
    static constexpr std::int64_t headroom(scaling) { return (std::int64_t{1} << 48) - 1; }

  private:
    static constexpr std::int32_t largest_multiplier = 32767;
};

} // namespace ctq::inline CTQ_TARGET

#pragma once
// scaled_mean: the mean of quantized integers in the output's integers, from their sum. The scalar definition of
// reduce_mean.
// room: core | runs on: all | heap: no | float: only in encode

#include <ctq/core/requantize.hpp>

#include <bit>
#include <cstdint>

namespace ctq::inline CTQ_TARGET {

/// q = sum * (in / (count * out)) + zero_point. sum: of `count` >= 1 integers less their zero points, |sum| <= 2^31 -
/// 2^16: 8,421,247 int8, 65,534 int16 with zero point 0. Rounded as `Requantizer` rounds; no scale overflows.
template <class Requantizer> struct scaled_mean {
    static constexpr scaling encode(double in, double out, std::int64_t count) {
        return Requantizer::encode(in / (static_cast<double>(count) * out));
    }

    static constexpr std::int32_t apply(std::int32_t sum, scaling s, std::int32_t zero_point) {
        return apply_saturating<Requantizer>(sum, s, zero_point);
    }
};

/// TFLite's: in / out is encoded, then its multiplier is divided by count, with as many bits of the quotient as the
/// shift can give back. 1 <= count < 2^32. From: TFLite's reference mean (tested on its results).
template <> struct scaled_mean<double_rounding> {
    static constexpr scaling encode(double in, double out, std::int64_t count) {
        const scaling whole = double_rounding::encode(in / out);
        const auto kept = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count))) - 1;
        const int spare = whole.shift + 31;
        const int bits = kept < spare ? kept : spare;
        const std::int64_t multiplier = (std::int64_t{whole.multiplier} << bits) / count;
        return {static_cast<std::int32_t>(multiplier), whole.shift - bits};
    }

    static constexpr std::int32_t apply(std::int32_t sum, scaling s, std::int32_t zero_point) {
        return apply_saturating<double_rounding>(sum, s, zero_point);
    }
};

} // namespace ctq::inline CTQ_TARGET

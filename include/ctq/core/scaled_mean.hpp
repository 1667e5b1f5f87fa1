#pragma once
// scaled_mean: the mean of quantized integers in the output's integers, from their sum. The scalar definition of
// reduce_mean.
// room: core | runs on: all | heap: no | float: only in encode

#include <ctq/core/requantize.hpp>

#include <bit>
#include <cstdint>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// q = sum * (in / (count * out)) + zero_point. sum: of `count` integers less their zero points, 1 <= count < 2^32 and
/// |sum| <= 2^31 - 2^16: 8,421,247 int8, 65,534 int16 with zero point 0. Rounded as `Requantizer` rounds; no scale
/// overflows.
template <class Requantizer> struct scaled_mean {
    /// Under double_rounding TFLite's: in / out is encoded, then its multiplier is divided by count, with as many bits
    /// of the quotient as the shift can give back. From: TFLite's reference mean (tested on its results).
    static constexpr scaling encode(double in, double out, std::int64_t count) {
        if constexpr (std::is_same_v<Requantizer, double_rounding>) {
            const scaling whole = double_rounding::encode(in / out);
            const auto kept = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count))) - 1;
            const int spare = whole.shift + 31;
            const int bits = kept < spare ? kept : spare;
            const std::int64_t multiplier = (std::int64_t{whole.multiplier} << bits) / count;
            return {static_cast<std::int32_t>(multiplier), whole.shift - bits};
        } else {
            return Requantizer::encode(in / (static_cast<double>(count) * out));
        }
    }

    static constexpr std::int32_t apply(std::int32_t sum, scaling s, std::int32_t zero_point) {
        return apply_saturating<Requantizer>(sum, s, zero_point);
    }
};

} // namespace ctq::inline CTQ_TARGET

#pragma once
// quantize_elements: many reals to int8 at once, the same integers as ctq::quantize gives one by one.
// room: host | runs on: host | heap: no

#include <ctq/core/quantization.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace ctq::host {

/// to[i] = quantize(from[i], q), NaN as the zero point. `to` has as many elements as `from`. Cost: well under 1 ns an
/// element; ctq::quantize has branches that keep a loop over it from being vectorized.
inline void quantize_elements(std::span<const float> from, const quantization& q, std::int8_t* to) {
    const float reciprocal = 1.0f / q.scale;
    // In float, the sum of this and a number up to 2^22 has no bits below 1: the addition rounds, halves to even.
    constexpr float rounder = 12582912.0f;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const float quotient = from[i] * reciprocal;
        const bool is_nan = quotient != quotient;
        float scaled = quotient > -1.0e6f ? quotient : -1.0e6f;
        scaled = scaled < 1.0e6f ? scaled : 1.0e6f;
        const float rounded = (scaled + rounder) - rounder;
        const std::int32_t integer = (is_nan ? 0 : static_cast<std::int32_t>(rounded)) + q.zero_point;
        const std::int32_t low = integer < -128 ? -128 : integer;
        to[i] = static_cast<std::int8_t>(low > 127 ? 127 : low);
    }
}

} // namespace ctq::host

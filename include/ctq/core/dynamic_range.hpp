#pragma once
// dynamic_range: a scale and a zero point from the reals that they are for, while a network runs; their integers.
// room: core | runs on: all | heap: no | source: ONNX's DynamicQuantizeLinear

#include <ctq/core/quantization.hpp>

#include <cstdint>
#include <limits>
#include <span>

namespace ctq::inline CTQ_TARGET {

/// The lowest and highest of the reals and zero. NaN is passed over; an infinity counts as the largest float.
constexpr bounds measured_range(std::span<const float> reals) {
    constexpr bounds finite{std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()};
    bounds range{0.0f, 0.0f};
    for (const float real : reals) range = {real < range.low ? real : range.low, real > range.high ? real : range.high};
    return {finite.clamp(range.low), finite.clamp(range.high)};
}

/// The integers that a scale measured at run time is for: all of uint8, and those of int8 that lie evenly about zero.
constexpr limits dynamic_limits(dtype type) {
    return type == dtype::int8 ? limits{-127, 127} : limits_of(type);
}

/// The quantization of reals within `range`, which contains zero, as int8 (the zero point is 0) or uint8. The scale is
/// 1 where the range is empty, and never below 1e-30, so that quotients and products of scales stay finite.
constexpr quantization dynamic_quantization(dtype type, const bounds& range) {
    if (range.low == range.high) return {1.0f, 0};
    constexpr float least = 1.0e-30f;
    if (type == dtype::int8) {
        const float scale = (-range.low > range.high ? -range.low : range.high) / 127.0f;
        return {scale < least ? least : scale, 0};
    }
    // In double the difference cannot overflow, and rounds to the float that ONNX's own subtraction gives.
    const double difference = static_cast<double>(range.high) - static_cast<double>(range.low);
    const bool fits = difference <= static_cast<double>(std::numeric_limits<float>::max());
    const float scale = fits ? static_cast<float>(difference) / 255.0f : static_cast<float>(difference / 255.0);
    const quantization q{scale < least ? least : scale, 0};
    return {q.scale, limits_of(dtype::uint8).clamp(nearest_int31(-range.low / q.scale))};
}

/// round(real / scale) + zero_point, halves to even, within `range`: by a true quotient, as ONNX states it. NaN gives
/// the zero point.
constexpr std::int32_t quantize_by_quotient(float real, const quantization& q, const limits& range) {
    return range.clamp(nearest_int31(real / q.scale) + q.zero_point);
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// quantization: how the integers of a tensor stand for reals, and the two conversions.
// room: core | runs on: all | heap: no | source: real = scale * (q - zero_point), TFLite's 8-bit specification

#include <ctq/core/dtype.hpp>
#include <ctq/core/elementary.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// real = scale * (integer - zero_point). A scale of 0 marks a tensor that is not quantized.
struct quantization {
    float scale = 0;
    std::int32_t zero_point = 0;

    friend constexpr bool operator==(const quantization&, const quantization&) = default;
};

/// The lowest and highest integer that an element may take: an interval. A fused activation narrows it.
struct limits {
    std::int32_t low = std::numeric_limits<std::int32_t>::min();
    std::int32_t high = std::numeric_limits<std::int32_t>::max();

    constexpr std::int32_t clamp(std::int32_t value) const { return value < low ? low : value > high ? high : value; }
    friend constexpr bool operator==(const limits&, const limits&) = default;
};

/// The lowest and highest of integers of any width: what a proof looks at where kernels clamp nothing.
struct interval {
    std::int64_t low = 0, high = 0;

    friend constexpr bool operator==(const interval&, const interval&) = default;
};

/// All that a type can hold. Of float32 and int64, which nothing is clamped to, what 32 bits can, and nobody goes by
/// it: int64 constants (a bias) have the interval of their numbers, interval_of, and int64 activations (token ids,
/// counts) are plain numbers, which no sum that is proved adds up.
constexpr limits limits_of(dtype type) {
    switch (type) {
    case dtype::boolean:
        return {0, 1};
    case dtype::int4:
        return {-8, 7};
    case dtype::int8:
        return {-128, 127};
    case dtype::uint8:
        return {0, 255};
    case dtype::int16:
        return {-32768, 32767};
    case dtype::uint16:
        return {0, 65535};
    default:
        return {};
    }
}

/// Real bounds of an activation such as ReLU6. The default bounds nothing.
struct bounds {
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();

    constexpr float clamp(float value) const { return value < low ? low : value > high ? high : value; }
    constexpr bool unbounded() const {
        return low == -std::numeric_limits<float>::infinity() && high == std::numeric_limits<float>::infinity();
    }
    friend constexpr bool operator==(const bounds&, const bounds&) = default;

    static constexpr bounds none() { return {}; }
    static constexpr bounds relu() { return {0.0f, std::numeric_limits<float>::infinity()}; }
    static constexpr bounds relu6() { return {0.0f, 6.0f}; }
};

/// False for infinities, for NaN, and for what stands for infinity: masks are written with -1e9 and with the lowest
/// float as well.
constexpr bool is_bounded(double x) {
    return x > -1e9 && x < 1e9;
}

/// The bounds that hold when `first` and then `second` clamp a value.
constexpr bounds chained(const bounds& first, const bounds& second) {
    return {second.clamp(first.low), second.clamp(first.high)};
}

/// [0, 1) as TFLite's integers of a type hold it: without the last step, which saturates. A step is 1/256 in 8 bits,
/// and 2^-15 in 16 bits, whose zero point is 0. Of 32 bits TFLite has none, and the last step stays.
constexpr bounds unit_interval(dtype type) {
    if (type == dtype::int32) return {0.0f, 1.0f};
    return {0.0f, type == dtype::int16 ? 32767.0f / 32768.0f : 255.0f / 256.0f};
}

/// Nearest integer, halves to even; NaN gives 0. It saturates at 2^30 and -2^30, so that a zero point may be added.
/// Beside nearest() for loops over activations: without a branch and without a comparison of reals, either of which
/// keeps g++ from vectorizing them. Bits of a float that is not negative, taken as an integer, are in the order of the
/// floats.
constexpr std::int32_t nearest_int31(float value) {
    constexpr auto end = std::bit_cast<std::int32_t>(0x1p30f), half = std::bit_cast<std::int32_t>(0.5f);
    constexpr auto infinity = std::bit_cast<std::int32_t>(std::numeric_limits<float>::infinity());
    const auto bits = std::bit_cast<std::int32_t>(value);
    const std::int32_t magnitude = bits & std::numeric_limits<std::int32_t>::max();
    const auto distance = std::bit_cast<float>(magnitude > end ? end : magnitude);
    const auto truncated = static_cast<std::int32_t>(distance);
    const auto rest = std::bit_cast<std::int32_t>(distance - static_cast<float>(truncated));
    const std::int32_t rounded = truncated + (rest + (truncated & 1) > half ? 1 : 0);
    const std::int32_t number = rounded & -static_cast<std::int32_t>(magnitude <= infinity);
    const std::int32_t sign = bits >> 31;
    return (number ^ sign) - sign;
}

/// Nearest integer, halves to even, of a double; what does not fit `Integer` saturates; NaN gives 0. Each weight of a
/// model written in C++ is rounded by it, so not by elementary::round_half_even, which takes clang twice the steps.
template <class Integer> constexpr Integer nearest(double value) {
    constexpr Integer least = std::numeric_limits<Integer>::min(), most = std::numeric_limits<Integer>::max();
    constexpr auto low = static_cast<double>(least), high = static_cast<double>(most); // of 64 bits: 2^63, one above
    if (!(value > low)) return value <= low ? least : Integer{0};
    if (value >= high) return most;
    const auto truncated = static_cast<Integer>(value);
    const double rest = value - static_cast<double>(truncated);
    const double distance = rest < 0 ? -rest : rest;
    const bool up = distance > 0.5 || (distance == 0.5 && truncated % 2 != 0);
    return static_cast<Integer>(up ? truncated + (value < 0 ? -1 : 1) : truncated);
}

/// round(real / scale) + zero_point, clamped to `range`. The quotient is a product with the float reciprocal of the
/// scale, so that every machine and compiler forms the same bits; it saturates at 2^30. |zero_point| < 2^30.
constexpr std::int32_t quantize(float real, const quantization& q, const limits& range) {
    return range.clamp(nearest_int31(real * (1.0f / q.scale)) + q.zero_point);
}

/// The same as TFLite's QUANTIZE and its fused activations' bounds round: a true float32 quotient, halves away from
/// zero. NaN gives the zero point. From: TFLite's reference quantize (tested on its results).
constexpr std::int32_t quantize_half_away(float real, const quantization& q, const limits& range) {
    if (elementary::is_nan(static_cast<double>(real))) return range.clamp(q.zero_point);
    const float scaled = real / q.scale;
    const float clipped = scaled < -0x1p30f ? -0x1p30f : scaled > 0x1p30f ? 0x1p30f : scaled;
    return range.clamp(static_cast<std::int32_t>(elementary::round_half_away(clipped)) + q.zero_point);
}

constexpr float dequantize(std::int32_t integer, const quantization& q) {
    return static_cast<float>(integer - q.zero_point) * q.scale;
}

/// The number that a stored element stands for: itself where it is not quantized, and 0 or 1 for a truth value.
template <class T> constexpr float real_of(T element, const quantization& q) {
    if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(std::int32_t))
        return q.scale == 0 ? static_cast<float>(element) : dequantize(static_cast<std::int32_t>(element), q);
    else
        return static_cast<float>(element);
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// scaling: a real scale as integers, and the exact parts of a scale from which every encoding starts.
// room: core | runs on: all | heap: no | float: only to encode, in the compiler or on the host

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>

#include <cstdint>
#include <optional>

namespace ctq::inline CTQ_TARGET {

/// A real scale as integers. What the two fields mean is the requantizer's affair.
struct scaling {
    std::int32_t multiplier = 0;
    std::int32_t shift = 0;

    friend constexpr bool operator==(const scaling&, const scaling&) = default;
};

namespace detail {

/// A positive finite scale taken apart exactly: mantissa * 2^(exponent - 53) with 2^52 <= mantissa < 2^53.
struct dissected {
    std::int64_t mantissa = 0;
    int exponent = 0;
};

constexpr dissected dissect(double real_scale) {
    require(real_scale > 0.0 && elementary::is_finite(real_scale), "requantize: a scale must be positive and finite");
    const auto [fraction, exponent] = elementary::frexp(real_scale);
    return {static_cast<std::int64_t>(fraction * 0x1p53), exponent};
}

} // namespace detail

/// The n for which `scale` is 2^n within a thousandth of an octave; none otherwise, or if it is not positive and
/// finite. What TFLite's int16 kernels take for a power of two (CheckedLog2).
constexpr std::optional<int> near_power_of_two(double scale) {
    if (!(scale > 0.0) || !elementary::is_finite(scale)) return std::nullopt;
    constexpr double thousandth_octave = 1.0006933874625806; // 2^(1/1000)
    const auto [fraction, exponent] = elementary::frexp(scale);
    if (fraction * thousandth_octave > 1.0) return exponent;
    if (fraction < 0.5 * thousandth_octave) return exponent - 1;
    return std::nullopt;
}

} // namespace ctq::inline CTQ_TARGET

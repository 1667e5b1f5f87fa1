#pragma once
// The logistic function and the hyperbolic tangent on int16, from one table of 256 values, bit for bit TFLite's.
// room: core | runs on: all | heap: no | float: only in encode and in the table, which the compiler makes

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>
#include <ctq/core/integer.hpp>
#include <ctq/core/scaling.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// The logistic function at i / 24 in units of 2^-16, rounded. TFLite's own table is one unit above that at 44 entries:
/// a fact of the format, not an error here.
template <class Real> constexpr std::array<std::uint16_t, 256> make_logistic_table() {
    constexpr std::uint8_t one_above[] = {4,  8,  12, 14, 15, 16, 17, 19, 20,  21,  22,  25,  27,  28, 29,
                                          30, 31, 33, 34, 35, 37, 39, 40, 41,  43,  44,  45,  46,  49, 50,
                                          54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255};
    std::array<std::uint16_t, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Real value = Real{65536} * elementary::logistic(static_cast<Real>(i) / Real{24});
        const Real nearest = elementary::round_half_away(value);
        table[i] = static_cast<std::uint16_t>(nearest > 65535.0 ? 65535.0 : nearest);
    }
    for (const std::uint8_t i : one_above) ++table[i];
    return table;
}

/// A template, and so is what reads the table: only programs that use it make it.
template <class Real = double>
inline constexpr std::array<std::uint16_t, 256> logistic_table = make_logistic_table<Real>();

/// x in units of 2^-12 / 3, with which 256 entries of 1/24 reach 10.7. |x * multiplier| <= 2^31 - 2^15.
constexpr std::int32_t to_table_units(std::int16_t x, scaling s) {
    return rounding_shift_right(x * s.multiplier, s.shift);
}

/// The table read at `magnitude` >= 0, linearly between its entries, in units of 2^-(16 + fraction_bits).
/// fraction_bits: of one table entry's width. `end`: the value from the last entry on.
template <class Real = double>
constexpr std::int32_t read_logistic_table(std::int32_t magnitude, int fraction_bits, std::int32_t end) {
    const auto entry = static_cast<std::size_t>(magnitude >> fraction_bits);
    if (entry >= 255) return end;
    const std::int32_t from = logistic_table<Real>[entry], to = logistic_table<Real>[entry + 1];
    return (from << fraction_bits) + (magnitude & ((1 << fraction_bits) - 1)) * (to - from);
}

/// The multiplier of a scale that is no power of two: scale * 3 * 2^12 doubled into 2^14 .. 2^15 and truncated. A scale
/// of 16 / 3 or more (TFLite overflows) is taken for 16 / 3.
constexpr scaling encode_table_units(double scale) {
    require(scale > 0.0 && elementary::is_finite(scale), "logistic: an input scale must be positive and finite");
    double multiplier = scale * 12288.0;
    std::int32_t shift = 0;
    for (; multiplier <= 16383.5 && shift <= 30; ++shift) multiplier *= 2.0;
    return {static_cast<std::int32_t>(multiplier < 65535.0 ? multiplier : 65535.0), shift};
}

} // namespace detail

/// The parameters of logistic_int16 for an input scale, positive and finite. A scale of 2^-12 is exact.
constexpr scaling encode_logistic_int16(double input_scale) {
    return near_power_of_two(input_scale) == -12 ? scaling{3, 0} : detail::encode_table_units(input_scale);
}

/// The parameters of tanh_int16. Scales of 2^-12 and 2^-11 are exact.
constexpr scaling encode_tanh_int16(double input_scale) {
    const auto exponent = near_power_of_two(input_scale);
    if (exponent == -12 || exponent == -11) return {*exponent == -12 ? 3 : 6, 0};
    return detail::encode_table_units(input_scale);
}

/// 1 / (1 + e^-x): the input symmetric with the scale that was encoded, the output symmetric with scale 2^-15.
/// Integers only. From: TFLite's reference logistic (tested on its results).
template <class Real = double> constexpr std::int16_t logistic_int16(std::int16_t x, scaling s) {
    const std::int32_t units = detail::to_table_units(x, s);
    const std::int32_t half_unit = 1 << 9, one = 1 << 25;
    const std::int32_t value = detail::read_logistic_table<Real>(units < 0 ? -units : units, 9, 32767 << 10);
    const std::int32_t rounded = units < 0 ? one - value + half_unit - 1 : value + half_unit;
    return static_cast<std::int16_t>(rounded >> 10);
}

/// tanh x = 2 logistic(2x) - 1: scales as for logistic_int16. From: TFLite's reference tanh (tested on its results).
template <class Real = double> constexpr std::int16_t tanh_int16(std::int16_t x, scaling s) {
    const std::int32_t units = detail::to_table_units(x, s);
    const std::int32_t half_unit = 1 << 7, one_half = 1 << 23;
    const std::int32_t value = detail::read_logistic_table<Real>(units < 0 ? -units : units, 8, 65535 << 8);
    const std::int32_t rounded = units < 0 ? one_half - value + half_unit - 1 : value - one_half + half_unit;
    return static_cast<std::int16_t>(rounded >> 8);
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// softmax on int16, by two tables with interpolation, bit for bit TFLite's.
// room: core | runs on: all | heap: no | float: only in encode and in the tables, which the compiler makes

#include <ctq/core/interpolated_table.hpp>
#include <ctq/core/requantize.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// e^x over [-10, 0] in units of 2^-15. Templates, and so is what reads the tables: only programs that use them make
/// them.
template <class Real = double>
inline constexpr interpolated_table exponential_table = make_interpolated_table<Real>(Real{10.0 / 65535}, 32767,
                                                                                      Real{2.0 / 65535}, [](Real x) {
                                                                                          return elementary::exp(x);
                                                                                      });

/// 1 / (1 + x) over [0, 1] in units of 2^-15.
template <class Real = double>
inline constexpr interpolated_table reciprocal_table = make_interpolated_table<Real>(Real{1.0 / 65535}, -32768,
                                                                                     Real{2.0 / 65535}, [](Real x) {
                                                                                         return Real{1} / (Real{1} + x);
                                                                                     });

/// e^(x - largest) in units of 2^-15, 1 .. 32767. x <= largest.
template <class Real = double>
constexpr std::int32_t exponential_of_difference(std::int32_t x, std::int32_t largest, scaling s) {
    const std::int32_t scaled = apply_saturating<double_rounding>(x - largest, s, 0);
    return interpolate(saturate<std::int16_t>(scaled + 32767), exponential_table<Real>);
}

/// 1 / sum as multiplier * 2^-shift, for exponentials in units of 2^-15.
struct reciprocal {
    std::int32_t multiplier, shift;
};
template <class Real = double> constexpr reciprocal reciprocal_of(std::int32_t sum) {
    const int zeros = std::countl_zero(static_cast<std::uint32_t>(sum));
    // The sum's leading bits as 1 + x, x in units of 2^-16: the table wants x on int16's whole range.
    const std::uint32_t normal = static_cast<std::uint32_t>(sum) << (zeros - 1);
    const std::int32_t beyond_one = static_cast<std::int32_t>((normal + (1U << 13)) >> 14) - 65536;
    return {interpolate(saturate<std::int16_t>(beyond_one - 32768), reciprocal_table<Real>), 31 - zeros};
}

} // namespace detail

/// The parameters of softmax_int16: the input's scale times beta, positive and finite. The product is float32, as in
/// TFLite's kernel.
constexpr scaling encode_softmax_int16(float input_scale, float beta) {
    const float scale = input_scale * beta;
    return double_rounding::encode(static_cast<double>(scale) / (10.0 / 65535));
}

/// One row: to[i * step] = e^from[i * step] / sum of all, i < length. The input is symmetric with the scale that was
/// encoded; the output symmetric with scale 2^-15, 0 .. 32767. 1 <= length <= 65538; `to` may be `from`. Integers only.
/// Within 2 * (length + 1) units of the real softmax: an input so far below the largest that it should count nothing
/// still counts 2 units of 2^-15, so the format suits short rows.
/// Cost: two passes of table look-ups and one of multiplications. From: TFLite's reference int16 softmax (tested on its
/// results).
template <class Real = double>
constexpr void softmax_int16(const std::int16_t* from, std::int16_t* to, std::size_t length, std::size_t step,
                             scaling s) {
    std::int32_t largest = from[0];
    for (std::size_t i = 1; i < length; ++i) largest = from[i * step] > largest ? from[i * step] : largest;
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
        const std::int32_t share = detail::exponential_of_difference<Real>(from[i * step], largest, s);
        to[i * step] = static_cast<std::int16_t>(share);
        sum += share;
    }
    const auto [multiplier, shift] = detail::reciprocal_of<Real>(sum);
    for (std::size_t i = 0; i < length; ++i) {
        const std::int32_t share = rounding_shift_right(to[i * step] * multiplier, shift);
        to[i * step] = static_cast<std::int16_t>(clamp_to<std::int32_t>(share, 0, 32767));
    }
}

} // namespace ctq::inline CTQ_TARGET

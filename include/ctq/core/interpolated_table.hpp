#pragma once
// Any function of one real on int16: 513 points with linear interpolation between them, made as TFLite makes them.
// room: core | runs on: all | heap: no | float: only to make a table, in the compiler or on the host

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>
#include <ctq/core/quantization.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// Points of a table: 512 steps of 128 input integers, both ends included.
constexpr std::size_t interpolated_points = 513;

using interpolated_table = std::array<std::int16_t, interpolated_points>;
using interpolated_table_view = std::span<const std::int16_t, interpolated_points>;

/// The function at x: between two points a straight line, rounded to nearest, halves up. Integers only.
constexpr std::int16_t interpolate(std::int16_t x, interpolated_table_view table) {
    const auto step = static_cast<std::size_t>(256 + (x >> 7));
    const std::int32_t from = table[step], to = table[step + 1];
    return static_cast<std::int16_t>(from + (((to - from) * (x & 127) + 64) >> 7));
}

namespace detail {

/// What a table is made of: the inputs at its points and the factor from reals to output integers, each in float steps
/// of `Real`.
template <class Real> struct table_grid {
    Real first, step, last, factor;

    constexpr table_grid(Real in_scale, std::int32_t in_zero_point, Real out_scale) {
        first = exact(in_scale * static_cast<Real>(-32768 - in_zero_point));
        last = exact(in_scale * static_cast<Real>(32767 - in_zero_point));
        step = (last - first) / Real{512};
        factor = Real{65536} / (exact(out_scale * Real{32767}) - exact(out_scale * Real{-32768}));
    }

    /// The input at point `index`, `beyond` behind it.
    constexpr Real at(std::int32_t index, Real beyond) const {
        return exact(first + exact(static_cast<Real>(index) * step)) + beyond;
    }
};

/// `value` in output integers, rounded with halves away from zero, less `sag`, clamped. NaN gives 0.
template <class Real> constexpr std::int16_t table_entry(Real value, Real sag) {
    constexpr Real low = std::numeric_limits<std::int16_t>::min(), high = std::numeric_limits<std::int16_t>::max();
    if (elementary::is_nan(static_cast<double>(value))) return 0;
    const Real entry = elementary::round_half_away(value) - sag;
    return static_cast<std::int16_t>(entry < low ? low : entry > high ? high : entry);
}

/// Half of the error that a straight line from `from` to `to` makes at `middle`, rounded: a point is moved by that
/// much, so that the ends and the middle share the error. In output integers, not rounded. 0 beside a value that is not
/// finite.
template <class Real> constexpr Real half_the_sag(Real from, Real middle, Real to) {
    using elementary::round_half_away;
    for (const Real value : {from, middle, to})
        if (!elementary::is_finite(static_cast<double>(value))) return Real{0};
    const Real line = round_half_away((to + round_half_away(from)) / Real{2});
    return round_half_away((line - round_half_away(middle)) / Real{2});
}

} // namespace detail

/// The table of `function(Real) -> Real` for inputs of `in_scale` and `in_zero_point` and symmetric outputs of
/// `out_scale`; scales are positive and finite. The points span the inputs -32768 .. 32767 evenly, 65535 / 512 apart,
/// but are read as if they were 128 apart: TFLite's inexactness, at most one input step, kept. `Real` is float or
/// double: what TFLite takes for the kernel in question (float for all but softmax). Every step is rounded separately,
/// so the bits are TFLite's where `function` is correctly rounded; an entry differs by 1 where a value that is off by
/// an ulp crosses a half. Where the function is NaN the output is 0, where it is infinite the nearest end. Cost: 1,025
/// evaluations. From: TFLite's int16 look-up tables (tested on its results for exp, log, rsqrt and gelu).
template <class Real, class Function>
constexpr interpolated_table make_interpolated_table(Real in_scale, std::int32_t in_zero_point, Real out_scale,
                                                     const Function& function) {
    static_assert(std::is_same_v<decltype(function(Real{})), Real>,
                  "ctq: make_interpolated_table: a function from Real to Real is required");
    const detail::table_grid<Real> grid(in_scale, in_zero_point, out_scale);
    const auto output = [&](Real input) {
        const Real value = function(input);
        return elementary::is_nan(static_cast<double>(value)) ? value : exact(value * grid.factor);
    };
    interpolated_table table{};
    Real value = output(grid.at(0, Real{0}));
    for (std::int32_t i = 0; i < 512; ++i) {
        const Real middle = output(grid.at(i, grid.step / Real{2})), next = output(grid.at(i + 1, Real{0}));
        const Real sag = detail::half_the_sag(value, middle, next);
        table[static_cast<std::size_t>(i)] = detail::table_entry(value, sag);
        value = next;
    }
    table.back() = detail::table_entry(output(grid.last), Real{0});
    return table;
}

/// The same for a function of floats between two quantizations; the output's zero point is 0. An operator that is a
/// `unary_function` is such a function.
template <class Function>
constexpr interpolated_table make_interpolated_table(const quantization& in, const quantization& out,
                                                     const Function& function) {
    require(out.zero_point == 0, "an int16 table needs an output with zero point 0");
    return make_interpolated_table<float>(in.scale, in.zero_point, out.scale, function);
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// signature: which integers a node reads, adds up and makes, and how it rounds. Derived from a node, never stored; a
// kernel is chosen by it, so that an image holds no code for types that its model has not.
// room: core | runs on: all | heap: no

#include <ctq/core/dtype.hpp>
#include <ctq/core/requantize.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// The arithmetic by which an accumulator becomes an output integer. `unrounded`: it is the output. `in_float`: there
/// is none, the node's float meaning runs. A rule of the user's with an arithmetic of its own takes a value from `own`
/// on and specializes requantizer_for.
enum class rounding : std::uint8_t { unrounded, three_step, double_rounding, single_rounding, in_float, own = 128 };

/// As C++ spells it; empty for a user's own.
constexpr std::string_view name_of(rounding how) {
    switch (how) {
    case rounding::unrounded:
        return "unrounded";
    case rounding::three_step:
        return "three_step";
    case rounding::double_rounding:
        return "double_rounding";
    case rounding::single_rounding:
        return "single_rounding";
    case rounding::in_float:
        return "in_float";
    default:
        return {};
    }
}

template <rounding How> struct requantizer_for;
template <> struct requantizer_for<rounding::three_step> { using type = three_step; };
template <> struct requantizer_for<rounding::double_rounding> { using type = double_rounding; };
template <> struct requantizer_for<rounding::single_rounding> { using type = single_rounding; };

/// Stored types of the first operand, of the weights or the second operand (that of the first where there is neither)
/// and of the output; the accumulator; the rounding. A structural type: a template argument.
struct signature {
    dtype x = dtype::int8, w = dtype::int8, y = dtype::int8, sum = dtype::int32;
    rounding how = rounding::unrounded;

    friend constexpr bool operator==(const signature&, const signature&) = default;
};

/// True for nodes of the float domain. Not told by the types: a float node may read or make int32 or truth values.
constexpr bool is_float_signature(const signature& s) {
    return s.how == rounding::in_float;
}

template <signature S> using requantizer_of = typename requantizer_for<S.how>::type;

namespace detail {

struct no_requantizer {};
template <signature S> constexpr auto requantizer_value() {
    if constexpr (S.how == rounding::unrounded || is_float_signature(S))
        return no_requantizer{};
    else
        return requantizer_of<S>{};
}

} // namespace detail

/// The same, and a type that is no requantizer where nothing is rounded.
template <signature S> using requantizer_or_none = decltype(detail::requantizer_value<S>());

/// A signature under which results are rounded.
template <signature S>
concept rounded = requantizer<requantizer_or_none<S>>;

/// The accumulator that sums of products of these types take: 64 bits where 16-bit activations meet weights.
constexpr dtype accumulator_of(dtype x) {
    return x == dtype::int16 ? dtype::int64 : dtype::int32;
}

/// Types that activations of integer nodes can have.
constexpr bool is_activation(dtype type) {
    return type == dtype::int8 || type == dtype::uint8 || type == dtype::int16 || type == dtype::int32;
}

/// Activations of 8 bits.
constexpr bool is_byte(dtype type) {
    return type == dtype::int8 || type == dtype::uint8;
}

/// The accumulator that sums of products of two activations take.
constexpr dtype accumulator_of_products(dtype x, dtype w) {
    return is_byte(x) && is_byte(w) ? dtype::int32 : dtype::int64;
}

/// Types that weights can have.
constexpr bool is_weight(dtype type) {
    return type == dtype::int8 || type == dtype::int4 || type == dtype::int32;
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// Requantization: how an accumulator becomes an output integer. The concept, and what is written over any requantizer.
// The requantizers' scalar definitions are the norm; every kernel equals them bit for bit.
// room: core | runs on: all | heap: no | float: only in encode and decode, which run in the compiler or on the host

#include <ctq/core/double_rounding.hpp>
#include <ctq/core/integer.hpp>
#include <ctq/core/scaling.hpp>
#include <ctq/core/single_rounding.hpp>
#include <ctq/core/three_step.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// An arithmetic that maps accumulators to outputs: q = acc * scale + zero_point, rounded, not yet clamped.
///
/// - `encode(real_scale)`: the nearest scaling of a positive finite scale. Defined for tiny scales (every output is the
///   zero point) and for scales above 1.
/// - `decode(s)`: the real scale that s stands for.
/// - `accumulator_type`: the widest sums that it takes, int32 or int64; the bias of a layer has the type of its sums.
/// - `apply(acc, s, zero_point)`: the definition. |acc| <= headroom(s); zero_point in [-256, 255], more only where the
///   requantizer says so.
/// - `rounding(s)`, `apply_folded(acc, s, zero_point)`: the same in two parts, apply(acc, s, z) ==
///   apply_folded(acc + rounding(s), s, z): a kernel adds rounding(s) to the bias before the program starts.
/// - `headroom(s)`: the largest |acc|, rounding(s) not yet added, for which nothing overflows.
/// - `shifts_left(s)`: whether s shifts the accumulator left; kernels have a shorter path for tensors without.
/// - `output_bits` (optional, 32): the widest outputs that it is defined for.
/// - `multiplier_type`: the integer type in which tables hold the multipliers. Shifts fit int8.
///
/// The concept leaves room for cvm's rounding shift (multiplier 1), MXNet's float multiply (the multiplier holds the
/// bits of a float) and for wider outputs: apply returns int32, the clamp is the caller's.
template <class R>
concept requantizer = requires(double real, scaling s, std::int32_t i, typename R::accumulator_type accumulator) {
    typename R::multiplier_type;
    { R::name } -> std::convertible_to<std::string_view>;
    { R::encode(real) } -> std::same_as<scaling>;
    { R::decode(s) } -> std::same_as<double>;
    { R::apply(accumulator, s, i) } -> std::same_as<std::int32_t>;
    { R::rounding(s) } -> std::same_as<typename R::accumulator_type>;
    { R::apply_folded(accumulator, s, i) } -> std::same_as<std::int32_t>;
    { R::headroom(s) } -> std::same_as<std::int64_t>;
    { R::shifts_left(s) } -> std::same_as<bool>;
    requires std::integral<typename R::multiplier_type>;
    requires std::signed_integral<typename R::accumulator_type>;
};

/// The widest outputs that a requantizer is defined for.
template <requantizer R>
constexpr int output_bits_of = [] {
    if constexpr (requires { R::output_bits; })
        return R::output_bits;
    else
        return 32;
}();

/// A requantizer that can add a residual tensor before its last rounding.
template <class R>
concept adds_residual = requires(double ratio, std::int32_t i, scaling s) {
    { R::encode_residual(ratio) } -> std::same_as<std::int32_t>;
    { R::residual_term(i, i) } -> std::same_as<std::int32_t>;
    { R::apply_folded(i, s, i, i) } -> std::same_as<std::int32_t>;
};

/// The arithmetic of the default rule.
using default_requantizer = three_step;

/// The largest |accumulator| that apply_saturating takes.
constexpr std::int64_t largest_saturating = (std::int64_t{1} << 31) - (1 << 16);

/// R::apply for an accumulator that no proof bounds by headroom(s), because it has no weights: a product, a sum, a mean
/// or a tensor rescaled, |accumulator| <= largest_saturating. A scale that shifts it left out of its type saturates;
/// the result is then beyond every 16-bit output, on the right side.
template <requantizer R>
constexpr std::int32_t apply_saturating(typename R::accumulator_type accumulator, scaling s, std::int32_t zero_point) {
    if (!R::shifts_left(s)) return R::apply(accumulator, s, zero_point);
    const std::int64_t most = R::headroom(s), held = clamp_to<std::int64_t>(accumulator, -most, most);
    return R::apply(static_cast<typename R::accumulator_type>(held), s, zero_point);
}

/// One output of `R`, clamped to [low, high]: the activation's bounds inside the range of `Output`.
template <requantizer R, std::integral Output = std::int8_t>
constexpr Output requantize(typename R::accumulator_type accumulator, scaling s, std::int32_t zero_point,
                            Output low = std::numeric_limits<Output>::min(),
                            Output high = std::numeric_limits<Output>::max()) {
    const std::int32_t q = R::apply(accumulator, s, zero_point);
    return static_cast<Output>(clamp_to<std::int32_t>(q, low, high));
}

} // namespace ctq::inline CTQ_TARGET

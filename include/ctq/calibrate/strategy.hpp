#pragma once
// calibration_strategy: what a type must offer to turn a tensor's observed values into a range.
// room: calibrate | runs on: compiler + host | heap: no (a strategy may use it while it chooses)

#include <ctq/calibrate/histogram.hpp>

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

namespace ctq::inline CTQ_TARGET::calibration {

/// What is collected for each tensor, and all that a strategy may look at. Statistics that a strategy can derive from
/// the bins (a mean, a deviation: sums over at most 2,000 bins, the same on every machine) need nothing else; one that
/// cannot be derived becomes a member here, with an exact merge, and every collector and file then has it.
using observation = histogram;

/// What a quantization rule asks of a range: the number of integers that will cover it, and whether the range is used
/// as [-m, m], m the larger magnitude of its ends (symmetric), or as it is (affine).
struct grid {
    std::int32_t levels = 256;
    bool symmetric = false;

    friend constexpr bool operator==(const grid&, const grid&) = default;
};

/// A calibration strategy. One file of a user's own is enough:
///
///     struct half { static constexpr std::string_view name = "half";
///                   constexpr range choose(const observation& seen, const grid&) const { return ... } };
///
/// Parameters are data members with defaults; one says by `accepts(value)` and `accepted`, in words, what a user may
/// ask for. Further names may stand in a static array `aliases` of string_view. Laws, for every observation, also an
/// empty one, and every grid of at least 2 levels:
///   1. choose() is a pure function of its arguments and the parameters;
///   2. the result is finite, contains 0, and lies within the observed [min, max] united with 0;
///   3. an empty observation and one of zeros only give [0, 0].
/// That no order, batch size, thread count or machine matters follows from 1: an observation does not record them.
template <class Strategy>
concept calibration_strategy = std::semiregular<Strategy> &&
    requires(const Strategy& strategy, const observation& seen, const grid& asked) {
    { Strategy::name } -> std::convertible_to<std::string_view>;
    { strategy.choose(seen, asked) } -> std::same_as<range>;
};

/// The further names under which a strategy is found; empty for most.
template <calibration_strategy Strategy> constexpr std::span<const std::string_view> aliases_of() {
    if constexpr (requires { Strategy::aliases; })
        return Strategy::aliases;
    else
        return {};
}

/// Whether `name` is the strategy's name or one of its aliases.
template <calibration_strategy Strategy> constexpr bool is_called(std::string_view name) {
    if (name == Strategy::name) return true;
    for (const std::string_view alias : aliases_of<Strategy>()) {
        if (name == alias) return true;
    }
    return false;
}

} // namespace ctq::inline CTQ_TARGET::calibration

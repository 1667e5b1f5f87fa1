#pragma once
// range: the real interval that a tensor's integers must cover, the answer of every calibration strategy.
// room: calibrate | runs on: compiler + host | heap: no

#include <ctq/core/target.hpp>

namespace ctq::inline CTQ_TARGET::calibration {

/// The closed interval [low, high], in the tensor's own units. The default is the single point 0: what was never seen.
/// (core's `bounds`, which clamp, bound nothing where nothing is said.)
struct range {
    float low = 0;
    float high = 0;

    constexpr bool contains(float value) const { return low <= value && value <= high; }
    constexpr bool contains(const range& other) const { return low <= other.low && other.high <= high; }
    constexpr float largest_magnitude() const { return -low > high ? -low : high; }
    friend constexpr bool operator==(const range&, const range&) = default;
};

/// The smallest range that contains both.
constexpr range united(const range& a, const range& b) {
    return {a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

/// The smallest range that contains `seen` and 0: padding, ReLU and zero points need 0 to be representable.
constexpr range with_zero(const range& seen) {
    return united(seen, range{});
}

} // namespace ctq::inline CTQ_TARGET::calibration

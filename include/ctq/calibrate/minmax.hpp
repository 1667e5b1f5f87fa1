#pragma once
// minmax: the range of all values seen. Nothing is clipped; one outlier coarsens everything else.
// room: calibrate | runs on: compiler + host | heap: no

#include <ctq/calibrate/strategy.hpp>

#include <array>

namespace ctq::inline CTQ_TARGET::calibration {

/// [min, max] of the observed values, united with 0. Cost: nothing. MXNet calls it naive.
struct minmax {
    static constexpr std::string_view name = "minmax";
    static constexpr std::array<std::string_view, 1> aliases{"naive"};

    constexpr range choose(const observation& seen, const grid&) const { return with_zero(seen.observed()); }

    friend constexpr bool operator==(const minmax&, const minmax&) = default;
};

static_assert(calibration_strategy<minmax>);

} // namespace ctq::inline CTQ_TARGET::calibration

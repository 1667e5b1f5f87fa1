#include "laws/calibration_strategy.hpp"

#include <ctq/calibrate/minmax.hpp>

#include <doctest/doctest.h>

using namespace ctq::calibration;

static_assert([] {
    constexpr float values[] = {-1.0f, 0.25f, 3.0f};
    observation seen;
    seen.observe(values);
    return minmax{}.choose(seen, {}) == range{-1.0f, 3.0f};
}());

TEST_CASE("minmax keeps the laws") {
    ctq::laws::check_calibration_strategy(minmax{});
}

TEST_CASE("minmax is the observed extremes with zero") {
    for (const auto& set : ctq::laws::value_sets()) {
        const observation seen = ctq::laws::observed(set.values);
        for (const grid& asked : ctq::laws::grids()) {
            CHECK(minmax{}.choose(seen, asked) == range{std::min(seen.min(), 0.0f), std::max(seen.max(), 0.0f)});
        }
    }
}

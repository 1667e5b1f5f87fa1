#include "laws/calibration_strategy.hpp"

#include <ctq/calibrate/minmax.hpp>
#include <ctq/calibrate/percentile.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

using namespace ctq::calibration;

namespace {

std::size_t clipped(const std::vector<float>& values, const range& chosen) {
    return static_cast<std::size_t>(
        std::count_if(values.begin(), values.end(), [&](float x) { return !chosen.contains(x); }));
}

std::vector<float> ramp(int from, int to) {
    std::vector<float> values;
    for (int i = from; i <= to; ++i) values.push_back(static_cast<float>(i));
    return values;
}

} // namespace

static_assert([] {
    constexpr float values[] = {-1.0f, 0.25f, 0.5f, 0.75f, 3.0f};
    observation seen;
    seen.observe(values);
    return percentile{100}.choose(seen, {}) == range{-1.0f, 3.0f} && percentile{60}.choose(seen, {}).high < 1.0f;
}());

TEST_CASE("percentile keeps the laws") {
    for (const double percent : {99.99, 99.0, 50.0, 0.0, 100.0})
        ctq::laws::check_calibration_strategy(percentile{percent});
}

TEST_CASE("percentile 100 is minmax, exactly; more is taken as 100") {
    for (const auto& set : ctq::laws::value_sets()) {
        CAPTURE(set.name);
        const observation seen = ctq::laws::observed(set.values);
        for (const grid& asked : ctq::laws::grids()) {
            const range full = minmax{}.choose(seen, asked);
            CHECK(percentile{100}.choose(seen, asked) == full);
            CHECK(percentile{1000}.choose(seen, asked) == full);
        }
    }
}

TEST_CASE("no more than the share is clipped, and a larger percent keeps at least as much") {
    for (const auto& set : ctq::laws::value_sets()) {
        CAPTURE(set.name);
        std::vector<float> finite;
        for (const float x : set.values) {
            if (std::abs(x) <= std::numeric_limits<float>::max()) finite.push_back(x);
        }
        const observation seen = ctq::laws::observed(finite);
        for (const grid& asked : ctq::laws::grids()) {
            range before{};
            for (const double percent : {10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
                const range chosen = percentile{percent}.choose(seen, asked);
                CHECK(static_cast<double>(clipped(finite, chosen)) <=
                      static_cast<double>(finite.size()) * (100.0 - percent) / 100.0 + 1e-6);
                CHECK(chosen.contains(before));
                before = chosen;
            }
        }
    }
}

// The bins of these ramps are 1/2 wide.
TEST_CASE("both sides share what may be clipped, one side takes all of it, a symmetric grid counts magnitudes") {
    const observation both = ctq::laws::observed(ramp(-500, 499));
    CHECK(percentile{90}.choose(both, {}) == range{-450.0f, 449.5f});
    const observation positive = ctq::laws::observed(ramp(1, 1000));
    CHECK(percentile{90}.choose(positive, {}) == range{0.0f, 900.5f});
    const observation uneven = ctq::laws::observed(ramp(-100, 899));
    CHECK(percentile{90}.choose(uneven, {255, true}) == range{-100.0f, 799.5f});
}

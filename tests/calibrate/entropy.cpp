#include "laws/calibration_strategy.hpp"

#include <ctq/calibrate/entropy.hpp>
#include <ctq/calibrate/minmax.hpp>

#include <doctest/doctest.h>
#include <processor_time.hpp>
#include <sanitized.hpp>

#include <algorithm>
#include <vector>

using namespace ctq::calibration;

static_assert([] {
    constexpr float values[] = {-1.0f, -0.5f, 0.0f, 0.25f, 3.0f};
    observation seen;
    seen.observe(values);
    return entropy{}.choose(seen, {}) == range{-1.0f, 3.0f};
}());

TEST_CASE("entropy keeps the laws") {
    ctq::laws::check_calibration_strategy(entropy{});
}

TEST_CASE("few values and constants keep their whole range") {
    for (const auto& values : {std::vector<float>{3.5f}, std::vector<float>(1000, -2.0f),
                               std::vector<float>{-1.0f, 5.0f}, std::vector<float>{0.1f, 0.2f, 0.7f}}) {
        const observation seen = ctq::laws::observed(values);
        for (const grid& asked : {grid{256, false}, grid{255, true}}) {
            CHECK(entropy{}.choose(seen, asked) == minmax{}.choose(seen, asked));
        }
    }
}

TEST_CASE("outliers are clipped, the bulk is not") {
    const observation seen = ctq::laws::observed(ctq::laws::value_sets()[19].values);
    for (const grid& asked : {grid{256, false}, grid{255, true}}) {
        const range chosen = entropy{}.choose(seen, asked);
        CHECK(chosen.high < 100.0f);
        CHECK(chosen.high > 2.5f);
        CHECK(chosen.low < -2.5f);
    }
}

TEST_CASE("a ReLU's zeros do not matter") {
    std::vector<float> values = ctq::laws::value_sets()[15].values;
    const range sparse = entropy{}.choose(ctq::laws::observed(values), {});
    CHECK(sparse.low == 0.0f);
    CHECK(sparse.high > 2.5f);
    values.insert(values.end(), 2000000, 0.0f);
    CHECK(entropy{}.choose(ctq::laws::observed(values), {}) == sparse);
}

TEST_CASE("a mirrored tensor gives the mirrored range, up to the bins' half-open ends") {
    for (const std::size_t set : {15U, 17U, 19U}) {
        CAPTURE(set);
        std::vector<float> values = ctq::laws::value_sets()[set].values;
        const observation seen = ctq::laws::observed(values);
        for (float& value : values) value = -value;
        const observation mirrored = ctq::laws::observed(values);
        const range chosen = entropy{}.choose(seen, {});
        const range other = entropy{}.choose(mirrored, {});
        // Windows a few bins apart have nearly equal divergences, and mirrored bins are closed at the other end.
        CHECK(other.high == doctest::Approx(-chosen.low).epsilon(0.15));
        CHECK(other.low == doctest::Approx(-chosen.high).epsilon(0.15));
    }
}

TEST_CASE("entropy takes less than 50 ms for the largest state") {
    std::vector<float> values(2000000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double u = static_cast<double>(i) / static_cast<double>(values.size() - 1);
        values[i] = static_cast<float>((2 * u - 1) * (1 + u * u) * 999.0 / 1024.0);
    }
    const observation seen = ctq::laws::observed(values);
    CHECK(seen.size() > 1000);
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
        const auto choose = [&] { CHECK(entropy{}.choose(seen, {}).high > 0.0f); };
        best = std::min(best, 1000 * ctq::test::processor_seconds(choose));
    }
    MESSAGE("entropy of ", seen.size(), " bins: ", best, " ms");
#if defined(__OPTIMIZE__)
    if (!ctq::test::is_sanitized) CHECK(best < 50.0);
#endif
}

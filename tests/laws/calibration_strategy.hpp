#pragma once
// The laws of calibration_strategy, instantiated for every strategy and for a user's own.

#include <ctq/calibrate/strategy.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <span>
#include <vector>

namespace ctq::laws {

inline calibration::observation observed(std::span<const float> values) {
    calibration::observation seen;
    seen.observe(values);
    return seen;
}

/// Value sets that calibration meets or that are awkward: name, values.
struct value_set {
    const char* name;
    std::vector<float> values;
};

inline std::vector<value_set> value_sets() {
    std::mt19937 random(20240607);
    std::normal_distribution<float> normal;
    const auto drawn = [&](std::size_t count, auto&& map) {
        std::vector<float> values(count);
        for (float& value : values) value = map(normal(random));
        return values;
    };
    const auto same = [](float x) { return x; };
    const auto relu = [](float x) { return std::max(x, 0.0f); };
    std::vector<value_set> sets{
        {"empty", {}},
        {"one zero", {0.0f}},
        {"negative zeros", {-0.0f, 0.0f, -0.0f}},
        {"one value", {3.5f}},
        {"one negative value", {-0.1f}},
        {"constant", std::vector<float>(1000, 2.75f)},
        {"two values", {-1.0f, 5.0f}},
        {"denormals", {1e-45f, -3e-42f, 0.0f, 1e-40f}},
        {"huge", {-3e38f, 1.0f, 3.4e38f}},
        {"tiny and huge", {std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max()}},
        {"far from zero", {1000.0f, 1000.0001f, 1000.5f}},
        {"far below zero", {-1000.0f, -1000.25f, -999.0f}},
        {"not finite", {NAN, INFINITY, -INFINITY, 1.0f, -2.0f}},
        {"only not finite", {NAN, -INFINITY}},
        {"bell", drawn(20000, same)},
        {"relu", drawn(20000, relu)},
        {"negated relu", drawn(20000, [&](float x) { return -relu(x); })},
        {"swish", drawn(20000, [](float x) { return 3 * x / (1 + std::exp(-3 * x)); })},
        {"relu6", drawn(20000, [&](float x) { return std::min(relu(6 * x), 6.0f); })},
    };
    sets.push_back({"bell with outliers", sets[14].values});
    sets.back().values.push_back(400.0f);
    sets.back().values.push_back(-37.5f);
    return sets;
}

inline const std::vector<calibration::grid>& grids() {
    static const std::vector<calibration::grid> all{{256, false}, {255, true}, {256, true}, {16, false},
                                                    {15, true},   {2, false},  {2, true},   {65536, false}};
    return all;
}

/// `strategy` on every value set and grid: the result's place, and that only the multiset of values matters.
template <calibration::calibration_strategy Strategy> void check_calibration_strategy(const Strategy& strategy) {
    CHECK_FALSE(Strategy::name.empty());
    CHECK(calibration::is_called<Strategy>(Strategy::name));
    for (const value_set& set : value_sets()) {
        CAPTURE(set.name);
        const calibration::observation seen = observed(set.values);
        calibration::observation in_parts;
        auto shuffled = set.values;
        std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(7));
        for (std::span<const float> rest = shuffled; !rest.empty();) {
            const std::size_t length = std::min<std::size_t>(rest.size(), 777);
            in_parts.merge(observed(rest.first(length)));
            rest = rest.subspan(length);
        }
        for (const calibration::grid& asked : grids()) {
            CAPTURE(asked.levels);
            CAPTURE(asked.symmetric);
            const calibration::range chosen = strategy.choose(seen, asked);
            CHECK(std::isfinite(chosen.low));
            CHECK(std::isfinite(chosen.high));
            CHECK(chosen.contains(0.0f));
            CHECK(calibration::with_zero(seen.observed()).contains(chosen));
            CHECK(strategy.choose(in_parts, asked) == chosen);
            if (seen.zeros() == seen.count()) CHECK(chosen == calibration::range{});
        }
    }
}

} // namespace ctq::laws

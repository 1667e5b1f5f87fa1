#include "laws/calibration_strategy.hpp"

#include <ctq/calibrate/minmax.hpp>
#include <ctq/calibrate/mse.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace ctq::calibration;

namespace {

// The squared error of the values themselves, quantized as an affine or symmetric rule does.
double real_error(const std::vector<float>& values, const range& chosen, const grid& asked) {
    const double magnitude = chosen.largest_magnitude();
    const double width = asked.symmetric ? 2 * magnitude : double{chosen.high} - chosen.low;
    const double step = width / (asked.levels - 1);
    const double lowest = asked.symmetric ? -std::floor((asked.levels - 1) / 2.0) : -std::nearbyint(-chosen.low / step);
    const double highest = asked.symmetric ? -lowest : asked.levels - 1 + lowest;
    double sum = 0;
    for (const float x : values) {
        const double error = x - step * std::clamp(std::nearbyint(x / step), lowest, highest);
        sum += error * error;
    }
    return sum;
}

} // namespace

static_assert([] {
    constexpr float values[] = {-1.0f, -0.5f, 0.0f, 0.25f, 3.0f};
    observation seen;
    seen.observe(values);
    const range chosen = mse{}.choose(seen, {});
    return chosen.high > 2.9f && chosen.low < -0.9f;
}());

TEST_CASE("mse keeps the laws") {
    ctq::laws::check_calibration_strategy(mse{});
}

TEST_CASE("mse is never worse than minmax, by its own measure and on the values") {
    for (const auto& set : ctq::laws::value_sets()) {
        CAPTURE(set.name);
        const observation seen = ctq::laws::observed(set.values);
        for (const grid& asked : ctq::laws::grids()) {
            const range chosen = mse{}.choose(seen, asked);
            CHECK(squared_error(seen, chosen, asked) <= squared_error(seen, minmax{}.choose(seen, asked), asked));
        }
    }
    for (const std::size_t set : {14U, 15U, 16U, 17U, 18U, 19U}) {
        const auto values = ctq::laws::value_sets()[set].values;
        CAPTURE(set);
        const observation seen = ctq::laws::observed(values);
        for (const grid& asked : {grid{256, false}, grid{255, true}, grid{16, false}, grid{15, true}}) {
            const double full = real_error(values, minmax{}.choose(seen, asked), asked);
            CHECK(real_error(values, mse{}.choose(seen, asked), asked) <= full * 1.02);
        }
    }
}

TEST_CASE("the expected error is close to the error of the values") {
    for (const std::size_t set : {14U, 15U, 17U}) {
        const auto values = ctq::laws::value_sets()[set].values;
        const observation seen = ctq::laws::observed(values);
        for (const grid& asked : {grid{256, false}, grid{255, true}, grid{16, false}}) {
            for (const float share : {1.0f, 0.8f, 0.3f}) {
                const range full = minmax{}.choose(seen, asked);
                const range tried{full.low * share, full.high * share};
                CHECK(squared_error(seen, tried, asked) ==
                      doctest::Approx(real_error(values, tried, asked)).epsilon(0.02));
            }
        }
    }
}

TEST_CASE("mse finds what an exhaustive search of shrunk ranges finds") {
    for (const std::size_t set : {14U, 15U, 17U, 19U}) {
        CAPTURE(set);
        const observation seen = ctq::laws::observed(ctq::laws::value_sets()[set].values);
        for (const grid& asked : {grid{256, false}, grid{16, false}}) {
            const range full = minmax{}.choose(seen, asked);
            double least = squared_error(seen, full, asked);
            for (int low = full.low < 0 ? 1 : 40; low <= 40; ++low) {
                for (int high = 1; high <= 40; ++high) {
                    const range tried{full.low * static_cast<float>(low) / 40,
                                      full.high * static_cast<float>(high) / 40};
                    least = std::min(least, squared_error(seen, tried, asked));
                }
            }
            CHECK(squared_error(seen, mse{}.choose(seen, asked), asked) <= least * 1.01);
        }
    }
}

TEST_CASE("an outlier is clipped when that pays, a range without error is kept") {
    std::vector<float> values = ctq::laws::value_sets()[14].values;
    values.insert(values.end(), 3, 60.0f);
    const range chosen = mse{}.choose(ctq::laws::observed(values), {16, false});
    CHECK(chosen.high < 30.0f);
    const range constant = mse{}.choose(ctq::laws::observed(std::vector<float>(100, 3.0f)), {});
    CHECK(constant == range{0.0f, 3.0f});
}

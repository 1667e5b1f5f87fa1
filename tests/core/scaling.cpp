#include <ctq/core/scaling.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using ctq::near_power_of_two;

namespace {

static_assert(ctq::detail::dissect(1.0).mantissa == std::int64_t{1} << 52 && ctq::detail::dissect(1.0).exponent == 1);
static_assert(ctq::detail::dissect(0.3).mantissa * 0x1p-54 == 0.3 && ctq::detail::dissect(0.3).exponent == -1);

static_assert(near_power_of_two(1.0) == 0 && near_power_of_two(0x1p-12) == -12 && near_power_of_two(0x1p40) == 40);
static_assert(near_power_of_two(1.0006) == 0 && near_power_of_two(0.9994) == 0 && !near_power_of_two(1.0008) &&
              !near_power_of_two(0.9992));
static_assert(!near_power_of_two(0.0) && !near_power_of_two(-1.0) && !near_power_of_two(3.0) &&
              !near_power_of_two(std::numeric_limits<double>::infinity()) &&
              !near_power_of_two(std::numeric_limits<double>::quiet_NaN()));

} // namespace

TEST_CASE("scaling: a power of two is one within a thousandth of an octave") {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> octave(-60.0, 60.0), off(-0.0012, 0.0012);
    for (int i = 0; i < 10'000; ++i) {
        const double exponent = std::round(octave(random)), distance = off(random);
        const auto found = near_power_of_two(std::exp2(exponent + distance));
        CHECK(found.has_value() == (std::abs(distance) < 1e-3));
        if (found) CHECK(*found == static_cast<int>(exponent));
    }
}

TEST_CASE("scaling: a scale that is not positive and finite is refused") {
    for (const double scale : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")})
        CHECK_THROWS_AS(ctq::detail::dissect(scale), ctq::model_error);
}

#include "laws/calibration_strategy.hpp"

#include <ctq/calibrate/minmax.hpp>
#include <ctq/calibrate/strategy.hpp>
#include <ctq/core/elementary.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace calibration = ctq::calibration;

namespace user {

/// |mean| + lambda * sigma as a magnitude, as a user would add it: its sums come from the bins.
struct mean_sigma {
    static constexpr std::string_view name = "mean_sigma";
    double lambda = 3;

    constexpr calibration::range choose(const calibration::observation& seen, const calibration::grid&) const {
        if (seen.empty()) return {};
        const auto count = static_cast<double>(seen.count());
        double sum = 0;
        double squares = 0;
        for (std::int32_t i = 0; i < seen.size(); ++i) {
            const std::uint64_t zeros = seen.first() + i == 0 ? seen.zeros() : 0;
            const double middle =
                std::clamp(seen.lower_edge(i) + seen.width() / 2, double{seen.min()}, double{seen.max()});
            sum += static_cast<double>(seen.bin(i) - zeros) * middle;
            squares += static_cast<double>(seen.bin(i) - zeros) * middle * middle;
        }
        const double mean = sum / count;
        const double deviation = ctq::elementary::sqrt(std::max(0.0, squares / count - mean * mean));
        const double bound = (mean < 0 ? -mean : mean) + lambda * deviation;
        const calibration::range full = with_zero(seen.observed());
        return {static_cast<float>(std::max<double>(full.low, -bound)),
                static_cast<float>(std::min<double>(full.high, bound))};
    }
};

struct not_a_strategy {
    static constexpr std::string_view name = "no choice";
};

} // namespace user

static_assert(calibration::calibration_strategy<user::mean_sigma>);
static_assert(!calibration::calibration_strategy<user::not_a_strategy>);
static_assert(!calibration::calibration_strategy<int>);

TEST_CASE("a user's strategy keeps the laws") {
    ctq::laws::check_calibration_strategy(user::mean_sigma{});
}

TEST_CASE("sums over the bins come close to the values' own") {
    const std::vector<float> values = ctq::laws::value_sets()[14].values;
    double sum = 0;
    double squares = 0;
    for (const float x : values) {
        sum += x;
        squares += double{x} * x;
    }
    const double mean = sum / static_cast<double>(values.size());
    const double bound = std::abs(mean) + 2 * std::sqrt(squares / static_cast<double>(values.size()) - mean * mean);
    const calibration::range chosen = user::mean_sigma{2}.choose(ctq::laws::observed(values), {255, true});
    CHECK(chosen.high == doctest::Approx(bound).epsilon(1e-3));
}

TEST_CASE("a strategy answers to its name and its aliases") {
    CHECK(calibration::is_called<calibration::minmax>("minmax"));
    CHECK(calibration::is_called<calibration::minmax>("naive"));
    CHECK_FALSE(calibration::is_called<calibration::minmax>("min"));
    CHECK(calibration::aliases_of<user::mean_sigma>().empty());
    CHECK_FALSE(calibration::is_called<user::mean_sigma>("naive"));
}

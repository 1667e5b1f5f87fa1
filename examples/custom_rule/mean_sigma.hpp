#pragma once
// mean_sigma: a calibration strategy that ctq does not have. The range is mean -+ lambda standard deviations, within
// what was seen: a few outliers do not coarsen everything else.

#include <ctq/calibrate/strategy.hpp>

#include <algorithm>
#include <string_view>

namespace my {

struct mean_sigma {
    static constexpr std::string_view name = "mean_sigma";

    double lambda = 4;

    constexpr ctq::calibration::range choose(const ctq::calibration::observation& seen,
                                             const ctq::calibration::grid&) const {
        double count = 0, sum = 0, squares = 0;
        for (std::int32_t i = 0; i < seen.size(); ++i) {
            const double weight = static_cast<double>(seen.bin(i));
            const double middle = seen.lower_edge(i) + seen.width() / 2;
            count += weight;
            sum += weight * middle;
            squares += weight * middle * middle;
        }
        if (count == 0) return {};
        const double mean = sum / count, variance = squares / count - mean * mean;
        const double reach = lambda * ctq::elementary::sqrt(variance > 0 ? variance : 0);
        const ctq::calibration::range whole = ctq::calibration::with_zero(seen.observed());
        return {std::clamp(static_cast<float>(mean - reach), whole.low, 0.0f),
                std::clamp(static_cast<float>(mean + reach), 0.0f, whole.high)};
    }

    friend constexpr bool operator==(const mean_sigma&, const mean_sigma&) = default;
};

static_assert(ctq::calibration::calibration_strategy<mean_sigma>);

} // namespace my

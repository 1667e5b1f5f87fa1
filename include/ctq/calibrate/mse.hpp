#pragma once
// mse: the range with the least expected squared quantization error.
// room: calibrate | runs on: compiler + host | heap: while it chooses (vectors of at most 2,000 elements)

#include <ctq/calibrate/strategy.hpp>
#include <ctq/core/elementary.hpp>

#include <algorithm>
#include <vector>

namespace ctq::inline CTQ_TARGET::calibration {

namespace detail {

/// Values spread evenly over [low, high]; `low == high` stands for one repeated value.
struct spread {
    double low = 0;
    double high = 0;
    double count = 0;
};

/// The non-empty bins, cut to the observed extremes, without the exact zeros: those have no error in any range.
constexpr std::vector<spread> spreads_of(const observation& seen) {
    std::vector<spread> all;
    for (std::int32_t i = 0; i < seen.size(); ++i) {
        const std::uint64_t count = seen.bin(i) - (seen.first() + i == 0 ? seen.zeros() : 0);
        if (count == 0) continue;
        all.push_back({std::max(seen.lower_edge(i), static_cast<double>(seen.min())),
                       std::min(seen.lower_edge(i + 1), static_cast<double>(seen.max())), static_cast<double>(count)});
    }
    return all;
}

/// The integral of the squared error, from 0 to x, of rounding to multiples of `step` and clamping to [low, high].
class error_integral {
    double step_ = 0;
    double low_ = 0;
    double high_ = 0;

    static constexpr double cube(double x) { return exact(exact(x * x) * x); }

    // Within a step the integral is the cube of the distance to the nearest multiple, over 3; each whole step adds
    // step^3 / 12.
    constexpr double inside(double x) const {
        if (step_ == 0) return 0;
        const double steps = elementary::round_half_even(x / step_);
        return exact(steps * (cube(step_) / 12)) + cube(x - exact(steps * step_)) / 3;
    }

  public:
    /// The points that `asked` gives to `chosen`. On an affine grid 0 is one of them, so low and high move to the
    /// nearest multiples of the step, as a rule's zero point makes them.
    constexpr error_integral(const range& chosen, const grid& asked) {
        const double magnitude = chosen.largest_magnitude();
        const double low = asked.symmetric ? -magnitude : chosen.low;
        const double high = asked.symmetric ? magnitude : chosen.high;
        step_ = (high - low) / (asked.levels - 1);
        if (step_ == 0) return;
        const double below =
            asked.symmetric ? elementary::floor((asked.levels - 1) / 2.0) : elementary::round_half_even(-low / step_);
        low_ = -exact(below * step_);
        high_ = asked.symmetric ? -low_ : exact((asked.levels - 1 - below) * step_);
    }

    constexpr double operator()(double x) const {
        if (x > high_) return inside(high_) + cube(x - high_) / 3;
        if (x < low_) return inside(low_) - cube(low_ - x) / 3;
        return inside(x);
    }

    /// The squared error at x.
    constexpr double at(double x) const {
        const double steps = step_ == 0 ? 0 : elementary::round_half_even(x / step_);
        const double error = x - std::clamp(exact(steps * step_), low_, high_);
        return error * error;
    }
};

constexpr double squared_error(const std::vector<spread>& values, const error_integral& integral) {
    double sum = 0;
    for (const spread& part : values) {
        const double length = part.high - part.low;
        const double mean = length > 0 ? (integral(part.high) - integral(part.low)) / length : integral.at(part.low);
        sum += exact(part.count * mean);
    }
    return sum;
}

} // namespace detail

/// The expected sum of squared errors when the observed values are quantized to `asked.levels` points over `chosen`,
/// each bin's values taken as evenly spread over the bin. Cost: one pass over the bins.
constexpr double squared_error(const observation& seen, const range& chosen, const grid& asked) {
    return detail::squared_error(detail::spreads_of(seen), detail::error_integral(chosen, asked));
}

/// Shrinks the observed range towards 0 while the expected squared error falls: on an affine grid both ends in turn,
/// each for itself, on a symmetric one the magnitude. Each search tries 72 sizes from the whole down to 1/2000, 10 %
/// apart, then 24 around the best. Never worse than minmax by its own measure. Cost: some milliseconds.
class mse {
    static constexpr double coarse_ratio = 0.9;
    static constexpr int coarse_steps = 72;
    static constexpr int fine_steps = 24;

    // The share in (0, 1] with the least error, `best` unless another is strictly better.
    template <class Error> static constexpr double best_share(double best, const Error& error) {
        double least = error(best);
        const auto consider = [&](double share) {
            const double found = error(share);
            if (found < least) {
                least = found;
                best = share;
            }
        };
        double share = 1;
        for (int i = 0; i < coarse_steps; ++i, share = exact(share * coarse_ratio)) consider(share);
        const double lower = exact(best * coarse_ratio);
        const double upper = std::min(1.0, best / coarse_ratio);
        for (int i = 1; i < fine_steps; ++i) consider(lower + exact((upper - lower) * i) / fine_steps);
        return best;
    }

    template <class Error> static constexpr range symmetric_choice(const range& full, const Error& error) {
        const double magnitude = full.largest_magnitude();
        const auto clipped = [&](double share) {
            const auto bound = static_cast<float>(magnitude * share);
            return range{std::max(full.low, -bound), std::min(full.high, bound)};
        };
        if (magnitude == 0) return full;
        return clipped(best_share(1, [&](double share) { return error(clipped(share)); }));
    }

  public:
    static constexpr std::string_view name = "mse";

    constexpr range choose(const observation& seen, const grid& asked) const {
        const range full = with_zero(seen.observed());
        const std::vector<detail::spread> values = detail::spreads_of(seen);
        const auto cut = [&](double low, double high) {
            return range{std::max(full.low, static_cast<float>(full.low * low)),
                         std::min(full.high, static_cast<float>(full.high * high))};
        };
        const auto error = [&](const range& tried) {
            return detail::squared_error(values, detail::error_integral(tried, asked));
        };
        if (asked.symmetric) return symmetric_choice(full, error);
        double low = 1;
        double high = 1;
        for (int round = 0; round < (full.low < 0 && full.high > 0 ? 3 : 1); ++round) {
            if (full.high > 0) high = best_share(high, [&](double share) { return error(cut(low, share)); });
            if (full.low < 0) low = best_share(low, [&](double share) { return error(cut(share, high)); });
        }
        return cut(low, high);
    }

    friend constexpr bool operator==(const mse&, const mse&) = default;
};

static_assert(calibration_strategy<mse>);

} // namespace ctq::inline CTQ_TARGET::calibration

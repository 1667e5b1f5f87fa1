#pragma once
// mxnet_histogram: the histogram of mxnet.contrib.quantization, counter for counter; it depends on the batches' order.
// room: calibrate | runs on: compiler + host | heap: yes

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>
#include <ctq/core/exact.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ctq::inline CTQ_TARGET::calibration {

/// Counts in equal bins over [-threshold, threshold]; `edges` are the bins' bounds in float32, one more than counts.
struct mxnet_histogram {
    std::vector<std::uint64_t> counts;
    std::vector<float> edges;
    float min = 0;
    float max = 0;
    double threshold = 0;

    friend constexpr bool operator==(const mxnet_histogram&, const mxnet_histogram&) = default;
};

/// The number of bins that MXNet begins with.
inline constexpr std::size_t mxnet_bins = 8001;

/// A histogram may grow to this many bins; the KL search is quadratic in them.
inline constexpr double mxnet_most_bins = 1 << 20;

namespace detail {

/// bins + 1 edges from -threshold to threshold: formed in double, rounded to float32. A threshold of 0 counts in
/// [-1/2, 1/2], as numpy does.
constexpr std::vector<float> mxnet_edges(double threshold, std::size_t bins) {
    const double reach = threshold == 0 ? 0.5 : threshold;
    const double step = 2 * reach / static_cast<double>(bins);
    std::vector<float> edges;
    for (std::size_t k = 0; k < bins; ++k) {
        edges.push_back(static_cast<float>(exact(static_cast<double>(k) * step) - reach));
    }
    edges.push_back(static_cast<float>(reach));
    return edges;
}

/// Counts edges[k] <= x < edges[k + 1], the last bin closed; what lies outside, NaN included, is not counted.
constexpr std::vector<std::uint64_t> mxnet_counts(std::span<const float> values, std::span<const float> edges) {
    std::vector<std::uint64_t> counts(edges.size() - 1);
    const double scale = static_cast<double>(counts.size()) / (static_cast<double>(edges.back()) - edges.front());
    for (const float value : values) {
        if (!(value >= edges.front() && value <= edges.back())) continue;
        const double guess = exact((static_cast<double>(value) - edges.front()) * scale);
        std::size_t k = std::min(static_cast<std::size_t>(guess), counts.size() - 1);
        while (k > 0 && value < edges[k]) --k;
        while (k + 1 < counts.size() && value >= edges[k + 1]) ++k;
        ++counts[k];
    }
    return counts;
}

constexpr bool has_bins(const mxnet_histogram& h) {
    return h.counts.size() % 2 == 1 && h.edges.size() == h.counts.size() + 1;
}

} // namespace detail

/// The first batch's histogram, over the batch's largest magnitude. `bins` is odd. Non-finite values are skipped (MXNet
/// raises); an empty batch has the threshold 0.
constexpr mxnet_histogram first_histogram(std::span<const float> values, std::size_t bins = mxnet_bins) {
    require(bins % 2 == 1, "an MXNet histogram has an odd number of bins");
    mxnet_histogram result;
    bool fresh = true;
    for (const float value : values) {
        if (!elementary::is_finite(value)) continue;
        result.min = fresh ? value : std::min(result.min, value);
        result.max = fresh ? value : std::max(result.max, value);
        fresh = false;
    }
    result.threshold = std::max(elementary::absolute(result.min), elementary::absolute(result.max));
    result.edges = detail::mxnet_edges(result.threshold, bins);
    result.counts = detail::mxnet_counts(values, result.edges);
    return result;
}

/// MXNet's combine_histogram: `old` and a batch whose extremes and largest magnitude are given. A batch inside the old
/// range is added to the same bins; a larger one adds bins of the same width on both sides. Fails when that would make
/// more than `mxnet_most_bins`. Where old.threshold is 0, which MXNet cannot take, the old values are zeros, and move
/// to the middle bin of the new batch's own histogram.
constexpr mxnet_histogram combine_histogram(const mxnet_histogram& old, std::span<const float> values, float new_min,
                                            float new_max, float new_threshold) {
    require(detail::has_bins(old), "an MXNet histogram has an odd number of bins and one edge more");
    require(elementary::is_finite(new_threshold), "the threshold of a batch is not finite");
    mxnet_histogram result = old;
    std::size_t added = 0;
    if (new_threshold > old.threshold && old.threshold == 0) {
        result.threshold = new_threshold;
    } else if (new_threshold > old.threshold) {
        const double step = 2 * old.threshold / static_cast<double>(old.counts.size());
        const double needed = elementary::floor((new_threshold - old.threshold) / step) + 1;
        require(2 * needed + static_cast<double>(old.counts.size()) <= mxnet_most_bins,
                "a batch's values are so much larger than the first batch's that the histogram would not fit");
        added = static_cast<std::size_t>(needed);
        result.threshold = old.threshold + exact(needed * step);
    }
    if (new_threshold > old.threshold) {
        result.edges = detail::mxnet_edges(result.threshold, old.counts.size() + 2 * added);
    }
    result.counts = detail::mxnet_counts(values, result.edges);
    for (std::size_t k = 0; k < old.counts.size(); ++k) result.counts[k + added] += old.counts[k];
    result.min = std::min(old.min, new_min);
    result.max = std::max(old.max, new_max);
    return result;
}

} // namespace ctq::inline CTQ_TARGET::calibration

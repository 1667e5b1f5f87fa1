#pragma once
// mxnet_search: the KL search of mxnet.contrib.quantization, value for value, in float32.
// room: calibrate | runs on: compiler + host | heap: yes | source: the published algorithm of MXNet 1.6 and later

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ctq::inline CTQ_TARGET::calibration {

/// MXNet leaves the lowest bin of each candidate window out of the quantized distribution. `dropped` does the same;
/// `kept` treats both ends alike, so that mass at the lower end is no worse than mass at the upper.
enum class lowest_bin : std::uint8_t { dropped, kept };

/// The best candidate: its index, its threshold and its divergence.
struct mxnet_threshold {
    std::size_t index = 0;
    float threshold = 0;
    float divergence = 0;

    friend constexpr bool operator==(const mxnet_threshold&, const mxnet_threshold&) = default;
};

/// Gives every zero of `distribution` 1e-4, taken evenly from the other elements. False, unchanged, when there is no
/// other or when each would lose 1 or more.
constexpr bool smooth(std::span<float> distribution) {
    constexpr float epsilon = 1e-4f;
    std::size_t zeros = 0;
    for (const float value : distribution) zeros += value == 0 ? 1 : 0;
    const std::size_t others = distribution.size() - zeros;
    if (others == 0) return false;
    const float loss = epsilon * static_cast<float>(zeros) / static_cast<float>(others);
    if (loss >= 1.0f) return false;
    for (float& value : distribution) value = value == 0 ? epsilon : value - loss;
    return true;
}

namespace detail {

constexpr float float_sum(std::span<const float> values) {
    float sum = 0;
    for (const float value : values) sum += value;
    return sum;
}

/// Sum of P ln(P / Q) after both are normalized, left to right in float32. Runs of equal terms, as empty bins make
/// them, cost one logarithm.
constexpr float float_divergence(std::span<const float> reference, std::span<const float> quantized) {
    const float reference_sum = float_sum(reference);
    const float quantized_sum = float_sum(quantized);
    float divergence = 0;
    float p_before = 0;
    float q_before = 0;
    float term = 0;
    for (std::size_t k = 0; k < reference.size(); ++k) {
        if (reference[k] != p_before || quantized[k] != q_before) {
            p_before = reference[k];
            q_before = quantized[k];
            const float p = p_before / reference_sum;
            const float q = q_before / quantized_sum;
            term = exact(p * static_cast<float>(elementary::log(p / q)));
        }
        divergence += term;
    }
    return divergence;
}

/// The candidate windows of one histogram; buffers are kept from candidate to candidate.
class mxnet_candidates {
    std::span<const std::uint64_t> counts_;
    std::size_t levels_;
    lowest_bin lowest_;
    std::vector<float> reference_;
    std::vector<float> quantized_;

    // The observed distribution: what lies left of the window goes into its first bin, what lies right into its last.
    constexpr void make_reference(std::size_t begin, std::size_t end) {
        reference_.assign(end - begin, 0.0f);
        for (std::size_t k = 0; k <= begin; ++k) reference_.front() += static_cast<float>(counts_[k]);
        for (std::size_t k = begin + 1; k < end; ++k) reference_[k - begin] = static_cast<float>(counts_[k]);
        for (std::size_t k = end; k < counts_.size(); ++k) reference_.back() += static_cast<float>(counts_[k]);
    }

    constexpr std::uint64_t inside(std::size_t begin, std::size_t k) const {
        return k == begin && lowest_ == lowest_bin::dropped ? 0 : counts_[k];
    }

    // The bins [from, to) of the window at `begin` become one level, shared by those of them that are not empty.
    constexpr void make_level(std::size_t begin, std::size_t from, std::size_t to, std::size_t remainder) {
        std::uint64_t sum = 0;
        std::uint64_t rest = 0;
        std::size_t occupied = 0;
        for (std::size_t k = from; k < to; ++k) {
            const std::uint64_t count = inside(begin, k);
            (k < remainder ? sum : rest) += static_cast<std::uint64_t>(static_cast<float>(count));
            occupied += count != 0 ? 1 : 0;
        }
        if (occupied == 0) return;
        const float share = (static_cast<float>(sum) + static_cast<float>(rest)) / static_cast<float>(occupied);
        for (std::size_t k = from; k < to; ++k) {
            if (reference_[k - begin] != 0) quantized_[k - begin] = share;
        }
    }

    constexpr void make_quantized(std::size_t begin, std::size_t end) {
        quantized_.assign(end - begin, 0.0f);
        const std::size_t run = (end - begin) / levels_;
        for (std::size_t level = 0; level < levels_; ++level) {
            const std::size_t from = begin + level * run;
            make_level(begin, from, level + 1 == levels_ ? end : from + run, from + run);
        }
    }

  public:
    constexpr mxnet_candidates(std::span<const std::uint64_t> counts, std::size_t levels, lowest_bin lowest)
        : counts_(counts), levels_(levels), lowest_(lowest) {
        require(counts.size() % 2 == 1 && levels % 2 == 1, "the KL search takes an odd number of bins and of levels");
        require(levels <= counts.size(), "the KL search takes no more levels than bins");
    }

    constexpr std::size_t size() const { return counts_.size() / 2 + 1 - levels_ / 2; }

    /// One past the last bin of the candidate's window: the edge of that number is the threshold.
    constexpr std::size_t end_of(std::size_t candidate) const {
        return counts_.size() / 2 + levels_ / 2 + candidate + 1;
    }

    /// D(P || Q), infinite where a distribution cannot be smoothed.
    constexpr float divergence(std::size_t candidate) {
        const std::size_t end = end_of(candidate);
        const std::size_t begin = counts_.size() - end;
        make_reference(begin, end);
        make_quantized(begin, end);
        const bool comparable = smooth(reference_) && smooth(quantized_);
        return comparable ? float_divergence(reference_, quantized_) : std::numeric_limits<float>::infinity();
    }
};

} // namespace detail

/// The divergence of every candidate: windows about the middle bin, from `levels` bins wide to all.
constexpr std::vector<float> mxnet_divergences(std::span<const std::uint64_t> counts, std::size_t levels,
                                               lowest_bin lowest = lowest_bin::dropped) {
    detail::mxnet_candidates candidates(counts, levels, lowest);
    std::vector<float> all;
    for (std::size_t i = 0; i < candidates.size(); ++i) all.push_back(candidates.divergence(i));
    return all;
}

/// The candidate with the least divergence, the first of equals; the first of all when every divergence is infinite.
/// `counts` and `edges` are a histogram's (an odd number of bins over [-threshold, threshold]); `levels` is odd: 255
/// for int8, 511 for non-negative values as uint8 (the negative half is empty). Cost: quadratic in the bins; 8,001 bins
/// take some tenths of a second.
constexpr mxnet_threshold mxnet_search(std::span<const std::uint64_t> counts, std::span<const float> edges,
                                       std::size_t levels, lowest_bin lowest = lowest_bin::dropped) {
    require(edges.size() == counts.size() + 1, "a histogram has one edge more than bins");
    detail::mxnet_candidates candidates(counts, levels, lowest);
    mxnet_threshold best{0, edges[candidates.end_of(0)], std::numeric_limits<float>::infinity()};
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const float divergence = candidates.divergence(i);
        if (divergence < best.divergence) best = {i, edges[candidates.end_of(i)], divergence};
    }
    return best;
}

} // namespace ctq::inline CTQ_TARGET::calibration

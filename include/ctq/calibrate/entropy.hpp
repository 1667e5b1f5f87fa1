#pragma once
// entropy: the range whose quantized distribution tells most of the observed one (Kullback-Leibler divergence).
// room: calibrate | runs on: compiler + host | heap: while it chooses (vectors of at most 2,001 elements)

#include <ctq/calibrate/strategy.hpp>
#include <ctq/core/elementary.hpp>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::calibration {

namespace detail {

/// Counts in equal bins with running sums, so that the divergence of any window costs one logarithm per level.
class profile {
    std::vector<double> counts_;
    std::vector<double> sums_{0.0};      // values before bin i
    std::vector<double> occupied_{0.0};  // non-empty bins before bin i
    std::vector<double> entropies_{0.0}; // sum of c ln c before bin i

    static constexpr double entropy_of(double count) { return count > 0 ? exact(count * elementary::log(count)) : 0; }

    constexpr double at(std::int32_t i) const { return counts_[static_cast<std::size_t>(i)]; }
    constexpr double before(std::int32_t i) const { return sums_[static_cast<std::size_t>(i)]; }
    constexpr double after(std::int32_t i) const { return sums_.back() - before(i); }

    // Sum of P ln P, where the values outside of the window were added to its end bins.
    constexpr double reference_term(std::int32_t begin, std::int32_t end) const {
        const double inner =
            entropies_[static_cast<std::size_t>(end - 1)] - entropies_[static_cast<std::size_t>(begin + 1)];
        return inner + entropy_of(at(begin) + before(begin)) + entropy_of(at(end - 1) + after(end));
    }

    // Sum of P ln Q, where each level's values are shared out evenly among its non-empty bins.
    constexpr double quantized_term(std::int32_t begin, std::int32_t end, std::int32_t levels) const {
        double sum = 0;
        std::int32_t from = begin;
        for (std::int32_t level = 1; level <= levels; ++level) {
            const std::int32_t to = begin + static_cast<std::int32_t>(std::int64_t{end - begin} * level / levels);
            const double inside = before(to) - before(from);
            const double clipped = (from == begin ? before(begin) : 0) + (to == end ? after(end) : 0);
            const double bins = occupied_[static_cast<std::size_t>(to)] - occupied_[static_cast<std::size_t>(from)];
            if (inside > 0) sum += exact((inside + clipped) * elementary::log(inside / bins));
            from = to;
        }
        return sum;
    }

  public:
    constexpr explicit profile(std::vector<double> counts) : counts_(std::move(counts)) {
        for (const double count : counts_) {
            sums_.push_back(sums_.back() + count);
            occupied_.push_back(occupied_.back() + (count > 0 ? 1 : 0));
            entropies_.push_back(entropies_.back() + entropy_of(count));
        }
    }

    constexpr std::int32_t size() const { return static_cast<std::int32_t>(counts_.size()); }

    /// Whether [begin, end) can be judged. The values clipped at both ends must land in bins that the quantized
    /// distribution has too: where it has not, the divergence is infinite. And all but a thousandth of the values must
    /// be inside: a distribution with spikes (a constant background behind a ReLU) else gives up its upper half to
    /// keep them sharp, which costs an image network its accuracy.
    constexpr bool is_candidate(std::int32_t begin, std::int32_t end) const {
        return (at(begin) > 0 || before(begin) == 0) && (at(end - 1) > 0 || after(end) == 0) &&
               before(end) - before(begin) >= 0.999 * sums_.back();
    }

    /// D(P || Q) of the window [begin, end) of at least 2 bins that is_candidate(). In a window of fewer bins than
    /// levels, every bin is a level of its own.
    constexpr double divergence(std::int32_t begin, std::int32_t end, std::int32_t levels) const {
        const double all = sums_.back();
        const double terms = reference_term(begin, end) - quantized_term(begin, end, std::min(levels, end - begin));
        return terms / all + elementary::log((before(end) - before(begin)) / all);
    }
};

/// An observation without its exact zeros, in bins of 2^exponent that cover 0 as well: [first, first + counts) widths.
struct resampled {
    std::vector<double> counts;
    std::int32_t first = 0;
    std::int32_t exponent = 0;

    /// `by_magnitude` folds the negative side onto the positive one.
    constexpr resampled(const observation& seen, bool by_magnitude) : exponent(seen.exponent()) {
        std::int64_t low = std::min(seen.first(), 0);
        std::int64_t high = std::max(seen.first() + seen.size() - 1, 0);
        if (by_magnitude) {
            high = std::max(high, -low - 1);
            low = 0;
        }
        for (; high - low >= observation::capacity; low >>= 1, high >>= 1) ++exponent;
        first = static_cast<std::int32_t>(low);
        counts.assign(static_cast<std::size_t>(high - low + 1), 0.0);
        for (std::int32_t i = 0; i < seen.size(); ++i) {
            std::int32_t index = (seen.first() + i) >> (exponent - seen.exponent());
            if (by_magnitude && index < 0) index = -1 - index;
            const std::uint64_t zeros = seen.first() + i == 0 ? seen.zeros() : 0;
            counts[static_cast<std::size_t>(index - first)] += static_cast<double>(seen.bin(i) - zeros);
        }
    }

    constexpr float edge(std::int32_t i) const {
        return static_cast<float>((first + i) * elementary::power_of_two(exponent));
    }
};

} // namespace detail

/// The KL search over the observed bins, for the grid that the rule asks for. For a window of bins, P is the observed
/// distribution with everything outside moved into the window's end bins; Q is what is left of the inside when each of
/// the grid's levels (equal runs of bins) shares its values evenly among its non-empty bins. The window with the least
/// D(P || Q) is taken, the widest of equals; its ends are edges of bins, cut to the observed extremes.
///
/// - affine, values on one side of 0: windows from 0 to every non-empty bin, asked.levels levels.
/// - affine, values on both sides: the end with the larger magnitude is searched first, the other end whole; then the
///   other end with the first one's result.
/// - symmetric: the same search on the magnitudes, with the (levels + 1) / 2 levels of one side, zero included.
///
/// Unlike MXNet's (mxnet_search.hpp): zeros are left out, because every range represents them exactly (a ReLU's spike
/// at 0 would rule the search); no window starts with a dropped bin; levels differ by at most one bin; a window may
/// have fewer bins than levels; double arithmetic without smoothing, since only windows that end in non-empty bins are
/// tried; 99.9 % of the values stay inside. Values with no more bins than the grid has levels, such as constant ones,
/// keep their whole range. Cost: some 20 ms.
class entropy {
    struct window {
        std::int32_t begin = 0;
        std::int32_t end = 0;
    };

    // Divergences that differ by less are equal: their terms cancel.
    static constexpr double rounding = 1e-12;

    // Of `whole` with 0 .. most bins cut off at the chosen end, the window with the least divergence.
    static constexpr window best_of(const detail::profile& values, window whole, std::int32_t levels, std::int32_t most,
                                    bool cut_begin) {
        if (whole.end - whole.begin <= levels) return whole;
        window best = whole;
        double least = std::numeric_limits<double>::max();
        for (std::int32_t cut = 0; cut <= most; ++cut) {
            const window tried{whole.begin + (cut_begin ? cut : 0), whole.end - (cut_begin ? 0 : cut)};
            if (!values.is_candidate(tried.begin, tried.end)) continue;
            const double found = values.divergence(tried.begin, tried.end, levels);
            if (found < least - rounding) {
                least = found;
                best = tried;
            }
        }
        return best;
    }

    static constexpr window with_best_end(const detail::profile& values, window whole, std::int32_t zero,
                                          std::int32_t levels) {
        return best_of(values, whole, levels, whole.end - std::max(whole.begin + 2, zero + 1), false);
    }

    static constexpr window with_best_begin(const detail::profile& values, window whole, std::int32_t zero,
                                            std::int32_t levels) {
        return best_of(values, whole, levels, std::min(whole.end - 2, zero) - whole.begin, true);
    }

    static constexpr range symmetric_choice(const observation& seen, const range& full, std::int32_t levels) {
        const detail::resampled bins(seen, true);
        const detail::profile values(bins.counts);
        const std::int32_t end = with_best_end(values, {0, values.size()}, 0, levels).end;
        if (end == values.size()) return full;
        const float bound = bins.edge(end);
        return {std::max(full.low, -bound), std::min(full.high, bound)};
    }

    static constexpr range affine_choice(const observation& seen, const range& full, std::int32_t levels) {
        const detail::resampled bins(seen, false);
        const detail::profile values(bins.counts);
        const std::int32_t zero = -bins.first;
        window kept{0, values.size()};
        const bool high_first = full.high >= -full.low;
        if (high_first) kept = with_best_end(values, kept, zero, levels);
        kept = with_best_begin(values, kept, zero, levels);
        if (!high_first) kept = with_best_end(values, kept, zero, levels);
        return {kept.begin == 0 ? full.low : std::clamp(bins.edge(kept.begin), full.low, 0.0f),
                kept.end == values.size() ? full.high : std::clamp(bins.edge(kept.end), 0.0f, full.high)};
    }

  public:
    static constexpr std::string_view name = "entropy";
    static constexpr std::array<std::string_view, 1> aliases{"kl"};

    constexpr range choose(const observation& seen, const grid& asked) const {
        const range full = with_zero(seen.observed());
        if (seen.zeros() == seen.count()) return full;
        return asked.symmetric ? symmetric_choice(seen, full, std::max(2, (asked.levels + 1) / 2))
                               : affine_choice(seen, full, asked.levels);
    }

    friend constexpr bool operator==(const entropy&, const entropy&) = default;
};

static_assert(calibration_strategy<entropy>);

} // namespace ctq::inline CTQ_TARGET::calibration

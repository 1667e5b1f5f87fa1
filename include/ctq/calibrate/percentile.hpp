#pragma once
// percentile: the range that leaves a fixed share of the values outside.
// room: calibrate | runs on: compiler + host | heap: no

#include <ctq/calibrate/strategy.hpp>

#include <algorithm>

namespace ctq::inline CTQ_TARGET::calibration {

/// Clips at most (100 - percent) % of the finite values seen. Where values lie on both sides of 0 and the grid is
/// affine, each side may lose half of that share; values on one side only lose it at their far end; a symmetric grid
/// loses it by magnitude. The bounds are edges of bins, rounded outwards, so that the share is never exceeded: with
/// percent = 100 the result is minmax's, exactly. A larger percent never gives a smaller range. Cost: one pass over
/// the bins.
struct percentile {
    static constexpr std::string_view name = "percentile";

    /// 0 to 100; what lies outside is taken as the nearer of the two.
    double percent = 99.99;

    /// What a user may ask for, in code and in words.
    static constexpr bool accepts(double wanted) { return wanted > 0 && wanted <= 100; }
    static constexpr std::string_view accepted = "above 0, and 100 at most";

    constexpr range choose(const observation& seen, const grid& asked) const {
        const range full = with_zero(seen.observed());
        if (seen.empty()) return full;
        const bool two_sided = full.low < 0 && full.high > 0;
        if (two_sided && asked.symmetric) return symmetric_range(seen, full, allowance(seen, 1));
        const std::uint64_t allowed = allowance(seen, two_sided ? 2 : 1);
        return {full.low < 0 ? low_end(seen, full, allowed) : 0.0f,
                full.high > 0 ? high_end(seen, full, allowed) : 0.0f};
    }

    friend constexpr bool operator==(const percentile&, const percentile&) = default;

  private:
    // How many values each of `sides` ends may lose.
    constexpr std::uint64_t allowance(const observation& seen, int sides) const {
        const double share = (100.0 - std::clamp(percent, 0.0, 100.0)) / (100.0 * sides);
        const double allowed = static_cast<double>(seen.count()) * share;
        return allowed < 18446744073709549568.0 ? static_cast<std::uint64_t>(allowed) : seen.count();
    }

    static constexpr float high_end(const observation& seen, const range& full, std::uint64_t allowed) {
        std::int32_t kept = seen.size();
        for (; kept > 0 && seen.bin(kept - 1) <= allowed; --kept) allowed -= seen.bin(kept - 1);
        return std::clamp(static_cast<float>(seen.lower_edge(kept)), 0.0f, full.high);
    }

    static constexpr float low_end(const observation& seen, const range& full, std::uint64_t allowed) {
        std::int32_t kept = 0;
        for (; kept < seen.size() && seen.bin(kept) <= allowed; ++kept) allowed -= seen.bin(kept);
        return std::clamp(static_cast<float>(seen.lower_edge(kept)), full.low, 0.0f);
    }

    // Drops the bins that are furthest from 0, whatever their side, in turn.
    static constexpr range symmetric_range(const observation& seen, const range& full, std::uint64_t allowed) {
        std::int32_t begin = 0;
        std::int32_t end = seen.size();
        while (begin < end) {
            const bool high_is_further = seen.lower_edge(end) >= -seen.lower_edge(begin);
            const std::uint64_t next = seen.bin(high_is_further ? end - 1 : begin);
            if (next > allowed) break;
            allowed -= next;
            high_is_further ? --end : ++begin;
        }
        const auto bound = static_cast<float>(std::max(seen.lower_edge(end), -seen.lower_edge(begin)));
        return {std::clamp(-bound, full.low, 0.0f), std::clamp(bound, 0.0f, full.high)};
    }
};

static_assert(calibration_strategy<percentile>);

} // namespace ctq::inline CTQ_TARGET::calibration

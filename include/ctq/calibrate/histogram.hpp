#pragma once
// histogram: all that is kept of a tensor's observed values, in under 16 KiB, whatever their number and order.
// room: calibrate | runs on: compiler + host | heap: no

#include <ctq/calibrate/range.hpp>
#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::calibration {

namespace detail {

/// An integer that orders as the float does: -0 is just under +0, infinities and NaNs lie outside `least_key ..
/// most_key`.
constexpr std::int32_t order_key(float value) {
    const auto bits = std::bit_cast<std::int32_t>(value);
    return bits ^ ((bits >> 31) & std::numeric_limits<std::int32_t>::max());
}

constexpr float from_order_key(std::int32_t key) {
    return std::bit_cast<float>(key ^ ((key >> 31) & std::numeric_limits<std::int32_t>::max()));
}

constexpr std::int32_t most_key = order_key(std::numeric_limits<float>::max());
constexpr std::int32_t least_key = order_key(std::numeric_limits<float>::lowest());

constexpr bool is_finite_key(std::int32_t key) {
    return least_key <= key && key <= most_key;
}

/// What one pass over a block of values finds.
struct extremes {
    std::int32_t least = std::numeric_limits<std::int32_t>::max();
    std::int32_t most = std::numeric_limits<std::int32_t>::min();
    std::uint32_t zeros = 0;
};

/// A constant Extent lets the compiler turn the loop into vector instructions at -O2.
template <std::size_t Extent> constexpr extremes extremes_of(std::span<const float, Extent> values) {
    extremes found;
    for (const float value : values) {
        const std::int32_t key = order_key(value);
        found.least = key < found.least ? key : found.least;
        found.most = key > found.most ? key : found.most;
        found.zeros += value == 0.0f ? 1U : 0U;
    }
    return found;
}

} // namespace detail

/// A histogram whose state is a function of the multiset of observed values alone: the order, the batches, the threads
/// and the machines that saw them leave no trace, and merge() of two equals observing everything in one.
///
/// Bin i holds the values x with floor(x / 2^k) == i; the bins are the window from the bin of the minimum to the bin of
/// the maximum. k is the least exponent (-149 <= k <= 118) with which the window has at most `capacity` bins and every
/// |i| < 2^30. When new values need a larger k, pairs of bins coalesce: floor(floor(x / 2^k) / 2) = floor(x / 2^(k+1)).
///
/// NaNs and infinities are counted in non_finite() and nowhere else. Zeros (of either sign) are also counted apart,
/// because every quantization represents them exactly. Needs the default floating-point environment (denormals kept).
class histogram {
  public:
    /// The most bins; 8 bytes each keep the whole object under 16 KiB.
    static constexpr std::int32_t capacity = 2000;
    static constexpr std::int32_t least_exponent = -149;

    /// The state in readable parts, as a file keeps it.
    struct parts {
        float min = 0;
        float max = 0;
        std::uint64_t zeros = 0;
        std::uint64_t non_finite = 0;
        std::int32_t exponent = least_exponent;
        std::int32_t first = 0;
        std::span<const std::uint64_t> bins = {};
    };

  private:
    std::array<std::uint64_t, static_cast<std::size_t>(capacity)> bins_{};
    std::uint64_t count_ = 0;
    std::uint64_t zeros_ = 0;
    std::uint64_t non_finite_ = 0;
    float min_ = 0;
    float max_ = 0;
    std::int32_t exponent_ = least_exponent;
    std::int32_t first_ = 0;
    std::int32_t size_ = 0;

  public:
    constexpr histogram() = default;

    /// Restores a saved state. Fails with a text when no set of values can have led to it.
    constexpr explicit histogram(const parts& saved) {
        non_finite_ = saved.non_finite;
        if (saved.bins.empty()) {
            const bool blank = saved.min == 0 && saved.max == 0 && saved.zeros == 0 && saved.first == 0;
            require(blank && saved.exponent == least_exponent,
                    "there are no bins for the values that min, max tell of");
            return;
        }
        restore_grid(saved);
        restore_counts(saved);
    }

    /// Adds every value. Cost: two vectorized passes and one counter update per value.
    constexpr void observe(std::span<const float> values) {
        while (!values.empty()) {
            const std::size_t length = std::min(values.size(), chunk);
            observe_chunk(values.first(length));
            values = values.subspan(length);
        }
    }

    /// Whether merge() would keep every counter within 64 bits.
    [[nodiscard]] constexpr bool can_merge(const histogram& other) const {
        constexpr auto most = std::numeric_limits<std::uint64_t>::max();
        return other.count_ <= most - count_ && other.non_finite_ <= most - non_finite_;
    }

    /// Adds what `other` has seen, exactly. Fails, unchanged, when a counter would exceed 64 bits.
    constexpr void merge(const histogram& other) {
        require(can_merge(other), "merging these observations exceeds 2^64 values");
        non_finite_ += other.non_finite_;
        if (other.count_ == 0) return;
        widen(other.min_, other.max_, other.exponent_);
        const std::int32_t shift = halvings(other.exponent_, exponent_);
        for (std::int32_t i = 0; i < other.size_; ++i) bin_at((other.first_ + i) >> shift) += other.bin(i);
        count_ += other.count_;
        zeros_ += other.zeros_;
    }

    /// Finite values seen; non_finite() ones are not among them.
    [[nodiscard]] constexpr std::uint64_t count() const { return count_; }
    [[nodiscard]] constexpr std::uint64_t zeros() const { return zeros_; }
    [[nodiscard]] constexpr std::uint64_t non_finite() const { return non_finite_; }
    [[nodiscard]] constexpr bool empty() const { return count_ == 0; }

    /// The least and the greatest finite value seen, exactly; 0 when empty().
    [[nodiscard]] constexpr float min() const { return min_; }
    [[nodiscard]] constexpr float max() const { return max_; }
    [[nodiscard]] constexpr range observed() const { return {min_, max_}; }

    /// The window: bin 0 <= i < size() holds [lower_edge(i), lower_edge(i + 1)).
    [[nodiscard]] constexpr std::int32_t size() const { return size_; }
    [[nodiscard]] constexpr std::span<const std::uint64_t> bins() const {
        return std::span(bins_).first(static_cast<std::size_t>(size_));
    }
    [[nodiscard]] constexpr std::uint64_t bin(std::int32_t i) const { return bins_[static_cast<std::size_t>(i)]; }

    /// The width of a bin is 2^exponent(); the window starts at the integer first() times the width.
    [[nodiscard]] constexpr std::int32_t exponent() const { return exponent_; }
    [[nodiscard]] constexpr std::int32_t first() const { return first_; }
    [[nodiscard]] constexpr double width() const { return elementary::power_of_two(exponent_); }
    [[nodiscard]] constexpr double lower_edge(std::int32_t i) const { return (first_ + i) * width(); }

    friend constexpr bool operator==(const histogram&, const histogram&) = default;

  private:
    static constexpr std::size_t block = 256;
    static constexpr std::size_t chunk = 32 * block;
    // 2^-k is a float from here up; tensors with smaller values (|x| < 2^-97 all of them) take the double path.
    static constexpr std::int32_t least_float_exponent = -127;

    constexpr std::uint64_t& bin_at(std::int32_t index) { return bins_[static_cast<std::size_t>(index - first_)]; }

    // The bin of `value` where `reciprocal` is 2^-k. The product is exact in double.
    static constexpr std::int64_t index_of(float value, double reciprocal) {
        return static_cast<std::int64_t>(elementary::floor(value * reciprocal));
    }

    // How far to shift an index when k grows. Indices are under 2^30: 31 steps take them to 0 or -1, and more do too.
    static constexpr std::int32_t halvings(std::int32_t from, std::int32_t to) { return std::min(to - from, 31); }

    static constexpr bool fits(float low, float high, std::int32_t exponent) {
        constexpr std::int64_t limit = std::int64_t{1} << 30;
        const double reciprocal = elementary::power_of_two(-exponent);
        const std::int64_t first = index_of(low, reciprocal);
        const std::int64_t last = index_of(high, reciprocal);
        return -limit < first && last < limit && last - first < capacity;
    }

    // The least k for values from `low` to `high`, known to be no less than `from`.
    static constexpr std::int32_t exponent_for(float low, float high, std::int32_t from) {
        const float magnitude = range{low, high}.largest_magnitude();
        const auto field = static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(magnitude) >> 23U);
        // A normal magnitude is at least 2^(field - 127), so that 2^30 bins of a lesser width do not reach it.
        std::int32_t exponent = std::max({from, least_exponent, field - 157});
        while (!fits(low, high, exponent)) ++exponent;
        return exponent;
    }

    // Makes the window cover [low, high] too, with an exponent of at least `from`.
    constexpr void widen(float low, float high, std::int32_t from) {
        const bool fresh = count_ == 0;
        if (!fresh && min_ <= low && high <= max_ && from <= exponent_) return;
        min_ = fresh ? low : std::min(min_, low);
        max_ = fresh ? high : std::max(max_, high);
        const std::int32_t exponent = exponent_for(min_, max_, fresh ? from : std::max(from, exponent_));
        const std::int32_t old_first = first_;
        const std::int32_t old_size = size_;
        const std::int32_t shift = halvings(exponent_, exponent);
        set_window(exponent);
        if (!fresh && (shift != 0 || first_ != old_first)) move_bins(shift, old_first, old_size);
    }

    constexpr void set_window(std::int32_t exponent) {
        const double reciprocal = elementary::power_of_two(-exponent);
        exponent_ = exponent;
        first_ = static_cast<std::int32_t>(index_of(min_, reciprocal));
        size_ = static_cast<std::int32_t>(index_of(max_, reciprocal)) - first_ + 1;
    }

    // Coalesces the bins of the old window `shift` times and puts them into the new one.
    constexpr void move_bins(std::int32_t shift, std::int32_t old_first, std::int32_t old_size) {
        const auto old = bins_;
        bins_ = {};
        for (std::int32_t i = 0; i < old_size; ++i)
            bin_at((old_first + i) >> shift) += old[static_cast<std::size_t>(i)];
    }

    template <class Counters>
    static constexpr typename Counters::value_type& at_position(Counters& counters, std::int32_t position) {
        return counters[static_cast<std::size_t>(position)];
    }

    constexpr void observe_chunk(std::span<const float> values) {
        const detail::extremes found = find_extremes(values);
        if (detail::is_finite_key(found.least) && detail::is_finite_key(found.most)) return add(values, found);
        std::array<float, chunk> finite{};
        std::size_t kept = 0;
        for (const float value : values) {
            if (detail::is_finite_key(detail::order_key(value))) finite[kept++] = value;
        }
        const std::uint64_t dropped = values.size() - kept;
        require(dropped <= std::numeric_limits<std::uint64_t>::max() - non_finite_, "more than 2^64 values observed");
        non_finite_ += dropped;
        const auto rest = std::span<const float>(finite).first(kept);
        if (kept != 0) add(rest, find_extremes(rest));
    }

    static constexpr detail::extremes find_extremes(std::span<const float> values) {
        detail::extremes found;
        const auto take = [&found](const detail::extremes& part) {
            found.least = std::min(found.least, part.least);
            found.most = std::max(found.most, part.most);
            found.zeros += part.zeros;
        };
        for (; values.size() >= block; values = values.subspan(block)) take(detail::extremes_of(values.first<block>()));
        take(detail::extremes_of(values));
        return found;
    }

    constexpr void add(std::span<const float> values, const detail::extremes& found) {
        require(values.size() <= std::numeric_limits<std::uint64_t>::max() - count_, "more than 2^64 values observed");
        // + 0 turns -0 into +0, so that the state does not tell which zero came.
        widen(detail::from_order_key(found.least) + 0.0f, detail::from_order_key(found.most) + 0.0f, exponent_);
        count_ += values.size();
        zeros_ += found.zeros;
        if (!std::is_constant_evaluated() && exponent_ >= least_float_exponent) {
            if (values.size() == chunk) return count_chunk(values);
            for (; values.size() >= block; values = values.subspan(block)) {
                for (const std::int32_t position : positions_of(values.first<block>())) ++at_position(bins_, position);
            }
        }
        const double reciprocal = elementary::power_of_two(-exponent_);
        for (const float value : values) ++bin_at(static_cast<std::int32_t>(index_of(value, reciprocal)));
    }

    // index_of() in float, from the window's start: the product is exact unless it is denormal, and then it truncates
    // to 0 all the same; the comparison that turns truncation into floor is made at the value's own scale, exactly.
    constexpr std::array<std::int32_t, block> positions_of(std::span<const float, block> values) const {
        std::array<std::int32_t, block> positions{};
        const auto reciprocal = static_cast<float>(elementary::power_of_two(-exponent_));
        const auto step = static_cast<float>(width());
        for (std::size_t i = 0; i < block; ++i) {
            const auto truncated = static_cast<std::int32_t>(values[i] * reciprocal);
            const bool below = values[i] < static_cast<float>(truncated) * step;
            positions[i] = truncated - static_cast<std::int32_t>(below) - first_;
        }
        return positions;
    }

    // Two sets of counters in turn: where many values share a bin (a ReLU's zeros), an increment need not wait for the
    // one before.
    constexpr void count_chunk(std::span<const float> values) {
        std::array<std::uint32_t, static_cast<std::size_t>(capacity)> odd{};
        for (; !values.empty(); values = values.subspan(block)) {
            const auto positions = positions_of(values.first<block>());
            for (std::size_t i = 0; i < block; i += 2) {
                ++at_position(bins_, positions[i]);
                ++at_position(odd, positions[i + 1]);
            }
        }
        for (std::size_t i = 0; i < odd.size(); ++i) bins_[i] += odd[i];
    }

    constexpr void restore_grid(const parts& saved) {
        const auto finite = [](float value) { return detail::is_finite_key(detail::order_key(value)); };
        require(finite(saved.min) && finite(saved.max) && saved.min <= saved.max, "min and max are not in order");
        min_ = saved.min + 0.0f;
        max_ = saved.max + 0.0f;
        set_window(exponent_for(min_, max_, least_exponent));
        const bool same = exponent_ == saved.exponent && first_ == saved.first;
        require(same && saved.bins.size() == static_cast<std::size_t>(size_), "the bins do not span min to max");
    }

    constexpr void restore_counts(const parts& saved) {
        for (std::size_t i = 0; i < saved.bins.size(); ++i) {
            require(saved.bins[i] <= std::numeric_limits<std::uint64_t>::max() - count_, "the bins exceed 2^64 values");
            bins_[i] = saved.bins[i];
            count_ += saved.bins[i];
        }
        require(saved.bins.front() != 0 && saved.bins.back() != 0, "the bins of min and max are empty");
        const bool zero_inside = first_ <= 0 && 0 < first_ + size_;
        require(saved.zeros <= (zero_inside ? bin(-first_) : 0), "more zeros than the bin of 0 holds");
        zeros_ = saved.zeros;
    }
};

static_assert(sizeof(histogram) <= 16 * 1024);

} // namespace ctq::inline CTQ_TARGET::calibration

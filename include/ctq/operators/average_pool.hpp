#pragma once
// average_pool: the mean under a window of an NHWC image, with or without the padding in the count.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/pooling.hpp>
#include <ctq/operators/weighted.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Input [N,H,W,C], output [N,H',W',C]: the mean of each window's cells, those of the padding counted as zeros if
/// `count_padding`, else left out. The output has the input's scale. Windows of 4194304 cells at most. Integer meaning:
/// the nearest integer, halves away from zero, as TFLite rounds. Cost: a read of each cell of each window.
struct average_pool {
    static constexpr std::string_view name = "average_pool";
    static constexpr std::string_view cpp_name = "ctq::op::average_pool";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input};

    extents kernel{1, 1}, stride{1, 1};
    margins padding{};
    bool count_padding = false;

    static constexpr auto attributes = attribute_list{
        attribute{"kernel", &average_pool::kernel}, attribute{"stride", &average_pool::stride},
        attribute{"padding", &average_pool::padding}, attribute{"count_padding", &average_pool::count_padding}};

    friend constexpr bool operator==(const average_pool&, const average_pool&) = default;

    constexpr shape output_shape(shapes in) const {
        require(std::int64_t{kernel[0]} * kernel[1] <= 4194304, "an average is over at most 4194304 cells");
        return pooled_shape(*this, in);
    }
    constexpr std::int64_t steps(shapes in, const shape& out) const { return pooled_cells(*this, in[0], out); }

    /// A border of zeros, which count.
    constexpr bool absorb_border(const image_border& border) {
        const bool counts_all = count_padding || padding == margins{};
        if (border.value != 0 || !counts_all || !widen_pool_padding(*this, border.width)) return false;
        count_padding = true;
        return true;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pooled(window_of(*this), in[0].shape(), out[0].shape(),
                        [&](std::size_t index, const pooled_window& under) {
                            float sum = 0;
                            std::int32_t count = 0;
                            under.for_each([&](std::size_t at) {
                                sum += in[0].as<float>()[at];
                                ++count;
                            });
                            out[0].as<float>()[index] = sum / static_cast<float>(divisor(count));
                        });
    }

    /// The sum of the integers, padding read as the zero point, divided with halves away from zero (TFLite's rule).
    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        using stored = element<S.x>;
        for_each_pooled(window_of(*this), in[0].shape(), out[0].shape(),
                        [&](std::size_t index, const pooled_window& under) {
                            std::int32_t sum = 0, count = 0;
                            under.for_each([&](std::size_t at) {
                                sum += in[0].as<stored>()[at];
                                ++count;
                            });
                            const std::int32_t cells = divisor(count);
                            sum += (cells - count) * in[0].zero_point();
                            out[0].as<stored>()[index] = static_cast<stored>(rounded_mean(sum, cells));
                        });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts&) const {
        const limits& range = in[0].facts.range;
        const interval summed = count_padding ? factors_of(in[0].facts) : interval{range.low, range.high};
        const std::int64_t cells = std::int64_t{kernel[0]} * kernel[1];
        const std::int64_t farthest = -summed.low > summed.high ? -summed.low : summed.high;
        return farthest * cells + cells / 2 <= std::numeric_limits<std::int32_t>::max();
    }

    static constexpr std::int32_t rounded_mean(std::int32_t sum, std::int32_t count) {
        return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
    }

  private:
    constexpr std::int32_t divisor(std::int32_t inside) const { return count_padding ? kernel[0] * kernel[1] : inside; }
};

} // namespace ctq::inline CTQ_TARGET::op

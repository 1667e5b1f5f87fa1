#pragma once
// The layout of weights in flash: one for every target.
// room: operators | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/operators/weighted.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::op {

/// A kernel row (kernel width * input channels of a group, contiguous in NHWC) is cut into dwords of four weights; the
/// slack of the last one is zero. The dwords of all output channels that meet the same four activations lie side by
/// side: [group][kernel row][dword][output channel][4]. VNNI and sdot read it as it is, Cortex-M's LDRD takes two
/// channels at once, and a plain loop loses nothing. A dense layer is one row.
struct row_packing {
    std::int32_t groups = 1;
    std::int32_t rows = 1;       ///< kernel height
    std::int32_t row_length = 1; ///< kernel width * input channels per group
    std::int32_t channels = 1;   ///< output channels per group

    constexpr std::int32_t dwords() const { return divide_up(row_length, 4); }
    constexpr std::size_t index(std::int32_t group, std::int32_t row, std::int32_t k, std::int32_t channel) const {
        const auto block = static_cast<std::size_t>((group * rows + row) * dwords() + k / 4);
        return (block * static_cast<std::size_t>(channels) + static_cast<std::size_t>(channel)) * 4 +
               static_cast<std::size_t>(k % 4);
    }
    constexpr std::size_t size() const {
        return static_cast<std::size_t>(groups) * static_cast<std::size_t>(rows) * static_cast<std::size_t>(dwords()) *
               static_cast<std::size_t>(channels) * 4;
    }
};

/// The sums of one output channel's weights; they bound its accumulator. One statement for four weights, so that
/// clang's limit on constant evaluation allows a million of them, and no call where they are stored as they are: half
/// the time of g++.
template <dtype Type, class Elements>
constexpr weight_sums sums_of(const Elements* packed, const row_packing& layout, std::int32_t group,
                              std::int32_t channel) {
    weight_sums sums;
    std::size_t at = layout.index(group, 0, 0, channel);
    const std::size_t step = 4 * static_cast<std::size_t>(layout.channels);
    const std::int32_t blocks = layout.rows * layout.dwords();
    std::int64_t total = 0;
    for (std::int32_t block = 0; block < blocks; ++block, at += step) {
        std::int64_t a{}, b{}, c{}, d{};
        if constexpr (Type == dtype::int4)
            a = read_integer<Type>(packed, at), b = read_integer<Type>(packed, at + 1),
            c = read_integer<Type>(packed, at + 2), d = read_integer<Type>(packed, at + 3);
        else
            a = packed[at], b = packed[at + 1], c = packed[at + 2], d = packed[at + 3];
        total += a + b + c + d;
        sums.positive += (a > 0 ? a : 0) + (b > 0 ? b : 0) + (c > 0 ? c : 0) + (d > 0 ? d : 0);
    }
    sums.negative = sums.positive - total;
    return sums;
}

} // namespace ctq::inline CTQ_TARGET::op

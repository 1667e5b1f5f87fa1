#pragma once
// The layout of int8 weights in flash: one for every target.
// room: operators | runs on: all | heap: no

#include <cstddef>
#include <cstdint>

namespace ctq {

/// A kernel row (kernel width * input channels of a group, contiguous in NHWC) is cut into dwords of four weights; the
/// slack of the last one is zero. The dwords of all output channels that meet the same four activations lie side by
/// side: [group][kernel row][dword][output channel][4]. VNNI and sdot read it as it is, Cortex-M's LDRD takes two
/// channels at once, and a plain loop loses nothing. A dense layer is one row.
struct row_packing {
    std::int32_t groups = 1;
    std::int32_t rows = 1;       ///< kernel height
    std::int32_t row_length = 1; ///< kernel width * input channels per group
    std::int32_t channels = 1;   ///< output channels per group

    constexpr std::int32_t dwords() const { return (row_length + 3) / 4; }
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

/// Sum of |weight| over one output channel of a group: with |activation| <= 128 it bounds the accumulator.
/// One statement for four weights, so that clang's limit on constant evaluation allows three million of them.
constexpr std::int64_t absolute_sum(const std::int8_t* packed, const row_packing& layout, std::int32_t group,
                                    std::int32_t channel) {
    std::int64_t sum = 0;
    const std::int8_t* w = packed + layout.index(group, 0, 0, channel);
    const std::ptrdiff_t step = 4 * static_cast<std::ptrdiff_t>(layout.channels);
    const std::int32_t blocks = layout.rows * layout.dwords();
    for (std::int32_t block = 0; block < blocks; ++block)
        sum += (w[block * step] < 0 ? -w[block * step] : w[block * step]) +
               (w[block * step + 1] < 0 ? -w[block * step + 1] : w[block * step + 1]) +
               (w[block * step + 2] < 0 ? -w[block * step + 2] : w[block * step + 2]) +
               (w[block * step + 3] < 0 ? -w[block * step + 3] : w[block * step + 3]);
    return sum;
}

} // namespace ctq

#pragma once
// The packed constants of a product: the per-channel tables of each group, and the weights where the operator's own
// layout does not serve. Written by pack().
// room: kernels | runs on: x86-64 (packing: in the compiler or where a model is loaded) | heap: no

#include <ctq/kernels/x86/channel_tables.hpp>
#include <ctq/kernels/x86/product_plan.hpp>
#include <ctq/operators/packing.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::x86 {

/// Packed bytes: [weights of all groups, if repacked][tables of group 0][tables of group 1] ...
struct packed_weights {
    std::ptrdiff_t groups = 1, rows = 1, dwords = 1, channels = 1; ///< of `row_packing`
    std::ptrdiff_t weight_step = 4;                                ///< bytes between a channel's dwords
    bool repacked = false;                                         ///< padded to whole blocks of channels
    channel_table_layout tables{};                                 ///< of one group

    constexpr std::ptrdiff_t group_bytes() const { return rows * dwords * weight_step; }
    constexpr std::ptrdiff_t tables_at(std::ptrdiff_t group) const {
        const std::ptrdiff_t weights = repacked ? groups * group_bytes() : 0;
        return blocks_of(weights, alignment) * static_cast<std::ptrdiff_t>(alignment) +
               group * static_cast<std::ptrdiff_t>(tables.bytes());
    }
    constexpr std::size_t bytes() const { return static_cast<std::size_t>(tables_at(groups)); }

    /// The weights of one group, where the kernel reads them.
    constexpr const std::int8_t* weights_of(std::ptrdiff_t group, const_tensors in, const std::int8_t* packed) const {
        return (repacked ? packed : in[weighted::weights].as<std::int8_t>()) + group * group_bytes();
    }

    /// The part of a product's plan that the weights decide.
    constexpr product_plan product(const row_packing& of) const {
        product_plan plan;
        plan.rows = rows;
        plan.dwords = dwords;
        plan.channels = of.channels;
        plan.weight_step = weight_step;
        return plan;
    }
};

constexpr packed_weights plan_weights(const row_packing& of, dtype multiplier, const tile_limits& limits,
                                      bool repacked) {
    const std::ptrdiff_t padded = blocks_of(of.channels, limits.block_channels) * limits.block_channels;
    packed_weights plan;
    plan.groups = of.groups;
    plan.rows = of.rows;
    plan.dwords = of.dwords();
    plan.channels = of.channels;
    plan.weight_step = 4 * (repacked ? padded : plan.channels);
    plan.repacked = repacked;
    plan.tables = {padded, static_cast<std::ptrdiff_t>(bytes_of(multiplier, 1))};
    return plan;
}

/// The sum of one channel's weights. One statement for four weights: see sums_of.
constexpr std::int64_t weight_sum(const packed_weights& plan, const std::int8_t* group, std::ptrdiff_t channel) {
    std::int64_t sum = 0;
    const std::int8_t* w = group + 4 * channel;
    for (std::ptrdiff_t at = 0, end = plan.group_bytes(); at < end; at += plan.weight_step)
        sum += w[at] + w[at + 1] + w[at + 2] + w[at + 3];
    return sum;
}

/// Writes the weights of all groups and zeros between them, block by block: a compiler counts the rounds of each loop
/// in a constant evaluation, and all operations. The channels of one weight stand at equal distances.
template <class Index>
constexpr void repack(const packed_weights& plan, const row_packing& of, const std::int8_t* from, std::int8_t* to,
                      Index index) {
    const auto channels = static_cast<std::size_t>(of.channels);
    std::int8_t* block = to;
    for (std::int32_t group = 0; group < of.groups; ++group)
        for (std::int32_t row = 0; row < of.rows; ++row)
            for (std::int32_t first = 0; first < of.row_length; first += 4, block += plan.weight_step) {
                for (std::ptrdiff_t i = 0; i < plan.weight_step; ++i) block[i] = 0;
                for (std::int32_t k = first; k < of.row_length && k < first + 4; ++k) {
                    const std::size_t at = index(group, row, k, 0), step = index(group, row, k, 1) - at;
                    const auto lane = static_cast<std::size_t>(k % 4);
                    for (std::size_t c = 0; c < channels; ++c) block[4 * c + lane] = from[at + c * step];
                }
            }
    for (const std::int8_t* end = to + plan.tables_at(0); block < end; ++block) *block = 0;
}

/// Writes all packed bytes. `index(group, row, k, channel)` is where the operator keeps a weight; `offset` is what the
/// kernel's image adds to each activation, and the bias takes back.
template <class Index>
constexpr void pack_weights(const packed_weights& plan, const row_packing& of, const_tensors in, std::int8_t* to,
                            std::int64_t offset, Index index) {
    const std::int8_t* from = in[weighted::weights].as<std::int8_t>();
    if (plan.repacked) repack(plan, of, from, to, index);
    for (std::ptrdiff_t group = 0; group < plan.groups; ++group) {
        const std::ptrdiff_t first = group * plan.channels;
        const std::int8_t* own = plan.weights_of(group, in, to);
        pack_channel_tables(
            plan.tables, in, to + plan.tables_at(group),
            [&](std::ptrdiff_t i) { return i < plan.channels ? first + i : std::ptrdiff_t{-1}; },
            [&](std::ptrdiff_t channel) { return offset == 0 ? 0 : -offset * weight_sum(plan, own, channel - first); });
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::x86

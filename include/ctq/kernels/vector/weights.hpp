#pragma once
// The packed constants of a product: the per-channel tables of each group, and the weights where the operator's own
// layout does not serve. Written by pack(), piece by piece where the compiler does it.
// room: kernels | runs on: all (packing: in the compiler or where a model is loaded) | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/kernels/vector/channel_tables.hpp>
#include <ctq/kernels/vector/product_plan.hpp>
#include <ctq/operators/packing.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Packed bytes: [weights of all groups, if repacked][tables of group 0][tables of group 1] ...
struct packed_weights {
    std::ptrdiff_t groups = 1, rows = 1, dwords = 1, channels = 1; ///< of `row_packing`
    std::ptrdiff_t weight_step = 4;                                ///< bytes between a channel's dwords
    bool repacked = false;                                         ///< padded to whole blocks of channels
    channel_table_layout tables{};                                 ///< of one group

    constexpr std::ptrdiff_t group_bytes() const { return rows * dwords * weight_step; }
    constexpr std::ptrdiff_t tables_at(std::ptrdiff_t group) const {
        const std::ptrdiff_t weights = repacked ? groups * group_bytes() : 0;
        return round_up_to(weights, alignment) + group * static_cast<std::ptrdiff_t>(tables.bytes());
    }
    constexpr std::size_t bytes() const { return static_cast<std::size_t>(tables_at(groups)); }

    /// Bytes that one constant evaluation packs: 128 KiB at most, and where a bias needs the sum of its channel's
    /// weights (`sums`), no more biases than there are sums for in half a million weights.
    constexpr std::size_t piece_bytes(bool sums) const {
        const std::ptrdiff_t biases = (std::ptrdiff_t{1} << 19) / (4 * rows * dwords);
        const std::ptrdiff_t summed = round_up_to(4 * biases + 1, alignment);
        const std::ptrdiff_t most = sums && summed < (1 << 17) ? summed : 1 << 17;
        const std::ptrdiff_t pieces = divide_up(tables_at(groups), most);
        return static_cast<std::size_t>(round_up_to(divide_up(tables_at(groups), pieces), alignment));
    }

    /// The weights of one group, where the kernel reads them.
    constexpr const std::int8_t* weights_of(std::ptrdiff_t group, const_tensors in, const std::int8_t* packed) const {
        return (repacked ? packed : in[op::weighted::weights].as<std::int8_t>()) + group * group_bytes();
    }

    /// The part of a product's plan that the weights decide.
    constexpr product_plan product(const op::row_packing& of) const {
        product_plan plan;
        plan.rows = rows;
        plan.dwords = dwords;
        plan.channels = of.channels;
        plan.weight_step = weight_step;
        return plan;
    }
};

constexpr packed_weights plan_weights(const op::row_packing& of, dtype multiplier, const tile_limits& limits,
                                      bool repacked) {
    const std::ptrdiff_t padded = round_up_to<std::ptrdiff_t>(of.channels, limits.block_channels);
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

/// Copies `count` bytes: in clang's constant evaluation one step, not one for each byte.
constexpr void copy_bytes(const std::int8_t* from, std::int8_t* to, std::ptrdiff_t count) {
#if defined(__clang__)
    __builtin_memcpy(to, from, static_cast<std::size_t>(count));
#else
    for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = from[i];
#endif
}

/// Weights that the operator keeps in `row_packing`'s own order.
struct weights_in_order {
    op::row_packing of;
    const std::int8_t* from;

    /// Channels [begin, end) of the dword that is the `dword`th of all groups and rows.
    constexpr void copy(std::ptrdiff_t dword, std::ptrdiff_t begin, std::ptrdiff_t end, std::int8_t* to) const {
        copy_bytes(from + 4 * (dword * of.channels + begin), to, 4 * (end - begin));
    }

    /// The sum of one channel's weights. One statement for four weights: see sums_of.
    constexpr std::int64_t sum(std::ptrdiff_t group, std::ptrdiff_t channel) const {
        const std::ptrdiff_t step = std::ptrdiff_t{4} * of.channels, size = step * of.rows * of.dwords();
        const std::int8_t* w = from + group * size + 4 * channel;
        std::int64_t total = 0;
        for (std::ptrdiff_t at = 0; at < size; at += step) total += w[at] + w[at + 1] + w[at + 2] + w[at + 3];
        return total;
    }
};

/// Weights that the operator keeps as [kernel row][k][group][channel]: convolutions of one channel a group.
struct weights_by_tap {
    op::row_packing of;
    const std::int8_t* from;

    /// Channel 0 of a group at one tap, of all rows' taps.
    constexpr const std::int8_t* channels_at(std::ptrdiff_t group, std::ptrdiff_t tap) const {
        return from + (tap * of.groups + group) * of.channels;
    }

    constexpr void copy(std::ptrdiff_t dword, std::ptrdiff_t begin, std::ptrdiff_t end, std::int8_t* to) const {
        const std::ptrdiff_t row = dword / of.dwords(), first = dword % of.dwords() * 4;
        for (std::ptrdiff_t lane = 0; lane < 4; ++lane) {
            const bool slack = first + lane >= of.row_length;
            const std::int8_t* w =
                channels_at(row / of.rows, row % of.rows * of.row_length + (slack ? 0 : first + lane));
            for (std::ptrdiff_t c = begin; c < end; ++c) to[4 * (c - begin) + lane] = slack ? std::int8_t{0} : w[c];
        }
    }

    constexpr std::int64_t sum(std::ptrdiff_t group, std::ptrdiff_t channel) const {
        std::int64_t total = 0;
        const std::ptrdiff_t taps = std::ptrdiff_t{of.rows} * of.row_length;
        for (std::ptrdiff_t tap = 0; tap < taps; ++tap) total += channels_at(group, tap)[channel];
        return total;
    }
};

/// Writes what a piece holds of the weights of all groups, and zeros between them.
template <class Weights> constexpr void repack(const packed_weights& plan, const Weights& weights, packed_piece piece) {
    const std::ptrdiff_t step = plan.weight_step, dwords = plan.groups * plan.rows * plan.dwords;
    const std::ptrdiff_t end = piece.last < plan.tables_at(0) ? piece.last : plan.tables_at(0);
    std::int8_t* to = piece.to;
    for (std::ptrdiff_t at = piece.first; at < end;) {
        const std::ptrdiff_t dword = at / step, begin = at % step / 4;
        const std::ptrdiff_t line = dword < dwords ? (dword + 1) * step : end, next = line < end ? line : end;
        const std::int8_t* zeros = to + (next - at);
        const std::ptrdiff_t held = begin + (next - at) / 4, last = held < plan.channels ? held : plan.channels;
        if (dword < dwords && begin < last) {
            weights.copy(dword, begin, last, to);
            to += 4 * (last - begin);
        }
        while (to < zeros) *to++ = 0;
        at = next;
    }
}

/// Writes a piece of the packed bytes. `offset` is what the kernel's image adds to each activation, and the bias takes
/// back.
template <class Weights>
constexpr void pack_weights(const packed_weights& plan, const Weights& weights, const_tensors in,
                            const packed_piece& piece, std::int64_t offset) {
    if (plan.repacked) repack(plan, weights, piece);
    for (std::ptrdiff_t group = 0; group < plan.groups; ++group) {
        const std::ptrdiff_t first = group * plan.channels;
        pack_channel_tables(
            plan.tables, in, piece.from(plan.tables_at(group)),
            [&](std::ptrdiff_t i) { return i < plan.channels ? first + i : std::ptrdiff_t{-1}; },
            [&](std::ptrdiff_t channel) { return offset == 0 ? 0 : -offset * weights.sum(group, channel - first); });
    }
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

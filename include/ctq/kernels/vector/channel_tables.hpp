#pragma once
// The per-channel constants of a weighted layer in a kernel's own order and padded to whole vectors, so that no kernel
// reads past a table. Written by pack().
// room: kernels | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/weighted.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Where the tables stand in the packed bytes: [int32 bias][multiplier][int8 shift][smallest shift][largest shift].
struct channel_table_layout {
    std::ptrdiff_t entries = 0;         ///< with padding
    std::ptrdiff_t multiplier_size = 2; ///< bytes of one

    constexpr std::ptrdiff_t multipliers() const { return entries * 4; }
    constexpr std::ptrdiff_t shifts() const { return entries * (4 + multiplier_size); }
    constexpr std::ptrdiff_t extremes() const { return entries * (5 + multiplier_size); }
    constexpr std::size_t bytes() const { return round_up_to(static_cast<std::size_t>(extremes()) + 2, alignment); }
    friend constexpr bool operator==(const channel_table_layout&, const channel_table_layout&) = default;
};

/// Little-endian bytes of `value`, in constant expressions too.
constexpr void put_bytes(std::int8_t* to, std::int64_t value, std::ptrdiff_t count) {
    for (std::ptrdiff_t i = 0; i < count; ++i)
        to[i] = static_cast<std::int8_t>(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

/// Writes what a piece holds of the tables, which begin at its byte 0: entry i is of channel `channel_of(i)`, or zeros
/// where that is negative. `correct(channel)` is added to the bias.
template <class ChannelOf, class Correct>
constexpr void pack_channel_tables(const channel_table_layout& layout, const_tensors in, const packed_piece& piece,
                                   ChannelOf channel_of, Correct correct) {
    const std::int32_t* biases = in[op::weighted::bias].as<std::int32_t>();
    const std::int8_t* shifts = in[op::weighted::shift].as<std::int8_t>();
    piece.each(0, 4, layout.entries, [&](std::ptrdiff_t i, std::int8_t* to) {
        const std::ptrdiff_t channel = channel_of(i);
        put_bytes(to, channel < 0 ? 0 : biases[channel] + correct(channel), 4);
    });
    piece.each(layout.multipliers(), layout.multiplier_size, layout.entries, [&](std::ptrdiff_t i, std::int8_t* to) {
        const std::ptrdiff_t channel = channel_of(i);
        const std::int64_t multiplier = channel < 0 ? 0
                                        : layout.multiplier_size == 2
                                            ? in[op::weighted::multiplier].as<std::int16_t>()[channel]
                                            : in[op::weighted::multiplier].as<std::int32_t>()[channel];
        put_bytes(to, multiplier, layout.multiplier_size);
    });
    const auto shift_of = [&](std::ptrdiff_t i) {
        const std::ptrdiff_t channel = channel_of(i);
        return channel < 0 ? std::int8_t{0} : shifts[channel];
    };
    piece.each(layout.shifts(), 1, layout.entries, [&](std::ptrdiff_t i, std::int8_t* to) { *to = shift_of(i); });
    piece.each(layout.extremes(), 1, 2, [&](std::ptrdiff_t which, std::int8_t* to) {
        *to = 0;
        for (std::ptrdiff_t i = 0; i < layout.entries; ++i)
            if (which == 0 ? shift_of(i) < *to : shift_of(i) > *to) *to = shift_of(i);
    });
}

/// The tables as a kernel reads them.
template <class Requantizer> struct channel_tables {
    using multiplier_type = typename Requantizer::multiplier_type;

    const std::int32_t* bias;
    const multiplier_type* multiplier;
    const std::int8_t* shift;
    bool shifts_left; ///< whether any channel does

    channel_tables(const std::int8_t* packed, const channel_table_layout& layout)
        : bias(reinterpret_cast<const std::int32_t*>(packed)),
          multiplier(reinterpret_cast<const multiplier_type*>(packed + layout.multipliers())),
          shift(packed + layout.shifts()),
          shifts_left(Requantizer::shifts_left({1, packed[layout.extremes()]}) ||
                      Requantizer::shifts_left({1, packed[layout.extremes() + 1]})) {}
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

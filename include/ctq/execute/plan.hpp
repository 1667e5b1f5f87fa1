#pragma once
// plan: where each buffer lies in the arena. Lifetimes that do not meet share memory.
// room: execute | runs on: all (constexpr, so in the compiler) | heap: no

#include <cstddef>
#include <cstdint>
#include <span>

namespace ctq {

/// A buffer in use from step `first` to step `last`, both included; `bytes` may be 0.
struct buffer {
    std::size_t bytes = 0;
    int first = 0, last = 0;

    constexpr bool meets(const buffer& other) const { return first <= other.last && other.first <= last; }
};

/// The orders in which buffers are laid down; no one order is best for every network.
enum class packing_order : std::uint8_t { by_size, by_start, by_end, by_duration, by_area };
constexpr std::size_t packing_orders = 5;

namespace detail {

/// Larger keys are laid down first; equal keys in the order of the buffers.
constexpr std::int64_t packing_key(const buffer& b, packing_order order) {
    const auto bytes = static_cast<std::int64_t>(b.bytes);
    switch (order) {
    case packing_order::by_size:
        return bytes;
    case packing_order::by_start:
        return -b.first;
    case packing_order::by_end:
        return b.last;
    case packing_order::by_duration:
        return b.last - b.first;
    default:
        return bytes * (b.last - b.first + 1);
    }
}

/// Sorts indices by falling key, stable. Insertion sort: networks have hundreds of buffers.
constexpr void sort_by_key(std::span<const buffer> buffers, packing_order order, std::span<int> sorted) {
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const std::int64_t key = packing_key(buffers[i], order);
        std::size_t at = i;
        while (at > 0 && packing_key(buffers[static_cast<std::size_t>(sorted[at - 1])], order) < key) {
            sorted[at] = sorted[at - 1];
            --at;
        }
        sorted[at] = static_cast<int>(i);
    }
}

} // namespace detail

/// Lays each buffer at the lowest offset where it meets no earlier one, in the given order. `offsets` and `sorted` have
/// one entry for each buffer. Returns the arena's size. Cost: O(n^2) for n buffers.
constexpr std::size_t pack(std::span<const buffer> buffers, packing_order order, std::size_t alignment,
                           std::span<std::size_t> offsets, std::span<int> sorted) {
    detail::sort_by_key(buffers, order, sorted);
    std::size_t total = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const auto current = static_cast<std::size_t>(sorted[i]);
        std::size_t offset = 0;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t j = 0; j < i; ++j) {
                const auto other = static_cast<std::size_t>(sorted[j]);
                const std::size_t end = offsets[other] + buffers[other].bytes;
                if (offset >= end || offset + buffers[current].bytes <= offsets[other]) continue;
                if (!buffers[current].meets(buffers[other])) continue;
                offset = (end + alignment - 1) / alignment * alignment;
                moved = true;
            }
        }
        offsets[current] = offset;
        if (offset + buffers[current].bytes > total) total = offset + buffers[current].bytes;
    }
    return total;
}

/// What any plan needs at least: the most bytes that are in use at one step.
constexpr std::size_t peak_bytes(std::span<const buffer> buffers, int steps) {
    std::size_t peak = 0;
    for (int step = 0; step < steps; ++step) {
        std::size_t used = 0;
        for (const buffer& b : buffers)
            if (b.first <= step && step <= b.last) used += b.bytes;
        if (used > peak) peak = used;
    }
    return peak;
}

} // namespace ctq

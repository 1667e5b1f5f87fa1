#pragma once
// plan: where each buffer lies in the arena. Lifetimes that do not meet share memory.
// room: execute | runs on: all (constexpr, so in the compiler) | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/core/target.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace ctq::inline CTQ_TARGET {

/// A buffer in use from step `first` to step `last`, both included; `bytes` may be 0.
struct buffer {
    std::size_t bytes = 0;
    int first = 0, last = 0;

    /// Whether both are in use at one step.
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

/// Whether buffer a is laid down before buffer b.
constexpr bool comes_first(const buffer* buffers, packing_order order, int a, int b) {
    const std::int64_t left = packing_key(buffers[a], order), right = packing_key(buffers[b], order);
    return left != right ? left > right : a < b;
}

/// Lets the element at `root` of a heap sink to its place; the heap's top comes last.
constexpr void sink(const buffer* buffers, packing_order order, int* heap, std::size_t root, std::size_t size) {
    for (std::size_t child = 2 * root + 1; child < size; child = 2 * root + 1) {
        if (child + 1 < size && comes_first(buffers, order, heap[child], heap[child + 1])) ++child;
        if (!comes_first(buffers, order, heap[root], heap[child])) return;
        const int above = heap[root];
        heap[root] = heap[child];
        heap[child] = above;
        root = child;
    }
}

} // namespace detail

/// Writes the indices of the buffers that are not empty to `sorted`, in the order in which they are laid down, and
/// gives their number. Cost: O(n log n), a heap sort: the compilers count the steps of a constant evaluation.
constexpr std::size_t sort_buffers(std::span<const buffer> buffers, packing_order order, std::span<int> sorted) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < buffers.size(); ++i)
        if (buffers[i].bytes != 0) sorted[used++] = static_cast<int>(i);
    for (std::size_t i = used / 2; i-- > 0;) detail::sink(buffers.data(), order, sorted.data(), i, used);
    for (std::size_t end = used; end-- > 1;) {
        const int top = sorted[0];
        sorted[0] = sorted[end];
        sorted[end] = top;
        detail::sink(buffers.data(), order, sorted.data(), 0, end);
    }
    return used;
}

/// Lays the buffers sorted[first .. last) at the lowest offsets where they meet none of those before them in `sorted`,
/// whose offsets are known. `total`: the arena's size so far. Returns the new one. Cost: O((last - first) * last).
constexpr std::size_t lay_down(const buffer* buffers, const int* sorted, std::size_t first, std::size_t last,
                               std::size_t alignment, std::size_t* offsets, std::size_t total) {
    for (std::size_t i = first; i < last; ++i) {
        const buffer current = buffers[sorted[i]];
        std::size_t offset = 0;
        for (bool moved = true; moved;) {
            moved = false;
            for (std::size_t j = 0; j < i; ++j) {
                const int other = sorted[j];
                // Whether they share memory comes first: it is rarely true, and clang counts the steps of a call.
                if (offset < offsets[other] + buffers[other].bytes && offset + current.bytes > offsets[other] &&
                    current.meets(buffers[other])) {
                    offset = round_up_to(offsets[other] + buffers[other].bytes, alignment);
                    moved = true;
                }
            }
        }
        offsets[sorted[i]] = offset;
        if (offset + current.bytes > total) total = offset + current.bytes;
    }
    return total;
}

/// Lays each buffer at the lowest offset where it meets no earlier one, in the given order. `offsets` and `sorted` have
/// one entry for each buffer; an empty buffer keeps its offset. Returns the arena's size. Cost: O(n^2) for n buffers.
constexpr std::size_t pack(std::span<const buffer> buffers, packing_order order, std::size_t alignment,
                           std::span<std::size_t> offsets, std::span<int> sorted) {
    const std::size_t used = sort_buffers(buffers, order, sorted);
    return lay_down(buffers.data(), sorted.data(), 0, used, alignment, offsets.data(), 0);
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

/// What a plan needs to know of a value, and of a node.
struct planned_value {
    std::size_t bytes = 0;
    bool constant = false;
    std::size_t elements = 0;
};
struct planned_node {
    std::span<const int> inputs; ///< positions of values
    std::span<const int> outputs;
    bool in_place = false; ///< may write over its first input
    std::size_t scratch_bytes = 0;
};

/// What a state is read as, and what is written to it at the end: positions of values.
struct planned_state {
    int read = -1, written = -1;
};

/// A network as the plan sees it: borrowed, nodes in the order of execution, inputs and outputs positions of values.
struct planned_network {
    std::span<const planned_value> values;
    std::span<const planned_node> nodes;
    std::span<const int> inputs, outputs;
    std::span<const planned_state> states = {};
};

namespace detail {

/// From the step that makes a value to the last that reads it; outputs, and what is written to states, are read after
/// all nodes. A state's memory ends with its last reader here: see place_states.
constexpr void find_uses(const planned_network& net, std::span<buffer> buffers) {
    const auto of = [&](int value) -> buffer& { return buffers[static_cast<std::size_t>(value)]; };
    const auto bytes = [&](int value) { return net.values[static_cast<std::size_t>(value)].bytes; };
    for (const int input : net.inputs) of(input) = {bytes(input), 0, 0};
    for (const planned_state& each : net.states) of(each.read) = {bytes(each.read), 0, 0};
    for (std::size_t i = 0; i < net.nodes.size(); ++i) {
        const int step = static_cast<int>(i);
        for (const int input : net.nodes[i].inputs)
            if (!net.values[static_cast<std::size_t>(input)].constant) of(input).last = step;
        for (const int output : net.nodes[i].outputs) of(output) = {bytes(output), step, step};
        buffers[net.values.size() + i] = {net.nodes[i].scratch_bytes, step, step};
    }
    const int end = static_cast<int>(net.nodes.size());
    for (const int output : net.outputs) of(output).last = end;
    for (const planned_state& each : net.states)
        if (!net.values[static_cast<std::size_t>(each.written)].constant) of(each.written).last = end;
}

constexpr bool is_state(const planned_network& net, int value) {
    for (const planned_state& each : net.states)
        if (each.read == value) return true;
    return false;
}

/// True when a node may write its output over its first input, once nobody reads that afterwards: element over element,
/// so that none is broadcast and each is as wide as what it is made of.
constexpr bool may_write_over(const planned_network& net, const planned_node& node) {
    if (!node.in_place || node.inputs.empty()) return false;
    const planned_value& from = net.values[static_cast<std::size_t>(node.inputs[0])];
    const planned_value& to = net.values[static_cast<std::size_t>(node.outputs[0])];
    bool alone = !from.constant && from.bytes == to.bytes && from.elements == to.elements;
    for (std::size_t other = 1; other < node.inputs.size(); ++other) alone &= node.inputs[other] != node.inputs[0];
    return alone;
}

/// True when what is written to a state can be made in the state's memory: the first node that writes to its buffer
/// (`made`'s) comes behind the last that reads the state, or is that and works in place.
constexpr bool can_be_made_in(const planned_network& net, int state, int made, std::span<const buffer> buffers) {
    const buffer &kept = buffers[static_cast<std::size_t>(state)], &written = buffers[static_cast<std::size_t>(made)];
    if (written.bytes == 0 || written.bytes != kept.bytes || kept.last > written.first) return false;
    if (kept.last < written.first) return true;
    const planned_node& node = net.nodes[static_cast<std::size_t>(written.first)];
    return may_write_over(net, node) && node.inputs[0] == state && node.outputs[0] == made;
}

/// A state's memory lives through all steps. What is written to the state is made right there where that can be; else
/// it is copied at the end.
constexpr void place_states(const planned_network& net, std::span<buffer> buffers, std::span<int> home) {
    for (const planned_state& each : net.states) {
        const int made = home[static_cast<std::size_t>(each.written)];
        if (can_be_made_in(net, each.read, made, buffers)) {
            for (int& value : home)
                if (value == made) value = each.read;
            buffers[static_cast<std::size_t>(made)] = {};
        }
        buffers[static_cast<std::size_t>(each.read)].last = static_cast<int>(net.nodes.size());
    }
}

} // namespace detail

/// The buffers of a network: one for each value (empty for constants and for values that live in another's buffer),
/// then one for each node's scratch. `home[v]`: the value in whose buffer v lies. A node that may work in place does so
/// when nobody reads its first input afterwards; over what a state holds, only to make what is written to it. `buffers`
/// has values + nodes entries, `home` one for each value.
constexpr void find_lifetimes(const planned_network& net, std::span<buffer> buffers, std::span<int> home) {
    for (std::size_t v = 0; v < home.size(); ++v) home[v] = static_cast<int>(v);
    detail::find_uses(net, buffers);
    for (std::size_t i = 0; i < net.nodes.size(); ++i) {
        const planned_node& node = net.nodes[i];
        if (!detail::may_write_over(net, node)) continue;
        const auto from = static_cast<std::size_t>(node.inputs[0]), to = static_cast<std::size_t>(node.outputs[0]);
        buffer& shared = buffers[static_cast<std::size_t>(home[from])];
        if (shared.last != static_cast<int>(i) || detail::is_state(net, node.inputs[0])) continue;
        home[to] = home[from];
        shared.last = buffers[to].last;
        buffers[to] = {};
    }
    detail::place_states(net, buffers, home);
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// layout: the arena of a model on one architecture: which values share a buffer, and where each lies.
// room: execute | runs on: all (evaluated by the compiler) | heap: no

#include <ctq/execute/model.hpp>
#include <ctq/execute/plan.hpp>
#include <ctq/kernels/all.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace ctq {

namespace detail {

/// The last node that reads a value, or -1.
template <class Model> constexpr int last_reader(int value) {
    int last = -1;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const auto look = [&](const auto& node, std::size_t index) {
            for (const int input : node.inputs)
                if (input == value) last = static_cast<int>(index);
        };
        (look(std::get<I>(Model::nodes), I), ...);
    }
    (std::make_index_sequence<node_count<Model>>{});
    return last;
}

/// True when node I writes over its first input: it works in place, and nobody reads that input afterwards.
template <class Model, std::size_t I> constexpr bool takes_over() {
    constexpr const auto& node = std::get<I>(Model::nodes);
    using op_type = std::remove_cvref_t<decltype(node.op)>;
    const model_value& in = Model::values[static_cast<std::size_t>(node.inputs[0])];
    const model_value& out = Model::values[static_cast<std::size_t>(node.output)];
    if (!works_in_place<op_type> || in.constant || in.facts.bytes() != out.facts.bytes()) return false;
    for (std::size_t other = 1; other < node.inputs.size(); ++other)
        if (node.inputs[other] == node.inputs[0]) return false;
    for (const int v : Model::outputs)
        if (v == node.inputs[0]) return false;
    return last_reader<Model>(node.inputs[0]) == static_cast<int>(I);
}

} // namespace detail

/// The plan of a model: one buffer for each value (0 bytes for constants and for values that live in another's buffer)
/// and one for each node's scratch. A packing is a constant of its own, so that the compilers' limits on one constant
/// evaluation are met for each packing, not for all together.
template <class Model, class Architecture> class arena_layout {
    static constexpr std::size_t values = std::size(Model::values);
    static constexpr std::size_t nodes = node_count<Model>;

    struct lifetimes {
        std::array<buffer, values + nodes> buffers{};
        std::array<int, values> home{}; ///< the value in whose buffer a value lies
    };

    static constexpr lifetimes found = [] {
        lifetimes result;
        for (std::size_t v = 0; v < values; ++v) result.home[v] = static_cast<int>(v);
        const auto owner = [&](int v) -> buffer& {
            return result.buffers[static_cast<std::size_t>(result.home[static_cast<std::size_t>(v)])];
        };
        for (const int v : Model::inputs) owner(v) = {Model::values[static_cast<std::size_t>(v)].facts.bytes(), 0, 0};
        const auto visit = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            constexpr const auto& node = std::get<I>(Model::nodes);
            constexpr int step = static_cast<int>(I);
            for (const int v : node.inputs)
                if (!Model::values[static_cast<std::size_t>(v)].constant) owner(v).last = step;
            const std::size_t bytes = Model::values[static_cast<std::size_t>(node.output)].facts.bytes();
            if (detail::takes_over<Model, I>()) {
                result.home[static_cast<std::size_t>(node.output)] =
                    result.home[static_cast<std::size_t>(node.inputs[0])];
            } else {
                owner(node.output) = {bytes, step, step};
            }
            owner(node.output).last = step;
            using op_type = std::remove_cvref_t<decltype(node.op)>;
            result.buffers[values + I] = {
                kernels::kernel<Architecture, op_type>::scratch_bytes(node_constants<Model, I>::value), step, step};
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit(std::integral_constant<std::size_t, I>{}), ...);
        }
        (std::make_index_sequence<nodes>{});
        for (const int v : Model::outputs) owner(v).last = static_cast<int>(nodes);
        return result;
    }();

    struct packed {
        std::size_t bytes = 0;
        std::array<std::size_t, values + nodes> offsets{};
    };

    template <packing_order Order>
    static constexpr packed packing = [] {
        packed result;
        std::array<int, values + nodes> sorted{};
        result.bytes = pack(found.buffers, Order, Architecture::alignment, result.offsets, sorted);
        return result;
    }();

    static constexpr const packed& best = []() -> const packed& {
        const packed* chosen = &packing<packing_order::by_size>;
        for (const packed* other : {&packing<packing_order::by_start>, &packing<packing_order::by_end>,
                                    &packing<packing_order::by_duration>, &packing<packing_order::by_area>})
            if (other->bytes < chosen->bytes) chosen = other;
        return *chosen;
    }();

  public:
    static constexpr std::size_t bytes = best.bytes;
    /// The least that any layout could need, for reports.
    static constexpr std::size_t lower_bound = peak_bytes(found.buffers, static_cast<int>(nodes) + 1);

    static constexpr std::size_t offset_of_value(int value) {
        return best.offsets[static_cast<std::size_t>(found.home[static_cast<std::size_t>(value)])];
    }
    static constexpr std::size_t offset_of_scratch(std::size_t node) { return best.offsets[values + node]; }
};

} // namespace ctq

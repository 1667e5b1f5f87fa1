#pragma once
// layout: the arena of a model on one architecture: which values share a buffer, and where each lies.
// room: execute | runs on: all (evaluated by the compiler) | heap: no

#include <ctq/execute/model.hpp>
#include <ctq/execute/plan.hpp>
#include <ctq/execute/run_node.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace ctq {

/// Scratch that a node's kernel needs; none where its float meaning runs.
template <class Architecture, class Op> constexpr std::size_t planned_scratch(const kernels::node_facts<Op>& facts) {
    return is_float_node(facts.inputs, facts.outputs) ? 0 : kernels::kernel<Architecture, Op>::scratch_bytes(facts);
}

/// The plan of a model; see find_lifetimes. A packing is a constant of its own, so that the compilers' limits on one
/// constant evaluation are met for each packing, not for all together.
template <class Model, class Architecture> class arena_layout {
    static constexpr std::size_t values = std::size(Model::values);
    static constexpr std::size_t nodes = node_count<Model>;

    template <std::size_t I> static constexpr planned_node planned() {
        using constants = node_constants<Model, I>;
        using op_type = std::remove_cvref_t<decltype(constants::source.op)>;
        const std::size_t scratch = planned_scratch<Architecture>(constants::value);
        return {constants::source.inputs, constants::source.output, works_in_place<op_type>, scratch};
    }

    static constexpr auto planned_nodes = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<planned_node, nodes>{planned<I>()...};
    }
    (std::make_index_sequence<nodes>{});

    static constexpr auto planned_values = [] {
        std::array<planned_value, values> result{};
        for (std::size_t v = 0; v < values; ++v)
            result[v] = {Model::values[v].facts.bytes(), Model::values[v].constant};
        return result;
    }();

    struct lifetimes {
        std::array<buffer, values + nodes> buffers{};
        std::array<int, values> home{};
    };

    static constexpr lifetimes found = [] {
        lifetimes result;
        find_lifetimes({planned_values, planned_nodes, Model::inputs, Model::outputs}, result.buffers, result.home);
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

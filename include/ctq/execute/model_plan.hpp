#pragma once
// model_plan: the arena of a model on one architecture: which values share a buffer, and where each lies.
// room: execute | runs on: all (evaluated by the compiler) | heap: no

#include <ctq/execute/model.hpp>
#include <ctq/execute/plan.hpp>
#include <ctq/execute/run_node.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace ctq::inline CTQ_TARGET {

/// Scratch that a node's kernel needs; none where its float meaning runs.
template <class Architecture, signature S, class Op>
constexpr std::size_t planned_scratch([[maybe_unused]] const kernels::node_facts<Op>& facts) {
    if constexpr (is_float_signature(S))
        return 0;
    else
        return kernels::kernel_for<Architecture, Op, S>::scratch_bytes(facts);
}

/// The plan of a model; see find_lifetimes. Each packing is made of constants of 64 buffers each, so that the
/// compilers' limits on one constant evaluation are met for each of them, not for all together.
template <class Model, class Architecture> class model_plan {
    static constexpr std::size_t values = std::size(Model::values);
    static constexpr std::size_t nodes = node_count<Model>;

    template <std::size_t I> static constexpr planned_node planned() {
        using constants = node_constants<Model, I>;
        const std::size_t scratch = planned_scratch<Architecture, constants::types>(constants::value);
        return {constants::source.inputs, constants::source.outputs, traits_of<typename constants::op_type>.in_place,
                scratch};
    }

    static constexpr auto planned_nodes = detail::array_of<planned_node, nodes>(
        []<std::size_t I>(std::integral_constant<std::size_t, I>) { return planned<I>(); });

    static constexpr auto planned_values = [] {
        std::array<planned_value, values> result{};
        for (std::size_t v = 0; v < values; ++v)
            result[v] = {Model::values[v].facts.bytes(), Model::values[v].constant, Model::values[v].facts.elements()};
        return result;
    }();

    static constexpr auto planned_states = [] {
        std::array<planned_state, state_count<Model>> result{};
        if constexpr (state_count<Model> != 0)
            for (std::size_t i = 0; i < result.size(); ++i)
                result[i] = {Model::states[i].read, Model::states[i].written};
        return result;
    }();

    struct lifetimes {
        std::array<buffer, values + nodes> buffers{};
        std::array<int, values> home{};
    };

    static constexpr lifetimes found = [] {
        lifetimes result;
        find_lifetimes({planned_values, planned_nodes, Model::inputs, Model::outputs, planned_states}, result.buffers,
                       result.home);
        return result;
    }();

    static constexpr std::size_t used = [] {
        std::size_t count = 0;
        for (const buffer& each : found.buffers) count += each.bytes != 0 ? 1 : 0;
        return count;
    }();

    /// The buffers that are not empty, and where each buffer stands among them.
    struct compact {
        std::array<buffer, used> buffers{};
        std::array<std::size_t, values + nodes> position{};
    };

    static constexpr compact live = [] {
        compact result;
        std::size_t at = 0;
        for (std::size_t i = 0; i < found.buffers.size(); ++i) {
            if (found.buffers[i].bytes == 0) continue;
            result.position[i] = at;
            result.buffers[at++] = found.buffers[i];
        }
        return result;
    }();

    template <packing_order Order>
    static constexpr std::array<int, used> sequence = [] {
        std::array<int, used> sorted{};
        sort_buffers(live.buffers, Order, sorted);
        return sorted;
    }();

    struct packed {
        std::size_t bytes = 0;
        std::array<std::size_t, used> offsets{};
    };

    /// The first `Count` buffers laid down.
    template <packing_order Order, std::size_t Count> struct packing {
        static constexpr packed value = [] {
            constexpr std::size_t slice = 64, before = Count == 0 ? 0 : (Count - 1) / slice * slice;
            packed result;
            if constexpr (before > 0) result = packing<Order, before>::value;
            result.bytes = lay_down(live.buffers.data(), sequence<Order>.data(), before, Count, Architecture::alignment,
                                    result.offsets.data(), result.bytes);
            return result;
        }();
    };

    static constexpr const packed& best = []() -> const packed& {
        const packed* chosen = &packing<packing_order::by_size, used>::value;
        for (const packed* other :
             {&packing<packing_order::by_start, used>::value, &packing<packing_order::by_end, used>::value,
              &packing<packing_order::by_duration, used>::value, &packing<packing_order::by_area, used>::value})
            if (other->bytes < chosen->bytes) chosen = other;
        return *chosen;
    }();

    static constexpr std::size_t offset_of_buffer(std::size_t buffer) {
        return found.buffers[buffer].bytes == 0 ? 0 : best.offsets[live.position[buffer]];
    }

  public:
    static constexpr std::size_t bytes = best.bytes;
    /// The least that any plan could need, for reports.
    static constexpr std::size_t lower_bound = peak_bytes(found.buffers, static_cast<int>(nodes) + 1);

    static constexpr std::size_t offset_of_value(int value) {
        return offset_of_buffer(static_cast<std::size_t>(found.home[static_cast<std::size_t>(value)]));
    }
    /// True when what is written to a state, which is read as `read`, lies in the state's memory already.
    static constexpr bool is_made_in_place(int read, int written) {
        return found.home[static_cast<std::size_t>(written)] == read;
    }
    static constexpr std::size_t offset_of_scratch(std::size_t node) { return offset_of_buffer(values + node); }
};

} // namespace ctq::inline CTQ_TARGET

#pragma once
// bound_node: a node with its operator, its tensors and its memory in one place, ready to run by one indirect call.
// room: host | runs on: host | heap: no (in memory that the engine lends)

#include <ctq/core/integer.hpp>
#include <ctq/host/engine/border.hpp>
#include <ctq/kernels/kernel.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

inline tensor_facts facts_of(const ctq_border::tensor& from) {
    tensor_facts facts;
    facts.type = static_cast<dtype>(from.type);
    for (std::int32_t axis = 0; axis < from.rank; ++axis) facts.shape.append(from.extent[axis]);
    facts.quantization = {from.scale, from.zero_point};
    facts.range = {from.low, from.high};
    return facts;
}

inline tensor tensor_of(const ctq_border::tensor& from) {
    const tensor_facts facts = facts_of(from);
    return with_element_type(facts.type, [&](auto element) {
        return tensor{facts, data(static_cast<decltype(element)*>(from.elements))};
    });
}

/// A node's facts and tensors on this side of the border, in memory that somebody lends.
struct node_tensors {
    std::span<const tensor_facts> read_facts, written_facts;
    const_tensors in;
    tensors out;

    static constexpr std::size_t aligned(std::size_t bytes) { return round_up_to(bytes, kernels::alignment); }

    static constexpr std::size_t bytes(std::size_t inputs, std::size_t outputs) {
        return aligned((inputs + outputs) * sizeof(tensor_facts)) + aligned(inputs * sizeof(const_tensor)) +
               aligned(outputs * sizeof(tensor));
    }
};

/// Unpacks them into node_tensors::bytes of memory. Never inlined: the functions of every layer begin with it.
[[gnu::noinline]] inline node_tensors unpacked(const ctq_border::node& from, std::byte* memory) {
    const std::size_t inputs = from.input_count, outputs = from.output_count;
    auto* facts = new (memory) tensor_facts[inputs + outputs];
    memory += node_tensors::aligned((inputs + outputs) * sizeof(tensor_facts));
    auto* in = new (memory) const_tensor[inputs];
    auto* out = new (memory + node_tensors::aligned(inputs * sizeof(const_tensor))) tensor[outputs];
    for (std::size_t i = 0; i < inputs; ++i) {
        facts[i] = facts_of(from.inputs[i]);
        in[i] = tensor_of(from.inputs[i]);
    }
    for (std::size_t i = 0; i < outputs; ++i) {
        facts[inputs + i] = facts_of(from.outputs[i]);
        out[i] = tensor_of(from.outputs[i]);
    }
    return {{facts, inputs}, {facts + inputs, outputs}, {in, inputs}, {out, outputs}};
}

} // namespace detail

/// The tensor as it crosses the border between translation units.
inline ctq_border::tensor border_tensor(const tensor_facts& facts, void* elements) {
    ctq_border::tensor to;
    to.type = static_cast<std::int32_t>(facts.type);
    to.rank = facts.shape.rank;
    for (int axis = 0; axis < facts.shape.rank; ++axis) to.extent[axis] = facts.shape[axis];
    to.scale = facts.quantization.scale;
    to.zero_point = facts.quantization.zero_point;
    to.low = facts.range.low;
    to.high = facts.range.high;
    to.elements = elements;
    return to;
}

/// The layer functions of `Op` by `Kernel`.
template <class Kernel, class Op>
requires kernels::node_kernel<Kernel, Op>
class bound_node {
    static_assert(std::is_trivially_copyable_v<Op> && std::is_trivially_copyable_v<lowered_of<Op>>,
                  "ctq: engine: an operator must be trivially copyable; keep its attributes in plain members");

    kernels::variable_facts<Op> facts_;
    kernels::workspace space_;
    const_tensors in_;
    tensors out_;

    bound_node(const kernels::node_facts<Op>& facts, const kernels::workspace& space, const_tensors in, tensors out)
        : facts_{facts}, space_(space), in_(in), out_(out) {}

    /// Where a bound node's tensors lie: behind itself.
    static constexpr std::size_t tensors_at = detail::node_tensors::aligned(sizeof(bound_node));

    template <class T> static T copy_of(const void* from) {
        T made{};
        if (from != nullptr) std::memcpy(static_cast<void*>(&made), from, sizeof(T));
        return made;
    }

    /// Calls use(node_facts, inputs, outputs) with facts and tensors that live in `memory`.
    template <class Use> static auto with_facts(const ctq_border::node& from, std::byte* memory, Use use) {
        const detail::node_tensors all = detail::unpacked(from, memory);
        return use(kernels::node_facts<Op>{copy_of<Op>(from.op), copy_of<lowered_of<Op>>(from.lowered), all.read_facts,
                                           all.written_facts},
                   all.in, all.out);
    }

    /// The same for calls that need the facts for a moment only.
    template <class Use> static auto with_short_lived_facts(const ctq_border::node& from, Use use) {
        const std::unique_ptr<std::byte[]> memory(
            new std::byte[detail::node_tensors::bytes(from.input_count, from.output_count)]);
        return with_facts(from, memory.get(), use);
    }

    static std::size_t scratch_bytes(const ctq_border::node& from) {
        return with_short_lived_facts(
            from, [](const auto& facts, const_tensors, tensors) { return Kernel::scratch_bytes(facts); });
    }
    static std::size_t packed_bytes(const ctq_border::node& from) {
        return with_short_lived_facts(
            from, [](const auto& facts, const_tensors, tensors) { return Kernel::packed_bytes(facts); });
    }
    static void pack(const ctq_border::node& from, std::int8_t* to) {
        with_short_lived_facts(from,
                               [&](const auto& facts, const_tensors in, tensors) { Kernel::pack(facts, in, to); });
    }

    static std::size_t bound_bytes(std::size_t inputs, std::size_t outputs) {
        return tensors_at + detail::node_tensors::bytes(inputs, outputs);
    }

    static void bind(const ctq_border::node& from, std::byte* scratch, const std::int8_t* packed, std::byte* to) {
        with_facts(from, to + tensors_at, [&](const auto& facts, const_tensors in, tensors out) {
            new (to) bound_node(facts, {scratch, packed}, in, out);
        });
    }

    static void run(const std::byte* at) {
        const auto* bound = std::launder(reinterpret_cast<const bound_node*>(at));
        Kernel::run(bound->facts_, bound->in_, bound->out_, bound->space_);
    }

  public:
    static constexpr ctq_border::layer_functions functions{sizeof(Op),  scratch_bytes, packed_bytes, pack,
                                                           bound_bytes, bind,          run};
};

/// The float meaning of `Op` by its own definition: the same bits everywhere.
template <class Op> struct defined_float_kernel : kernels::plain_kernel<Op> {
    static void run(const kernels::variable_facts<Op>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        compute(facts.value.op, in, out);
    }
};

} // namespace ctq::inline CTQ_TARGET::host

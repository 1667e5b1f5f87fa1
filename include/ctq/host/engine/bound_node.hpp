#pragma once
// bound_node: a node with its operator, its tensors and its memory in one place, ready to run by one indirect call.
// room: host | runs on: host | heap: no (in memory that the engine lends)

#include <ctq/host/engine/border.hpp>
#include <ctq/kernels/kernel.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

namespace ctq::host {

namespace detail {

inline tensor_facts facts_of(const ctq_border::tensor& from) {
    tensor_facts facts;
    facts.type = static_cast<dtype>(from.type);
    for (std::int32_t axis = 0; axis < from.rank; ++axis) facts.shape.append(from.extent[axis]);
    facts.quantization = {from.scale, from.zero_point};
    return facts;
}

inline tensor tensor_of(const ctq_border::tensor& from) {
    const tensor_facts facts = facts_of(from);
    return with_element_type(facts.type, [&](auto element) {
        return tensor{facts, data(static_cast<decltype(element)*>(from.elements))};
    });
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
    to.elements = elements;
    return to;
}

/// The layer functions of `Op` by `Kernel`, which has static scratch_bytes(node_facts<Op>), packed_bytes(node_facts),
/// pack(node_facts, in, to) and run(variable_facts<Op>, in, out, workspace).
template <class Kernel, class Op> class bound_node {
    static_assert(std::is_trivially_copyable_v<Op>,
                  "ctq: engine: an operator must be trivially copyable; keep its attributes in plain members");

    kernels::variable_facts<Op> facts_;
    kernels::workspace space_;
    const_tensors in_;
    tensor out_;

    bound_node(const kernels::node_facts<Op>& facts, const kernels::workspace& space, const_tensors in,
               const tensor& out)
        : facts_{facts}, space_(space), in_(in), out_(out) {}

    static constexpr std::size_t facts_offset = (sizeof(Op) + 512 + 63) / 64 * 64;

    static Op operator_of(const ctq_border::node& from) {
        Op op;
        std::memcpy(static_cast<void*>(&op), from.op, sizeof(Op));
        return op;
    }

    /// Calls use(node_facts, inputs) with facts that live as long as the call.
    template <class Use> static auto with_facts(const ctq_border::node& from, std::byte* memory, Use use) {
        auto* facts = new (memory) tensor_facts[from.input_count + 1];
        for (std::size_t i = 0; i < from.input_count; ++i) facts[i] = detail::facts_of(from.inputs[i]);
        facts[from.input_count] = detail::facts_of(*from.output);
        auto* in = new (memory + tensors_offset(from.input_count)) const_tensor[from.input_count];
        for (std::size_t i = 0; i < from.input_count; ++i) in[i] = detail::tensor_of(from.inputs[i]);
        return use(kernels::node_facts<Op>{operator_of(from), std::span(facts, from.input_count),
                                           std::span(facts + from.input_count, 1)},
                   const_tensors(in, from.input_count));
    }

    static constexpr std::size_t tensors_offset(std::size_t inputs) {
        return ((inputs + 1) * sizeof(tensor_facts) + 63) / 64 * 64;
    }
    static constexpr std::size_t described_bytes(std::size_t inputs) {
        return tensors_offset(inputs) + inputs * sizeof(const_tensor);
    }

    /// The same for calls that need the facts for a moment only.
    template <class Use> static auto with_short_lived_facts(const ctq_border::node& from, Use use) {
        const std::unique_ptr<std::byte[]> memory(new std::byte[described_bytes(from.input_count)]);
        return with_facts(from, memory.get(), use);
    }

    static std::size_t scratch_bytes(const ctq_border::node& from) {
        return with_short_lived_facts(from,
                                      [](const auto& facts, const_tensors) { return Kernel::scratch_bytes(facts); });
    }
    static std::size_t packed_bytes(const ctq_border::node& from) {
        return with_short_lived_facts(from,
                                      [](const auto& facts, const_tensors) { return Kernel::packed_bytes(facts); });
    }
    static void pack(const ctq_border::node& from, std::int8_t* to) {
        with_short_lived_facts(from, [&](const auto& facts, const_tensors in) { Kernel::pack(facts, in, to); });
    }

    static std::size_t bound_bytes(std::size_t inputs) { return facts_offset + described_bytes(inputs); }

    static void bind(const ctq_border::node& from, std::byte* scratch, const std::int8_t* packed, std::byte* to) {
        static_assert(sizeof(bound_node) <= facts_offset);
        with_facts(from, to + facts_offset, [&](const auto& facts, const_tensors in) {
            new (to) bound_node(facts, {scratch, packed}, in, detail::tensor_of(*from.output));
        });
    }

    static void run(const std::byte* at) {
        const auto* bound = std::launder(reinterpret_cast<const bound_node*>(at));
        Kernel::run(bound->facts_, bound->in_, tensors(&bound->out_, 1), bound->space_);
    }

  public:
    static constexpr ctq_border::layer_functions functions{sizeof(Op),  scratch_bytes, packed_bytes, pack,
                                                           bound_bytes, bind,          run};
};

/// The integer meaning of `Op` on an architecture, or, without an architecture's kernel, the operator's definition.
template <class Architecture, class Requantizer, class Op> struct integer_kernel : kernels::kernel<Architecture, Op> {
    using base = kernels::kernel<Architecture, Op>;

    static void run(const kernels::variable_facts<Op>& facts, const_tensors in, tensors out,
                    const kernels::workspace& space) {
        base::template run<Requantizer>(facts, in, out, space);
    }
};

/// The float meaning of `Op` by its own definition: the same bits everywhere.
template <class Op> struct defined_float_kernel {
    static std::size_t scratch_bytes(const kernels::node_facts<Op>&) { return 0; }
    static std::size_t packed_bytes(const kernels::node_facts<Op>&) { return 0; }
    static void pack(const kernels::node_facts<Op>&, const_tensors, std::int8_t*) {}
    static void run(const kernels::variable_facts<Op>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        compute(facts.value.op, in, out);
    }
};

} // namespace ctq::host

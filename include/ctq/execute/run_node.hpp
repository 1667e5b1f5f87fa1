#pragma once
// One node at work: its float meaning where all its tensors are float, else its kernel.
// room: execute | runs on: all | heap: no

#include <ctq/kernels/all.hpp>

namespace ctq {

/// A node runs in the float domain when it neither reads nor writes an integer activation.
constexpr bool is_float_node(std::span<const tensor_facts> inputs, std::span<const tensor_facts> outputs) {
    return inputs[0].type == dtype::float32 && outputs[0].type == dtype::float32;
}

template <class Architecture, class Requantizer, class Facts>
constexpr void run_node(const Facts& facts, const_tensors in, tensors out, const kernels::workspace& space) {
    using op_type = std::remove_cvref_t<decltype(facts.value.op)>;
    if constexpr (Facts::is_constant) {
        if constexpr (is_float_node(Facts::value.inputs, Facts::value.outputs))
            compute(facts.value.op, in, out);
        else
            kernels::kernel<Architecture, op_type>::template run<Requantizer>(facts, in, out, space);
    } else if (is_float_node(facts.value.inputs, facts.value.outputs)) {
        compute(facts.value.op, in, out);
    } else if constexpr (has_integer_kernel<op_type, Requantizer>) {
        kernels::kernel<Architecture, op_type>::template run<Requantizer>(facts, in, out, space);
    } else {
        fail("the operator has no integer meaning");
    }
}

} // namespace ctq

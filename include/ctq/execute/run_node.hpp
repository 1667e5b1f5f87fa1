#pragma once
// One node at work: its float meaning in the float domain, else the kernel of its signature.
// room: execute | runs on: all | heap: no

#include <ctq/kernels/all.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET {

/// Runs a node whose signature is a constant.
template <class Architecture, signature S, class Facts>
constexpr void run_node(const Facts& facts, const_tensors in, tensors out, const kernels::workspace& space) {
    using op_type = std::remove_cvref_t<decltype(facts.value.op)>;
    if constexpr (is_float_signature(S))
        compute(facts.value.op, in, out);
    else
        kernels::kernel_for<Architecture, op_type, S>::run(facts, in, out, space);
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// float_elementwise: the float meanings of add, multiply, relu and clip in loops that the compiler can vectorize.
// room: host | runs on: host | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/clip.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/relu.hpp>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

/// to[i] = clamp(apply(a[i], b[i % period])) for tensors whose second operand repeats, else the operator's definition.
template <class Op, class Apply> void repeated(const Op& op, const_tensors in, tensors out, Apply apply) {
    const shape &whole = out[0].shape(), &part = in[1].shape();
    const std::size_t size = out[0].size(), period = in[1].size();
    const bool repeats = out[0].facts.type == dtype::float32 && in[0].shape() == whole && period > 0 &&
                         whole.rank >= part.rank &&
                         part.elements() == whole.elements(whole.rank - part.rank, whole.rank);
    if (!repeats) return compute(op, in, out);
    const float *a = in[0].as<float>(), *b = in[1].as<float>();
    float* to = out[0].as<float>();
    const bounds activation = op.activation;
    for (std::size_t first = 0; first < size; first += period)
        for (std::size_t i = 0; i < period; ++i) to[first + i] = activation.clamp(apply(a[first + i], b[i]));
}

template <class Op> struct fast_clamp : kernels::plain_kernel<Op> {
    static void run(const kernels::variable_facts<Op>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        const bounds to_bounds = facts.value.op.activation_bounds();
        const float* from = in[0].as<float>();
        float* to = out[0].as<float>();
        for (std::size_t i = 0; i < out[0].size(); ++i) to[i] = to_bounds.clamp(from[i]);
    }
};

} // namespace detail

struct fast_add : kernels::plain_kernel<op::add> {
    static void run(const kernels::variable_facts<op::add>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        detail::repeated(facts.value.op, in, out, [](float a, float b) { return a + b; });
    }
};

struct fast_multiply : kernels::plain_kernel<op::multiply> {
    static void run(const kernels::variable_facts<op::multiply>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        detail::repeated(facts.value.op, in, out, [](float a, float b) { return a * b; });
    }
};

} // namespace ctq::inline CTQ_TARGET::host

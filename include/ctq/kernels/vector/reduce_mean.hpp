#pragma once
// reduce_mean over vectors: sums over adjacent axes that end before the last one (global average pooling), requantized.
// Other axes and fewer than 8 channels go to the definition.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/vector/requantize.hpp>
#include <ctq/kernels/vector/signatures.hpp>
#include <ctq/kernels/vector/vectors.hpp>
#include <ctq/operators/reduce_mean.hpp>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// The input as [outer][cells][inner], the mean over cells.
struct mean_plan {
    bool supported = false;
    std::ptrdiff_t outer = 1, cells = 1, inner = 1;
};

constexpr mean_plan plan_mean(const node_facts<op::reduce_mean>& facts) {
    const shape& in = facts.inputs[0].shape;
    const op::axis_set& axes = facts.op.axes;
    mean_plan plan;
    int axis = 0;
    for (; axis < in.rank && !axes.contains(axis); ++axis) plan.outer *= in[axis];
    for (; axis < in.rank && axes.contains(axis); ++axis) plan.cells *= in[axis];
    plan.supported = true;
    for (; axis < in.rank; ++axis) {
        plan.inner *= in[axis];
        if (axes.contains(axis)) plan.supported = false;
    }
    return plan;
}

/// Four vectors of sums at a time; channels beyond the last whole vector are added one by one.
template <class Requantizer, class Vectors, bool LeftShifts>
[[gnu::noinline]] void sum_and_scale(const mean_plan& plan, const std::int8_t* in, std::int8_t* to, std::int32_t start,
                                     const scaling& scale, std::int32_t zero_point, const limits& range) {
    using vector = typename Vectors::vector;
    using finish = epilogue<Requantizer, Vectors>;
    constexpr std::ptrdiff_t lanes = Vectors::lanes, width = 4 * lanes;
    const auto scales = one_scale<Requantizer, Vectors>(scale);
    const auto ends =
        finish::prepare(zero_point, static_cast<std::int8_t>(range.low), static_cast<std::int8_t>(range.high));
    for (std::ptrdiff_t outer = 0; outer < plan.outer; ++outer, in += plan.cells * plan.inner)
        for (std::ptrdiff_t first = 0; first < plan.inner; first += width, to += width) {
            const std::ptrdiff_t left = plan.inner - first, count = left < width ? left : width;
            alignas(64) std::int32_t sums[width];
            for (std::ptrdiff_t lane = 0; lane + lanes <= count; lane += lanes) {
                vector sum = Vectors::all32(start);
                const std::int8_t* from = in + first + lane;
                for (std::ptrdiff_t cell = 0; cell < plan.cells; ++cell, from += plan.inner)
                    sum = Vectors::add32(sum, Vectors::load(from));
                Vectors::store(sums + lane, sum);
            }
            for (std::ptrdiff_t lane = count / lanes * lanes; lane < count; ++lane) {
                sums[lane] = start;
                for (std::ptrdiff_t cell = 0; cell < plan.cells; ++cell)
                    sums[lane] += in[cell * plan.inner + first + lane];
            }
            for (std::ptrdiff_t lane = count; lane < width; ++lane) sums[lane] = 0;
            const vector narrowed = finish::template apply<LeftShifts, true>(
                Vectors::load(sums), Vectors::load(sums + lanes), Vectors::load(sums + 2 * lanes),
                Vectors::load(sums + 3 * lanes), scales, ends);
            alignas(64) std::int8_t bytes[width];
            Vectors::store(bytes, narrowed);
            std::memcpy(to, bytes, static_cast<std::size_t>(count));
            to -= width - count;
        }
}

template <class Requantizer, class Vectors>
void run_mean(const mean_plan& plan, const scaling& scale, const const_tensor& in, const tensor& out) {
    const auto start = static_cast<std::int32_t>(-plan.cells * in.zero_point() + Requantizer::rounding(scale));
    const auto run = Requantizer::shifts_left(scale) ? &sum_and_scale<Requantizer, Vectors, true>
                                                     : &sum_and_scale<Requantizer, Vectors, false>;
    run(plan, in.as<std::int8_t>(), out.as<std::int8_t>(), start, scale, out.zero_point(), out.facts.range);
}

template <signature S, class Vectors, class Facts>
constexpr void mean_or_define(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
    const mean_plan plan = plan_mean(facts.value);
    if (!std::is_constant_evaluated() && plan.supported && plan.inner >= 8)
        return run_mean<requantizer_of<S>, Vectors>(plan, facts.value.lowered.scale, in[0], out[0]);
    kernel<scalar, op::reduce_mean, S>::run(facts, in, out, space);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::requantized_bytes<S>
struct kernel<Architecture, op::reduce_mean, S> : kernel<scalar, op::reduce_mean, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        vector::mean_or_define<S, vector::vectors_of<Architecture>>(facts, in, out, space);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels

#pragma once
// float_pooling: the float meanings of max_pool, average_pool and reduce_mean, channels side by side.
// room: host | runs on: host | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/average_pool.hpp>
#include <ctq/operators/max_pool.hpp>
#include <ctq/operators/reduce_mean.hpp>

#include <algorithm>
#include <limits>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

/// For each output pixel: start(first output), take(first output, first input) for each cell of the window inside the
/// image, finish(first output, cells inside).
template <class Op, class Start, class Take, class Finish>
void for_each_window(const Op& op, const shape& in, const shape& out, Start start, Take take, Finish finish) {
    const op::window over = op::window_of(op);
    std::size_t index = 0;
    const auto depth = static_cast<std::size_t>(out[3]);
    for (std::int32_t n = 0; n < out[0]; ++n)
        for (std::int32_t y = 0; y < out[1]; ++y)
            for (std::int32_t x = 0; x < out[2]; ++x, index += depth) {
                start(index);
                std::int32_t cells = 0;
                for (std::int32_t ky = 0; ky < over.kernel[0]; ++ky)
                    for (std::int32_t kx = 0; kx < over.kernel[1]; ++kx) {
                        const std::int32_t row = over.origin(0, y) + ky * over.dilation[0];
                        const std::int32_t column = over.origin(1, x) + kx * over.dilation[1];
                        if (row < 0 || row >= in[1] || column < 0 || column >= in[2]) continue;
                        take(index, ((static_cast<std::size_t>(n) * static_cast<std::size_t>(in[1]) +
                                      static_cast<std::size_t>(row)) *
                                         static_cast<std::size_t>(in[2]) +
                                     static_cast<std::size_t>(column)) *
                                        depth);
                        ++cells;
                    }
                finish(index, cells);
            }
}

} // namespace detail

struct fast_max_pool : kernels::plain_kernel<op::max_pool> {
    static void run(const kernels::variable_facts<op::max_pool>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        const float* from = in[0].as<float>();
        float* to = out[0].as<float>();
        const auto depth = static_cast<std::size_t>(out[0].shape()[3]);
        detail::for_each_window(
            facts.value.op, in[0].shape(), out[0].shape(),
            [&](std::size_t at) { std::fill(to + at, to + at + depth, -std::numeric_limits<float>::infinity()); },
            [&](std::size_t at, std::size_t cell) {
                const float* source = from + cell;
                float* largest = to + at;
                for (std::size_t c = 0; c < depth; ++c) largest[c] = source[c] > largest[c] ? source[c] : largest[c];
            },
            [](std::size_t, std::int32_t) {});
    }
};

struct fast_average_pool : kernels::plain_kernel<op::average_pool> {
    static void run(const kernels::variable_facts<op::average_pool>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        const op::average_pool& op = facts.value.op;
        const float* from = in[0].as<float>();
        float* to = out[0].as<float>();
        const auto depth = static_cast<std::size_t>(out[0].shape()[3]);
        detail::for_each_window(
            op, in[0].shape(), out[0].shape(), [&](std::size_t at) { std::fill(to + at, to + at + depth, 0.0f); },
            [&](std::size_t at, std::size_t cell) {
                for (std::size_t c = 0; c < depth; ++c) to[at + c] += from[cell + c];
            },
            [&](std::size_t at, std::int32_t cells) {
                const auto divisor = static_cast<float>(op.count_padding ? op.kernel[0] * op.kernel[1] : cells);
                for (std::size_t c = 0; c < depth; ++c) to[at + c] /= divisor;
            });
    }
};

/// Means over the rows and columns of NHWC images; other axes by the operator's own definition.
struct fast_reduce_mean : kernels::plain_kernel<op::reduce_mean> {
    static void run(const kernels::variable_facts<op::reduce_mean>& facts, const_tensors in, tensors out,
                    const kernels::workspace&) {
        const shape& of = in[0].shape();
        const op::axis_set& axes = facts.value.op.axes;
        if (of.rank != 4 || axes.contains(0) || !axes.contains(1) || !axes.contains(2) || axes.contains(3))
            return compute(facts.value.op, in, out);
        const auto cells = static_cast<std::size_t>(of.elements(1, 3)), depth = static_cast<std::size_t>(of[3]);
        const float* from = in[0].as<float>();
        float* to = out[0].as<float>();
        for (std::int32_t n = 0; n < of[0]; ++n, to += depth) {
            std::fill(to, to + depth, 0.0f);
            for (std::size_t cell = 0; cell < cells; ++cell, from += depth)
                for (std::size_t c = 0; c < depth; ++c) to[c] += from[c];
            for (std::size_t c = 0; c < depth; ++c) to[c] /= static_cast<float>(cells);
        }
    }
};

} // namespace ctq::inline CTQ_TARGET::host

#pragma once
// What the tests of both pools share: windows, strides and paddings.
// room: tests | runs on: all | heap: yes

#include <ctq/operators/window.hpp>

#include <kernels/vector/activations.hpp>

namespace kernel_test {

template <class Op> void check_pools(const std::vector<Op>& variants) {
    std::uint32_t seed = 1;
    for (const Op& variant : variants)
        for (const std::int32_t channels : {1, 2, 3, 8, 15, 16, 17, 33, 64, 130})
            for (const op::extents kernel : {op::extents{1, 1}, {2, 2}, {3, 3}, {2, 5}, {7, 7}})
                for (const op::extents stride : {op::extents{1, 1}, {2, 2}, {3, 1}})
                    for (const op::margins padding : {op::margins{}, {1, 1, 1, 1}, {0, 1, 3, 0}}) {
                        Op op = variant;
                        op.kernel = kernel;
                        op.stride = stride;
                        op.padding = padding;
                        const op::window over = op::window_of(op);
                        if (padding[0] >= over.span(0) || padding[1] >= over.span(1)) continue;
                        if (padding[2] >= over.span(0)) op.padding[2] = 0;
                        if (padding[3] >= over.span(1)) op.padding[3] = 0;
                        const shape in{1 + channels % 2, over.span(0) + 4, over.span(1) + 5, channels};
                        check_node<three_step>(op, {}, {in}, op.output_shape(std::span(&in, 1)), seed,
                                               seed % 7 == 0    ? pattern::lowest
                                               : seed % 11 == 0 ? pattern::highest
                                                                : pattern::random);
                        ++seed;
                    }
}

} // namespace kernel_test

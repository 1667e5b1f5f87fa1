// A pooled average equals its definition on the instruction set that this is compiled for.
#include <ctq/kernels/vector/average_pool.hpp>

#include <kernels/vector/pools.hpp>

using namespace kernel_test;

TEST_CASE("average_pool: windows") {
    check_pools<op::average_pool>({op::average_pool{}, op::average_pool{.count_padding = true}});
}

// Cells whose float reciprocal is inexact, and the largest windows.
TEST_CASE("average_pool: division") {
    for (const std::int32_t cells : {2, 3, 7, 41, 47, 55, 61, 64, 83, 97, 8191, 8192, 8193})
        for (const pattern values : {pattern::random, pattern::lowest, pattern::highest, pattern::alternating}) {
            const shape in{1, cells, 1, 128};
            const op::average_pool op{.kernel = {cells, 1}};
            check_node<three_step>(op, {}, {in}, op.output_shape(std::span(&in, 1)), 5, values);
        }
}

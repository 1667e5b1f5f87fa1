// A mean over axes equals its definition on the instruction set that this is compiled for.
#include <ctq/kernels/vector/reduce_mean.hpp>

#include <kernels/vector/activations.hpp>

using namespace kernel_test;

TEST_CASE("reduce_mean") {
    std::uint32_t seed = 1;
    for (const std::int32_t channels : {1, 2, 3, 8, 15, 16, 17, 33, 64, 130})
        for (const std::vector<int>& axes : {std::vector<int>{1, 2}, {2}, {1}, {3}, {1, 3}, {0, 1, 2, 3}}) {
            const shape in{2, 6, 5, channels};
            op::reduce_mean op;
            std::int64_t cells = 1;
            for (const int axis : axes) {
                op.axes.insert(axis);
                cells *= in[axis];
            }
            for (const double ratio : {0.4, 1.0, 3.0}) {
                const shape out = op.output_shape(std::span(&in, 1));
                const double scale = ratio / static_cast<double>(cells);
                check_node<three_step>(op, {three_step::encode(scale)}, {in}, out, seed);
                check_node<double_rounding>(op, {double_rounding::encode(scale)}, {in}, out, seed++);
            }
        }
}

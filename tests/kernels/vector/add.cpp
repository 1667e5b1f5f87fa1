// A sum equals its definition on the instruction set that this is compiled for.
#include <ctq/kernels/vector/add.hpp>

#include <kernels/vector/operands.hpp>

using namespace kernel_test;

TEST_CASE("add") {
    check_binary<op::add>(operand_shapes(), [](auto requantizer, double a, double b, double out) {
        return op::add::lowered{weighted_sum<decltype(requantizer)>::encode(a, b, out)};
    });
}

// A product equals its definition on the instruction set that this is compiled for.
#include <ctq/kernels/vector/multiply.hpp>

#include <kernels/vector/operands.hpp>

using namespace kernel_test;

TEST_CASE("multiply") {
    check_binary<op::multiply>(operand_shapes(), [](auto requantizer, double a, double b, double out) {
        using arithmetic = decltype(requantizer);
        const scaling wanted = arithmetic::encode(a * b / out);
        const bool fits = 65025 <= arithmetic::headroom(wanted);
        return op::multiply::lowered{fits ? wanted : arithmetic::encode(0.01)};
    });
}

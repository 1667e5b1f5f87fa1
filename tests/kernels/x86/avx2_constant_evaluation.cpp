#include "constant_evaluation_cases.hpp"

TEST_CASE("avx2 kernels in constant expressions") {
    kernel_test::check_constant_evaluation<ctq::kernels::avx2>();
}

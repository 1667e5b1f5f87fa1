#include "constant_evaluation_cases.hpp"

TEST_CASE("avx512vnni kernels in constant expressions") {
    kernel_test::check_constant_evaluation<ctq::kernels::avx512vnni>();
}

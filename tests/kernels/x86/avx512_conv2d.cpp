#include "conv2d_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx512vnni;

TEST_CASE("avx512vnni conv2d: channels") {
    check_channels<tested>();
}
TEST_CASE("avx512vnni conv2d: windows") {
    check_windows<tested>();
}
TEST_CASE("avx512vnni conv2d: extremes") {
    check_extremes<tested>();
}
TEST_CASE("avx512vnni conv2d: random") {
    check_random<tested>(200);
}
TEST_CASE("avx512vnni conv2d: constant shapes") {
    check_constants<tested>();
}
TEST_CASE("avx512vnni conv2d: depthwise") {
    check_depthwise<tested>();
}
TEST_CASE("avx512vnni conv2d: depthwise, constant shapes") {
    check_depthwise_constants<tested>();
}
TEST_CASE("avx512vnni conv2d: residuals") {
    check_residuals<tested>();
}

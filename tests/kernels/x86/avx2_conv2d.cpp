#include "conv2d_cases.hpp"
#include "cpu.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx2;

TEST_CASE("avx2 conv2d: channels" * doctest::skip(!has_avx2())) {
    check_channels<tested>();
}
TEST_CASE("avx2 conv2d: windows" * doctest::skip(!has_avx2())) {
    check_windows<tested>();
}
TEST_CASE("avx2 conv2d: extremes" * doctest::skip(!has_avx2())) {
    check_extremes<tested>();
}
TEST_CASE("avx2 conv2d: random" * doctest::skip(!has_avx2())) {
    check_random<tested>(200);
}
TEST_CASE("avx2 conv2d: constant shapes" * doctest::skip(!has_avx2())) {
    check_constants<tested>();
}
TEST_CASE("avx2 conv2d: depthwise" * doctest::skip(!has_avx2())) {
    check_depthwise<tested>();
}
TEST_CASE("avx2 conv2d: depthwise, constant shapes" * doctest::skip(!has_avx2())) {
    check_depthwise_constants<tested>();
}
TEST_CASE("avx2 conv2d: residuals" * doctest::skip(!has_avx2())) {
    check_residuals<tested>();
}

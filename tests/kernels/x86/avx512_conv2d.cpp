#include "conv2d_cases.hpp"
#include "cpu.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx512vnni;

TEST_CASE("avx512vnni conv2d: channels" * doctest::skip(!has_avx512vnni())) {
    check_channels<tested>();
}
TEST_CASE("avx512vnni conv2d: windows" * doctest::skip(!has_avx512vnni())) {
    check_windows<tested>();
}
TEST_CASE("avx512vnni conv2d: extremes" * doctest::skip(!has_avx512vnni())) {
    check_extremes<tested>();
}
TEST_CASE("avx512vnni conv2d: random" * doctest::skip(!has_avx512vnni())) {
    check_random<tested>(200);
}
TEST_CASE("avx512vnni conv2d: constant shapes" * doctest::skip(!has_avx512vnni())) {
    check_constants<tested>();
}
TEST_CASE("avx512vnni conv2d: depthwise" * doctest::skip(!has_avx512vnni())) {
    check_depthwise<tested>();
}
TEST_CASE("avx512vnni conv2d: depthwise, constant shapes" * doctest::skip(!has_avx512vnni())) {
    check_depthwise_constants<tested>();
}
TEST_CASE("avx512vnni conv2d: residuals" * doctest::skip(!has_avx512vnni())) {
    check_residuals<tested>();
}

#include "cpu.hpp"
#include "elementwise_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx2;

TEST_CASE("avx2 add" * doctest::skip(!has_avx2())) {
    check_add<tested>();
}
TEST_CASE("avx2 multiply" * doctest::skip(!has_avx2())) {
    check_multiply<tested>();
}
TEST_CASE("avx2 max_pool" * doctest::skip(!has_avx2())) {
    check_max_pool<tested>();
}
TEST_CASE("avx2 average_pool" * doctest::skip(!has_avx2())) {
    check_average_pool<tested>();
}
TEST_CASE("avx2 average_pool: division" * doctest::skip(!has_avx2())) {
    check_average_pool_division<tested>();
}
TEST_CASE("avx2 reduce_mean" * doctest::skip(!has_avx2())) {
    check_reduce_mean<tested>();
}

#include "cpu.hpp"
#include "elementwise_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx512vnni;

TEST_CASE("avx512vnni add" * doctest::skip(!has_avx512vnni())) {
    check_add<tested>();
}
TEST_CASE("avx512vnni multiply" * doctest::skip(!has_avx512vnni())) {
    check_multiply<tested>();
}
TEST_CASE("avx512vnni max_pool" * doctest::skip(!has_avx512vnni())) {
    check_max_pool<tested>();
}
TEST_CASE("avx512vnni average_pool" * doctest::skip(!has_avx512vnni())) {
    check_average_pool<tested>();
}
TEST_CASE("avx512vnni average_pool: division" * doctest::skip(!has_avx512vnni())) {
    check_average_pool_division<tested>();
}
TEST_CASE("avx512vnni reduce_mean" * doctest::skip(!has_avx512vnni())) {
    check_reduce_mean<tested>();
}

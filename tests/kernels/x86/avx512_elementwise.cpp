#include "elementwise_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx512vnni;

TEST_CASE("avx512vnni add") {
    check_add<tested>();
}
TEST_CASE("avx512vnni multiply") {
    check_multiply<tested>();
}
TEST_CASE("avx512vnni max_pool") {
    check_max_pool<tested>();
}
TEST_CASE("avx512vnni average_pool") {
    check_average_pool<tested>();
}
TEST_CASE("avx512vnni average_pool: division") {
    check_average_pool_division<tested>();
}
TEST_CASE("avx512vnni reduce_mean") {
    check_reduce_mean<tested>();
}

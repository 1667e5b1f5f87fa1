#include "elementwise_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx2;

TEST_CASE("avx2 add") {
    check_add<tested>();
}
TEST_CASE("avx2 multiply") {
    check_multiply<tested>();
}
TEST_CASE("avx2 max_pool") {
    check_max_pool<tested>();
}
TEST_CASE("avx2 average_pool") {
    check_average_pool<tested>();
}
TEST_CASE("avx2 average_pool: division") {
    check_average_pool_division<tested>();
}
TEST_CASE("avx2 reduce_mean") {
    check_reduce_mean<tested>();
}

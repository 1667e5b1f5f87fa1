#include "dense_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx512vnni;

TEST_CASE("avx512vnni dense: shapes") {
    check_dense_shapes<tested>();
}
TEST_CASE("avx512vnni dense: extremes") {
    check_dense_extremes<tested>();
}
TEST_CASE("avx512vnni dense: constant shapes") {
    check_dense_constants<tested>();
}

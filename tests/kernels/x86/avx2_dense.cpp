#include "dense_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx2;

TEST_CASE("avx2 dense: shapes") {
    check_dense_shapes<tested>();
}
TEST_CASE("avx2 dense: extremes") {
    check_dense_extremes<tested>();
}
TEST_CASE("avx2 dense: constant shapes") {
    check_dense_constants<tested>();
}

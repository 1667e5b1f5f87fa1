#include "cpu.hpp"
#include "dense_cases.hpp"

using namespace kernel_test;
using tested = ctq::kernels::avx2;

TEST_CASE("avx2 dense: shapes" * doctest::skip(!has_avx2())) {
    check_dense_shapes<tested>();
}
TEST_CASE("avx2 dense: extremes" * doctest::skip(!has_avx2())) {
    check_dense_extremes<tested>();
}
TEST_CASE("avx2 dense: constant shapes" * doctest::skip(!has_avx2())) {
    check_dense_constants<tested>();
}

// A maximum equals its definition on the instruction set that this is compiled for.
#include <ctq/kernels/vector/max_pool.hpp>

#include <kernels/vector/pools.hpp>

using namespace kernel_test;

TEST_CASE("max_pool") {
    check_pools<op::max_pool>({op::max_pool{}, op::max_pool{.dilation = {2, 1}}, op::max_pool{.dilation = {1, 2}}});
}

// A maximum equals its definition on the instruction set that this is compiled for.
#include <ctq/kernels/vector/max_pool.hpp>

#include <kernels/vector/pools.hpp>

#include <type_traits>

using namespace kernel_test;

namespace {

/// A pool one of whose margins is written after the others were made 0, as absorb_pad writes it.
template <std::size_t Side> struct padded_pool {
    static constexpr std::array image{tensor_facts(dtype::int8, shape{1, 3, 3, 1})};
    static constexpr kernels::node_facts<op::max_pool> value = [] {
        op::max_pool op;
        op.padding[Side] = 1;
        return kernels::node_facts<op::max_pool>{op, {}, image, image};
    }();
};
template <std::size_t Side>
using padded_plan = decltype(kernels::vector::plan_of<&kernels::vector::plan_pooling<op::max_pool>>(
    kernels::constant_facts<padded_pool<Side>>{}));

// Else the second of two such pools in a program would run the kernel of the first.
static_assert(!std::is_same_v<padded_plan<0>, padded_plan<1>>);

} // namespace

TEST_CASE("max_pool") {
    check_pools<op::max_pool>({op::max_pool{}, op::max_pool{.dilation = {2, 1}}, op::max_pool{.dilation = {1, 2}}});
}

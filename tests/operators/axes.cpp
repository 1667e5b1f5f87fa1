#include <ctq/operators/axes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <initializer_list>

using ctq::op::axis_set;

namespace {

constexpr axis_set of(std::initializer_list<int> axes) {
    axis_set result;
    for (const int axis : axes) result.insert(axis);
    return result;
}

constexpr std::array<std::int32_t, 4> to_channels_last{0, 2, 3, 1};
static_assert(of({1, 3}).contains(3) && !of({1, 3}).contains(2));
static_assert(of({2, 3}).permuted(to_channels_last) == of({1, 2}) && of({1}).permuted(to_channels_last) == of({3}));
static_assert(ctq::op::permuted_axis(1, to_channels_last) == 3 && ctq::op::permuted_axis(0, to_channels_last) == 0);

} // namespace

TEST_CASE("axes: a permutation must hold the axis") {
    const std::array<std::int32_t, 2> two{1, 0};
    CHECK_THROWS_WITH_AS(ctq::op::permuted_axis(2, two), "the axis is not in the permutation", ctq::model_error);
}

#include <ctq/operators/resize_nearest.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;
using ctq::op::coordinates;
using ctq::op::nearest_rounding;
using ctq::op::resize_nearest;

static_assert([] {
    return float_result(resize_nearest{{0, 4}, {1, 2}, coordinates::asymmetric, nearest_rounding::floor},
                        {{{2, 2}, {1, 2, 3, 4}}}) == std::vector<float>{1, 1, 2, 2, 3, 3, 4, 4};
}());
static_assert([] {
    return quantized_node(resize_nearest{{2}, {0.5f}}, {{{4}}}).run({{1, 2, 3, 4}}) == std::vector<std::int8_t>{1, 3};
}());

TEST_CASE("resize_nearest: which of two elements") {
    const auto half_way = [](nearest_rounding how, float scale, float fraction) {
        return ctq::op::nearest_of({7, fraction}, how, scale);
    };
    const auto check = [&](nearest_rounding how, float scale, const std::vector<std::int32_t>& wanted) {
        std::size_t i = 0;
        for (const float fraction : {0.0f, 0.25f, 0.5f, 0.75f}) CHECK(half_way(how, scale, fraction) == wanted[i++]);
    };
    check(nearest_rounding::prefer_floor, 0.5f, {7, 7, 7, 8});
    check(nearest_rounding::prefer_ceil, 2, {7, 7, 8, 8});
    check(nearest_rounding::floor, 0.5f, {7, 7, 7, 7});
    check(nearest_rounding::ceil, 2, {7, 8, 8, 8});
    check(nearest_rounding::ceil_where_smaller, 2, {7, 7, 7, 7});
    check(nearest_rounding::ceil_where_smaller, 0.5f, {7, 8, 8, 8});
}

TEST_CASE("resize_nearest: the table has an index for each of the result, so that no float is left at run time") {
    const auto made = quantized_node(resize_nearest{{0, 3, 5}, {1, 1.5f, 1.25f}}, {{{2, 2, 4}}}).lowered();
    const auto& node = made.nodes.back();
    REQUIRE(node.inputs.size() == 2);
    CHECK(integers_in(made.constant_of(node.inputs[1])) == std::vector<std::int32_t>{0, 0, 1, 0, 1, 1, 2, 3});
}

TEST_CASE("resize_nearest: of a transposed tensor") {
    const resize_nearest op{{0, 4, 6}, {1, 2, 3}, coordinates::align_corners, nearest_rounding::ceil};
    const std::array<std::int32_t, 3> order{2, 0, 1};
    CHECK(op.permuted(order) ==
          resize_nearest{{6, 0, 4}, {3, 1, 2}, coordinates::align_corners, nearest_rounding::ceil});
}

#include <ctq/core/shape.hpp>

#include <doctest/doctest.h>

#include <array>

using ctq::shape;

static_assert(shape{}.rank == 0 && shape{}.elements() == 1);
static_assert(shape{2, 3, 4}.elements() == 24 && shape{2, 3, 4}.elements(1, 3) == 12 &&
              shape{2, 3}.elements(1, 1) == 1);
static_assert(shape{65536, 65536}.elements() == std::int64_t{1} << 32);
static_assert(shape{2, 3} == shape{2, 3} && shape{2, 3} != shape{3, 2} && shape{1} != shape{});
static_assert(ctq::broadcast({4, 1, 3}, {5, 1}) == shape{4, 5, 3} && ctq::broadcast({}, {2}) == shape{2});
static_assert(ctq::strides_of({2, 3, 4}) == std::array<std::int64_t, 6>{12, 4, 1});
static_assert(ctq::broadcast_strides({3, 1}, {2, 3, 4}) == std::array<std::int64_t, 6>{0, 1, 0});

TEST_CASE("shape: negative axes count from the end") {
    const shape of{5, 6, 7};
    for (int axis = 0; axis < 3; ++axis) {
        CHECK(of.normalized_axis(axis) == axis);
        CHECK(of.normalized_axis(axis - 3) == axis);
    }
    const char* text = "the axis is out of the tensor's range; use -rank .. rank-1";
    CHECK_THROWS_WITH_AS(of.normalized_axis(3), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(of.normalized_axis(-4), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(shape{}.normalized_axis(0), text, ctq::model_error);
}

TEST_CASE("shape: six axes and no more") {
    CHECK(shape{1, 2, 3, 4, 5, 6}.elements() == 720);
    CHECK_THROWS_WITH_AS((shape{1, 2, 3, 4, 5, 6, 7}), "a shape has at most 6 axes; merge some of them",
                         ctq::model_error);
}

TEST_CASE("shape: broadcasting refuses unequal extents") {
    const char* text = "the operands' shapes do not broadcast; make each pair of extents equal or one of them 1";
    CHECK_THROWS_WITH_AS(ctq::broadcast({2, 3}, {2}), text, ctq::model_error);
    CHECK_THROWS_WITH_AS(ctq::broadcast({0}, {2}), text, ctq::model_error);
    CHECK(ctq::broadcast({0, 1}, {1, 4}) == shape{0, 4});
}

#include <ctq/calibrate/range.hpp>

#include <doctest/doctest.h>

using namespace ctq::calibration;

TEST_CASE("a range contains its ends and nothing beyond") {
    constexpr range r{-1.0f, 2.0f};
    static_assert(r.contains(-1.0f) && r.contains(2.0f) && r.contains(0.0f));
    CHECK_FALSE(r.contains(2.5f));
    CHECK_FALSE(r.contains(-1.5f));
    CHECK(r.contains(range{-0.5f, 2.0f}));
    CHECK_FALSE(r.contains(range{-0.5f, 2.5f}));
}

TEST_CASE("the union is the hull, and zero can be added") {
    CHECK(united({1.0f, 2.0f}, {-3.0f, -2.0f}) == range{-3.0f, 2.0f});
    CHECK(with_zero({1.0f, 2.0f}) == range{0.0f, 2.0f});
    CHECK(with_zero({-2.0f, -1.0f}) == range{-2.0f, 0.0f});
    CHECK(with_zero({-2.0f, 1.0f}) == range{-2.0f, 1.0f});
}

TEST_CASE("the largest magnitude is that of the farther end") {
    CHECK(range{-3.0f, 2.0f}.largest_magnitude() == 3.0f);
    CHECK(range{-1.0f, 2.0f}.largest_magnitude() == 2.0f);
    CHECK(range{1.0f, 2.0f}.largest_magnitude() == 2.0f);
    CHECK(range{-2.0f, -1.0f}.largest_magnitude() == 2.0f);
}

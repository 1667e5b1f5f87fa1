#include <ctq/operators/resizing.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

using namespace ctq::op;

namespace {

struct resize_of_test {
    axis_extents extent{};
    axis_scales scale{};

    friend bool operator==(const resize_of_test&, const resize_of_test&) = default;
};

std::vector<float> coordinates_along(coordinates how, const resized_axis& axis) {
    std::vector<float> result;
    for (std::int32_t i = 0; i < axis.to; ++i) result.push_back(source_coordinate(how, axis, i));
    return result;
}

} // namespace

TEST_CASE("resizing: coordinates in every mode") {
    using reals = std::vector<float>;
    const resized_axis twice{2, 4, 2}, half{4, 2, 0.5f}, cut{5, 7, 1.5f};
    CHECK(coordinates_along(coordinates::half_pixel, twice) == reals{-0.25f, 0.25f, 0.75f, 1.25f});
    CHECK(coordinates_along(coordinates::half_pixel_for_nearest, twice) == reals{0.25f, 0.75f, 1.25f, 1.75f});
    CHECK(coordinates_along(coordinates::asymmetric, half) == reals{0, 2});
    CHECK(coordinates_along(coordinates::align_corners, half) == reals{0, 3});
    CHECK(coordinates_along(coordinates::pytorch_half_pixel, twice) == reals{-0.25f, 0.25f, 0.75f, 1.25f});
    for (const coordinates how : {coordinates::align_corners, coordinates::pytorch_half_pixel})
        CHECK(coordinates_along(how, {4, 1, 0.25f}) == reals{0});
    CHECK(coordinates_along(coordinates::half_pixel, {4, 1, 0.25f}) == reals{1.5f});
    // Of a length that is cut from 7 1/2 to 7 the middle stays in the middle.
    const reals symmetric = coordinates_along(coordinates::half_pixel_symmetric, cut);
    CHECK(symmetric[3] == doctest::Approx(2));
    CHECK(symmetric[0] + symmetric[6] == doctest::Approx(4));
    CHECK(coordinates_along(coordinates::half_pixel, cut)[3] == doctest::Approx(1.8333333f));
}

TEST_CASE("resizing: the names of the coordinates") {
    CHECK(name_of(coordinates::half_pixel) == "half_pixel");
    CHECK(name_of(coordinates::align_corners) == "align_corners");
    CHECK(name_of(coordinates::asymmetric) == "asymmetric");
}

TEST_CASE("resizing: some of the symmetric steps are in double, as onnxruntime's are: 1.5 / 0.6f - 1/2 is below 2") {
    CHECK(source_coordinate(coordinates::half_pixel, {5, 3, 0.6f}, 1) == 2.0f);
    CHECK(source_coordinate(coordinates::half_pixel_symmetric, {5, 3, 0.6f}, 1) < 2.0f);
}

TEST_CASE("resizing: places are cut to the source, whatever the scale") {
    const auto check = [](const resized_axis& axis, std::int32_t index, std::int32_t first, float fraction) {
        const source_place made = source_place_of(coordinates::half_pixel, axis, index);
        CHECK(made.first == first);
        CHECK(made.fraction == fraction);
    };
    check({3, 6, 2}, 0, 0, 0);
    check({3, 6, 2}, 2, 0, 0.75f);
    check({3, 6, 2}, 5, 2, 0);
    check({3, 100, 1e-30f}, 99, 2, 0);
    check({3, 100, 1e30f}, 99, 0, 0);
}

TEST_CASE("resizing: shape rule") {
    const auto shape_of = [](const resize_of_test& op, const ctq::shape& in) {
        return resized_shape(op, ctq::shapes(&in, 1));
    };
    CHECK(shape_of({{0, 5, 0}, {1, 9, 1}}, {2, 3, 4}) == ctq::shape{2, 5, 4});
    CHECK_THROWS_WITH_AS(resized_shape(resize_of_test{{1}}, {}), "a resize takes one input", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_of({}, {2}), "a resize must be along one axis at least; leave it out", ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_of({{0, 3}}, {2}), "a resize must be along one axis at least; leave it out",
                         ctq::model_error);
    for (const auto& [from, to] : {std::pair{0, 1}, {2, -1}, {2, (1 << 24) + 1}, {(1 << 24) + 1, 2}})
        CHECK_THROWS_WITH_AS(shape_of({{to}}, {from}),
                             "an axis that is resized must have 1 to 16777216 elements, before and after",
                             ctq::model_error);
    for (const float scale : {0.0f, -1.0f, std::numeric_limits<float>::infinity(), std::nanf("")})
        CHECK_THROWS_WITH_AS(shape_of({{3}, {scale}}, {2}), "the scales of a resize must be positive and finite",
                             ctq::model_error);
}

TEST_CASE("resizing: which axes, how deep, where their tables begin, and under a transpose") {
    const resize_of_test op{{0, 5, 0, 7, 0}, {1, 2, 1, 3, 1}};
    CHECK(resized_count(op, 5) == 2);
    CHECK(resized_depth(op, 5) == 4);
    CHECK(resized_depth(op, 2) == 2);
    CHECK(resized_depth(op, 1) == 0);
    CHECK(table_starts(op, 5) == std::array<std::int32_t, 7>{0, 0, 5, 5, 12, 12, 0});
    const std::array<std::int32_t, 4> order{0, 2, 3, 1};
    CHECK(permuted_resize(resize_of_test{{0, 5, 0, 7}, {1, 2, 1, 3}}, order) ==
          resize_of_test{{0, 0, 7, 5}, {1, 1, 3, 2}});
}

TEST_CASE("resizing: a prefix is worked out once for all that lies behind it") {
    const ctq::shape over{2, 3, 4};
    std::vector<int> seen, steps(3);
    for_each_prefix(
        over, 2, 0,
        [&](int axis, std::int32_t index, int before) {
            ++steps[static_cast<std::size_t>(axis)];
            return 10 * before + index;
        },
        [&](int state) { seen.push_back(state); });
    CHECK(seen == std::vector<int>{0, 1, 2, 10, 11, 12});
    CHECK(steps == std::vector<int>{2, 6, 0});
    int visits = 0;
    const auto count = [&](int) { ++visits; };
    const auto same = [](int, std::int32_t, int before) { return before; };
    for_each_prefix(over, 0, 0, same, count);
    CHECK(visits == 1);
    for_each_prefix({0, 3}, 2, 0, same, count);
    CHECK(visits == 1);
}

#include <ctq/operators/average_pool.hpp>
#include <ctq/operators/max_pool.hpp>
#include <ctq/operators/pooling.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace {

/// For each output, the cells under its window.
std::vector<std::vector<std::size_t>> cells(const ctq::op::window& over, const ctq::shape& in, const ctq::shape& out) {
    std::vector<std::vector<std::size_t>> result;
    ctq::op::for_each_pooled(over, in, out, [&](std::size_t index, const ctq::op::pooled_window& under) {
        CHECK(index == result.size());
        result.emplace_back();
        under.for_each([&](std::size_t at) { result.back().push_back(at); });
    });
    return result;
}

} // namespace

TEST_CASE("pooling: the cells inside the image, in order, channel by channel") {
    const auto found = cells({{2, 2}, {2, 1}, {1, 1}, {1, 0, 0, 0}}, {1, 2, 2, 2}, {1, 1, 1, 2});
    CHECK(found == std::vector<std::vector<std::size_t>>{{0, 2}, {1, 3}});
}

TEST_CASE("pooling: dilated windows skip, and may meet no cell") {
    const auto found = cells({{1, 2}, {1, 1}, {1, 4}, {0, 2, 0, 2}}, {1, 1, 1, 1}, {1, 1, 1, 1});
    CHECK(found == std::vector<std::vector<std::size_t>>{{}});
}

TEST_CASE("pooling: whether all dilated windows meet the image is known without visiting them") {
    const auto all_meet = [](std::int32_t extent, std::int32_t dilation, std::int32_t padding, std::int32_t count) {
        const ctq::op::window over{{1, 3}, {1, 1}, {1, dilation}, {0, padding, 0, padding}};
        return ctq::op::all_meet_image(over, {1, 1, extent, 1}, 1, count);
    };
    CHECK(all_meet(1 << 30, 2, 1, 1 << 30));
    CHECK(all_meet(1, 2, 2, 1));
    CHECK_FALSE(all_meet(1, 2, 2, 2));
    CHECK_FALSE(all_meet(1, 2, 1, 1));
    CHECK_FALSE(all_meet(5, 1, 0, 6));
}

TEST_CASE("pooling: the second image of a batch starts where the first ends") {
    const auto found = cells({{1, 1}, {1, 1}, {1, 1}, {}}, {2, 1, 2, 1}, {2, 1, 2, 1});
    CHECK(found == std::vector<std::vector<std::size_t>>{{0}, {1}, {2}, {3}});
}

TEST_CASE("pooling: a window takes no more steps than the image has cells") {
    const std::array in{ctq::shape{2, 5, 9, 3}};
    const ctq::op::max_pool small{{2, 3}};
    CHECK(ctq::steps(small, in, small.output_shape(in)) == 2 * 4 * 7 * 3 * (2 * 3));
    const ctq::op::max_pool wide{{7, 3}, {1, 1}, {1, 1}, {2, 0, 2, 0}};
    CHECK(ctq::steps(wide, in, wide.output_shape(in)) == 2 * 3 * 7 * 3 * (5 * 3));
    const ctq::op::average_pool average{{2, 3}};
    CHECK(ctq::steps(average, in, average.output_shape(in)) == 2 * 4 * 7 * 3 * (2 * 3));
}

#include <ctq/operators/reducing.hpp>

#include <doctest/doctest.h>

#include <vector>

using ctq::shape;
using ctq::op::axis_set;

namespace {

constexpr axis_set axes_of(std::initializer_list<int> axes) {
    axis_set result;
    for (const int axis : axes) result.insert(axis);
    return result;
}

static_assert(ctq::op::reduced_shape({2, 3, 4}, axes_of({0, 2}), false) == shape{3});
static_assert(ctq::op::reduced_shape({2, 3, 4}, axes_of({0, 2}), true) == shape{1, 3, 1});
static_assert(ctq::op::reduced_count({2, 3, 4}, axes_of({0, 2})) == 8);
static_assert(ctq::op::reduced_count({2, 0}, axes_of({1})) == 0 && ctq::op::reduced_count({}, {}) == 1);

/// For each element of the result those that it is made of.
std::vector<std::vector<std::size_t>> groups(const shape& in, const axis_set& axes) {
    std::vector<std::vector<std::size_t>> made;
    ctq::op::for_each_reduced(in, axes, [&](std::size_t index, auto for_each) {
        CHECK(index == made.size());
        made.emplace_back();
        for_each([&](std::size_t at) { made.back().push_back(at); });
    });
    return made;
}

} // namespace

TEST_CASE("reducing: each element of the result and those that it is made of, in the order of memory") {
    using lists = std::vector<std::vector<std::size_t>>;
    CHECK(groups({2, 3}, axes_of({1})) == lists{{0, 1, 2}, {3, 4, 5}});
    CHECK(groups({2, 3}, axes_of({0})) == lists{{0, 3}, {1, 4}, {2, 5}});
    CHECK(groups({2, 2, 2}, axes_of({0, 2})) == lists{{0, 1, 4, 5}, {2, 3, 6, 7}});
    CHECK(groups({2}, {}) == lists{{0}, {1}});
    CHECK(groups({}, {}) == lists{{0}});
    CHECK(groups({2, 0}, axes_of({1})) == lists{{}, {}});
    CHECK(groups({0, 2}, axes_of({1})).empty());
}

#include <ctq/operators/axes.hpp>

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

using ctq::shape;
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

/// The parts of an importer that import_axes asks for.
struct fake_import {
    std::vector<std::int32_t> attribute = {}, input = {};

    bool has_input(std::size_t) const { return !input.empty(); }
    std::vector<std::int32_t> constant_integers(std::size_t) const { return input; }
    std::vector<std::int32_t> integers(std::string_view) const { return attribute; }
    void check(bool holds, const char* what) const {
        if (!holds) throw std::invalid_argument(what);
    }
};

axis_set imported(fake_import from) {
    return ctq::op::import_axes(from, shape{2, 3, 4, 5});
}

} // namespace

TEST_CASE("axes: an offset for each element of a box, in row-major order") {
    std::vector<std::int64_t> offsets;
    ctq::op::for_each_offset({2, 3}, {10, 4}, [&](std::int64_t offset) { offsets.push_back(offset); });
    CHECK(offsets == std::vector<std::int64_t>{0, 4, 8, 10, 14, 18});
    offsets.clear();
    ctq::op::for_each_offset({}, {}, [&](std::int64_t offset) { offsets.push_back(offset); });
    CHECK(offsets == std::vector<std::int64_t>{0});
    offsets.clear();
    ctq::op::for_each_offset({3, 0}, {1, 1}, [&](std::int64_t offset) { offsets.push_back(offset); });
    CHECK(offsets.empty());
}

TEST_CASE("axes: runs of elements with one index along an axis") {
    using run = std::array<std::size_t, 3>;
    const auto runs = [](const shape& of, int axis) {
        std::vector<run> found;
        ctq::op::for_each_run(of, axis, [&](std::size_t index, std::size_t first, std::size_t length) {
            found.push_back({index, first, length});
        });
        return found;
    };
    CHECK(runs({2, 3, 4}, 0) == std::vector<run>{{0, 0, 12}, {1, 12, 12}});
    CHECK(runs({2, 3, 4}, 1) == std::vector<run>{{0, 0, 4}, {1, 4, 4}, {2, 8, 4}, {0, 12, 4}, {1, 16, 4}, {2, 20, 4}});
    CHECK(runs({2, 2}, 1) == std::vector<run>{{0, 0, 1}, {1, 1, 1}, {0, 2, 1}, {1, 3, 1}});
    CHECK(runs({2, 0, 3}, 1).empty());
    CHECK(runs({2, 3, 0}, 1).empty());
}

TEST_CASE("axes: a permutation must hold the axis") {
    const std::array<std::int32_t, 2> two{1, 0};
    CHECK_THROWS_WITH_AS(ctq::op::permuted_axis(2, two), "the axis is not in the permutation", ctq::model_error);
}

TEST_CASE("axes: ONNX's axes from attribute or input, negative ones from the end, absent ones all") {
    CHECK(imported({{1, -1}}) == of({1, 3}));
    CHECK(imported({{}, {2}}) == of({2}));
    CHECK(imported({}) == of({0, 1, 2, 3}));
    CHECK_THROWS_WITH_AS(imported({{1, -3}}), "axes must not repeat", std::invalid_argument);
    CHECK_THROWS_AS(imported({{4}}), ctq::model_error);
}

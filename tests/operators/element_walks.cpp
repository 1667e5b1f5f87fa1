#include <ctq/operators/element_walks.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

using ctq::shape;

TEST_CASE("element_walks: an offset for each element of a box, in row-major order") {
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

TEST_CASE("element_walks: runs of elements with one index along an axis") {
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

#include <ctq/operators/broadcast.hpp>

#include <doctest/doctest.h>

#include <tuple>
#include <vector>

using ctq::shape;

namespace {

using visits = std::vector<std::tuple<std::size_t, std::size_t, std::size_t>>;

visits visited(const shape& a, const shape& b) {
    visits result;
    ctq::op::for_each_broadcast(ctq::broadcast(a, b), a, b,
                                [&](std::size_t i, std::size_t x, std::size_t y) { result.emplace_back(i, x, y); });
    return result;
}

} // namespace

TEST_CASE("broadcast: equal shapes walk side by side") {
    CHECK(visited({3}, {3}) == visits{{0, 0, 0}, {1, 1, 1}, {2, 2, 2}});
}

TEST_CASE("broadcast: an extent of one stays where it is") {
    CHECK(visited({2, 1}, {1, 2}) == visits{{0, 0, 0}, {1, 0, 1}, {2, 1, 0}, {3, 1, 1}});
    CHECK(visited({2, 2}, {2}) == visits{{0, 0, 0}, {1, 1, 1}, {2, 2, 0}, {3, 3, 1}});
    CHECK(visited({}, {2}) == visits{{0, 0, 0}, {1, 0, 1}});
    CHECK(visited({2, 0}, {1}).empty());
}

TEST_CASE("broadcast: six axes") {
    const shape a{2, 1, 3, 1, 2, 1}, b{1, 2, 1, 2, 1, 3};
    const auto all = visited(a, b);
    REQUIRE(all.size() == 2 * 2 * 3 * 2 * 2 * 3);
    for (const auto& [i, x, y] : all) {
        const std::size_t k0 = i / 72, k1 = i / 36 % 2, k2 = i / 12 % 3, k3 = i / 6 % 2, k4 = i / 3 % 2, k5 = i % 3;
        CHECK(x == (k0 * 3 + k2) * 2 + k4);
        CHECK(y == (k1 * 2 + k3) * 3 + k5);
    }
}

TEST_CASE("broadcast: two equal shapes that a third one widens") {
    visits result;
    ctq::op::for_each_broadcast({2, 2}, {2}, {2},
                                [&](std::size_t i, std::size_t x, std::size_t y) { result.emplace_back(i, x, y); });
    CHECK(result == visits{{0, 0, 0}, {1, 1, 1}, {2, 0, 0}, {3, 1, 1}});
}

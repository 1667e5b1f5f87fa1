#include <ctq/default_registry.hpp>
#include <ctq/graph/builder.hpp>
#include <ctq/host/engine/position_bounds.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq;

namespace {

constexpr interval any_number{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

/// Positions that are read once turned, and as they are in a longer table; those of which a part is read; and a real.
default_graph looking_up() {
    builder b;
    const layer small = b.constant("small", {5, 2}, std::vector<float>(10, 1)),
                wide = b.constant("wide", {2, 7}, std::vector<float>(14, 1));
    const layer ids = b.input("ids", {2, 3}, dtype::int64), some = b.input("some", {4}, dtype::int32),
                x = b.input("x", {1});
    const layer turned = b.apply(op::transpose{{1, 0}}, {ids}), list = b.reshape(turned, {6});
    return b.finish({{"a", b.apply(op::gather{0}, {small, list}).value},
                     {"b", b.apply(op::gather{1}, {wide, ids}).value},
                     {"c", b.apply(op::gather{0}, {small, b.apply(op::slice{{}, {1}, {2}}, {some})}).value},
                     {"d", b.apply(op::relu{}, {x}).value}});
}

} // namespace

TEST_CASE("position_bounds: the places of the smallest table that the elements of an input are looked up in") {
    CHECK(host::position_bounds(looking_up()) == std::vector<interval>{{-5, 4}, any_number, any_number});
}

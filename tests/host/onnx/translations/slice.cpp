#include <ctq/host/onnx/translations/slice.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::test::onnx_import;

namespace {

using numbers = std::vector<std::int64_t>;
constexpr std::int64_t farthest = 9223372036854775807;

ctq::op::slice cut(const std::vector<build::message>& bounds) {
    const auto graph = imported(one("Slice", {}, bounds, {4, 10}));
    return *ctq::operator_if<ctq::op::slice>(graph.nodes[0]);
}

} // namespace

TEST_CASE("slice: bounds count from the end, are cut to the axis, and may go backwards") {
    using ctq::op::slice;
    const auto along = [](std::int64_t start, std::int64_t end, std::int64_t step) {
        return cut({int64s("k0", {start}), int64s("k1", {end}), int64s("k2", {1}), int64s("k3", {step})});
    };
    const auto row = [](std::int32_t first, std::int32_t step, std::int32_t count) {
        return slice{{0, first}, {1, step}, {4, count}};
    };
    CHECK(along(2, 5, 1) == row(2, 1, 3));
    CHECK(along(-3, farthest, 1) == row(7, 1, 3));
    CHECK(along(-100, -2, 3) == row(0, 3, 3));
    CHECK(along(-1, -farthest, -1) == row(9, -1, 10));
    CHECK(along(7, 1, -4) == row(7, -4, 2));
    CHECK(along(100, 0, -9) == row(9, -9, 1));
    CHECK(along(1, 0, -1) == row(1, -1, 1));
    CHECK(cut({int64s("k0", {1, 2}), int64s("k1", {3, 4})}) == slice{{1, 2}, {1, 1}, {2, 2}});
}

TEST_CASE("slice: before version 10 the bounds are attributes") {
    const auto model = build::model(
        build::graph(one("Slice", {ints("starts", {1}), ints("ends", {farthest}), ints("axes", {1})}, {}, {4, 10})), 8,
        9);
    CHECK(*ctq::operator_if<ctq::op::slice>(imported(model).nodes[0]) == ctq::op::slice{{0, 1}, {1, 1}, {4, 9}});
}

TEST_CASE("slice: bounds that are none are malformed; empty results and computed bounds are unsupported") {
    const auto with_bounds = [](const numbers& starts, const numbers& ends, const numbers& axes, const numbers& steps) {
        return one("Slice", {}, {int64s("k0", starts), int64s("k1", ends), int64s("k2", axes), int64s("k3", steps)});
    };
    check_refused(exit_code::malformed, {
                                            {with_bounds({0, 0}, {1}, {0, 1}, {1, 1}), "must be as many"},
                                            {with_bounds({0, 0}, {1, 1}, {0, 0}, {1, 1}), "axes must not repeat"},
                                            {with_bounds({0}, {1}, {4}, {1}), "out of the tensor's range"},
                                            {with_bounds({0}, {1}, {0}, {0}), "a step must not be 0"},
                                            {one("Slice", {}, {int64s("k0", {0})}), "starts and ends are required"},
                                            {one("Slice", {ints("starts", {0})}), "must be as many", 9},
                                        });
    check_refused(exit_code::unsupported,
                  {
                      {with_bounds({3}, {3}, {2}, {1}), "a result without elements"},
                      {with_bounds({3}, {5}, {2}, {-1}), "a result without elements"},
                      {parts_of({node("s", "Slice", {"x", "z", "z"}, {"y"})}), "must be constant"},
                  });
}

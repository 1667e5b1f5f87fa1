#include <ctq/host/onnx/translations/elementwise.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("elementwise: operands that are too few, do not broadcast or are no floats") {
    check_refused(exit_code::malformed,
                  {
                      {one("Add", {}, {floats("k0", {5})}), "do not broadcast (inputs 1x4x6x6, 5); make each pair"},
                      {parts_of({node("a", "Add", {"x"}, {"y"})}), "two inputs are required"},
                      {one("Add", {}, {int64s("k0", {1})}), "'k0' of type int64"},
                      {parts_of({node("a", "Mul", {"x", "z", "x"}, {"y"})}), "two inputs are required"},
                  });
    check_refused(exit_code::unsupported, {
                                              {one("Add", {}, {floats("k0", {1, 1, 1, 1, 1, 1, 1})}), "has 7 axes"},
                                          });
}

namespace {

// x of this shape and a constant: the second operand as the operator gets it.
ctq::shape second_operand(const build::dims& first, const build::dims& second,
                          const std::vector<build::message>& attributes, std::int64_t opset = 6) {
    const auto graph =
        imported(build::model(build::graph(one("Mul", attributes, {floats("k0", second)}, first)), 8, opset));
    return graph.value_at(graph.nodes.back().inputs[1]).facts.shape;
}

} // namespace

TEST_CASE("elementwise: before version 7 attributes say where the second operand stands") {
    const auto broadcast = integer("broadcast", 1);
    CHECK(second_operand({2, 3, 4, 5}, {2, 3, 4, 5}, {}) == ctq::shape{2, 3, 4, 5});
    CHECK(second_operand({2, 3, 4, 5}, {}, {broadcast}) == ctq::shape{});
    CHECK(second_operand({2, 3, 4, 5}, {1, 1}, {broadcast, integer("axis", 0)}) == ctq::shape{1, 1});
    CHECK(second_operand({2, 3, 4, 5}, {4, 5}, {broadcast}) == ctq::shape{4, 5});
    CHECK(second_operand({2, 3, 4, 5}, {3, 4}, {broadcast, integer("axis", 1)}) == ctq::shape{3, 4, 1});
    CHECK(second_operand({2, 3, 4, 5}, {2}, {broadcast, integer("axis", 0)}) == ctq::shape{2, 1, 1, 1});
    CHECK(second_operand({2, 3, 4, 5}, {5}, {broadcast, integer("axis", -1)}) == ctq::shape{5});
    CHECK(second_operand({4, 4}, {4}, {broadcast, integer("axis", 0)}) == ctq::shape{4, 1});
    CHECK(second_operand({4, 4}, {4}, {}, 7) == ctq::shape{4});
}

TEST_CASE("elementwise: before version 7 shapes that differ without broadcast, or do not fit where axis says") {
    const auto with_second = [](const build::dims& second, const std::vector<build::message>& attributes) {
        return one("Add", attributes, {floats("k0", second)}, {1, 4, 6, 6});
    };
    const auto broadcast = integer("broadcast", 1);
    check_refused(exit_code::malformed,
                  {
                      {with_second({6}, {}), "operands of different shapes require broadcast 1", 6},
                      {with_second({1, 1, 4, 6, 6}, {broadcast}), "more axes than the first", 6},
                      {with_second({6, 6}, {broadcast, integer("axis", 3)}), "axis must leave an axis", 6},
                      {with_second({4}, {broadcast, integer("axis", 4)}), "out of the tensor's range", 6},
                      {with_second({4}, {broadcast}), "do not broadcast", 6},
                      {with_second({3, 1, 1, 1}, {broadcast}), "must broadcast to the first one's shape", 6},
                      {parts_of({node("a", "Add", {"x"}, {"y"})}), "two inputs are required", 6},
                  });
}

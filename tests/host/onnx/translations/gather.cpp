#include <ctq/host/onnx/translations/gather.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::test::onnx_import;

namespace {

using numbers = std::vector<std::int64_t>;

build::message indices(const build::dims& dims, const numbers& values) {
    return build::tensor_head("k0", 7, dims).integers(7, values);
}

build::graph_parts picked(const std::vector<build::message>& attributes, const build::message& by) {
    return one("Gather", attributes, {by}, {4, 10});
}

} // namespace

TEST_CASE("gather: the axis, in every version, and constant indices as they are") {
    const auto check = [](const std::vector<build::message>& attributes, std::int32_t axis, const ctq::shape& made) {
        for (const std::int64_t opset : {6, 11, 13, 23}) {
            const auto parts = picked(attributes, indices({1, 3}, {-1, 0, 3}));
            const auto graph = imported(build::model(build::graph(parts), 8, opset));
            REQUIRE(graph.nodes.size() == 1);
            CHECK(*ctq::operator_if<ctq::op::gather>(graph.nodes[0]) == ctq::op::gather{axis});
            CHECK(graph.value_at(graph.outputs[0].value).facts.shape == made);
            CHECK(graph.constant_of(graph.nodes[0].inputs[1]).as<std::int64_t>() == numbers{-1, 0, 3});
        }
    };
    check({}, 0, {1, 3, 10});
    check({integer("axis", 1)}, 1, {4, 1, 3});
    check({integer("axis", -2)}, 0, {1, 3, 10});
}

TEST_CASE("gather: rows of a constant by an input of int64 or int32, and by one index") {
    for (const int type : {6, 7}) {
        const build::graph_parts parts{{node("n", "Gather", {"table", "ids"}, {"y"})},
                                       {floats("table", {7, 3})},
                                       {build::value("ids", {2, 5}, type)},
                                       {build::value("y", {1})},
                                       {}};
        const auto graph = imported(parts);
        CHECK(graph.is_constant(graph.nodes[0].inputs[0]));
        CHECK(graph.value_at(graph.outputs[0].value).facts == ctq::tensor_facts{ctq::dtype::float32, {2, 5, 3}});
    }
    const auto graph = imported(picked({integer("axis", 1)}, indices({}, {9})));
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{4});
}

TEST_CASE("gather: of constants alone it is computed") {
    const auto parts = parts_of({node("n", "Gather", {"table", "k0"}, {"row"}), node("a", "Add", {"x", "row"}, {"y"})},
                                {build::float_tensor("table", {3, 2}, {1, 2, 3, 4, 5, 6}), indices({}, {-2})}, {4, 2});
    const auto graph = imported(parts);
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.constant_of(graph.nodes[0].inputs[1]).as<float>() == std::vector<float>{3, 4});
}

TEST_CASE("gather: indices outside of the axis, of reals or missing, and an axis that is none, are malformed") {
    check_refused(exit_code::malformed,
                  {
                      {picked({}, indices({2}, {0, 4})), "index 4 is outside 4 elements"},
                      {picked({}, indices({1}, {-5})), "index -5 is outside 4 elements"},
                      {picked({integer("axis", 1)}, indices({1}, {10000000000})), "is outside 10 elements"},
                      {picked({integer("axis", 2)}, indices({1}, {0})), "the axis is out of the tensor's range"},
                      {picked({}, floats("k0", {1})), "must hold integers"},
                      {parts_of({node("n", "Gather", {"x", "z"}, {"y"})}, {}, {4}), "positions must be int32 or int64"},
                      {one("Gather", {}), "data and indices are required"},
                  });
}

TEST_CASE("gather: of constants, one position or a list of them, from either end, of integers of any type") {
    const auto gathered = [](const build::message& from, const build::message& at) {
        return folded("Gather", {"k", "at"}, {from, at});
    };
    CHECK(gathered(int64s("k", {4, 5, 6}), scalar("at", -1)).is<std::int64_t>({6}));
    CHECK(gathered(int64s("k", {4, 5, 6}), scalar("at", -1)).of == ctq::shape{});
    CHECK(gathered(int64s("k", {4, 5, 6}), int64s("at", {2, 0})).is<std::int64_t>({6, 4}));
    CHECK(gathered(of_type("k", 6, {2}, {4, -5}), of_type("at", 6, {1}, {1})).is<std::int32_t>({-5}));
}

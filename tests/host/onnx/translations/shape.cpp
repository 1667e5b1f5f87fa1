#include <ctq/host/onnx/translations/shape.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::test::onnx_import;

TEST_CASE("shape: of an activation, whole or cut, and how many elements it has") {
    const auto cut = [](std::vector<build::message> by) { return folded("Shape", {"x"}, {}, by, 15); };
    CHECK(cut({}).is<std::int64_t>({1, 4, 6, 6}));
    CHECK(cut({integer("start", 1)}).is<std::int64_t>({4, 6, 6}));
    CHECK(cut({integer("start", -9), integer("end", -1)}).is<std::int64_t>({1, 4, 6}));
    CHECK(cut({integer("start", 2), integer("end", 1)}).of == ctq::shape{0});
    constexpr std::int64_t beyond = std::numeric_limits<std::int64_t>::max();
    CHECK(cut({integer("start", -beyond), integer("end", beyond)}).is<std::int64_t>({1, 4, 6, 6}));
    CHECK(folded("Size", {"x"}, {}).is<std::int64_t>({144}));
    CHECK(folded("Size", {"x"}, {}).of == ctq::shape{});
}

TEST_CASE("shape: of constants, of a dimension that the user gave, and of nothing") {
    CHECK(folded("Shape", {"k"}, {floats("k", {2, 3})}).is<std::int64_t>({2, 3}));
    CHECK(folded("Shape", {"k"}, {scalar("k", 5)}).of == ctq::shape{0});
    CHECK(folded("Size", {"k"}, {int64s("k", {})}).is<std::int64_t>({0}));
    const build::graph_parts parts{{node("s", "Shape", {"x"}, {"s"}), node("r", "Reshape", {"x", "s"}, {"y"})},
                                   {},
                                   {input_with({"N", "3"})},
                                   {build::value("y", {1})},
                                   {}};
    const auto graph = imported(parts, {{{"N", 5}}});
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == ctq::shape{5, 3});
    check_refused(exit_code::malformed, {{parts_of({node("s", "Shape", {"x", "z"}, {"y"})}), "one input is required"},
                                         {parts_of({node("s", "Size", {}, {"y"})}), "one input is required"},
                                         {parts_of({node("s", "Shape", {""}, {"y"})}), "input 0 is missing"}});
}

#include <ctq/host/onnx/translations/sequence.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::test::onnx_import;
using ctq::shape;

namespace {

/// Part `at` of a constant that is split.
folded_value part(const build::message& k, std::int64_t at, const std::vector<build::message>& attributes,
                  const std::vector<build::message>& split = {}) {
    std::vector<build::message> constants{k, scalar("at", at)};
    constants.insert(constants.end(), split.begin(), split.end());
    const build::names inputs = split.empty() ? build::names{"k"} : build::names{"k", "split"};
    return folded({with(node("s", "SplitToSequence", inputs, {"parts"}), attributes),
                   node("n", "SequenceAt", {"parts", "at"}, {"r"})},
                  constants);
}

const build::message two_by_five = of_type("k", 7, {2, 5}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});

build::graph_parts parted(const std::vector<build::message>& attributes, const std::vector<build::message>& split,
                          std::int64_t at = 0) {
    std::vector<build::message> constants{scalar("at", at)};
    constants.insert(constants.end(), split.begin(), split.end());
    const build::names inputs = split.empty() ? build::names{"x"} : build::names{"x", "split"};
    return parts_of({with(node("s", "SplitToSequence", inputs, {"parts"}), attributes),
                     node("n", "SequenceAt", {"parts", "at"}, {"y"})},
                    constants);
}

} // namespace

TEST_CASE("sequence: each element, each so many, or so many each, from either end") {
    const folded_value second = part(two_by_five, 1, {});
    CHECK(second.is<std::int64_t>({5, 6, 7, 8, 9}));
    CHECK(second.of == shape{1, 5});
    const folded_value column = part(two_by_five, -1, {integer("axis", -1), integer("keepdims", 0)});
    CHECK(column.is<std::int64_t>({4, 9}));
    CHECK(column.of == shape{2});
    CHECK(part(two_by_five, 1, {integer("axis", 1)}, {scalar("split", 2)}).is<std::int64_t>({2, 3, 7, 8}));
    CHECK(part(two_by_five, 2, {integer("axis", 1), integer("keepdims", 0)}, {scalar("split", 2)}).of == shape{2, 1});
    CHECK(
        part(two_by_five, 1, {integer("axis", 1)}, {int64s("split", {1, 3, 1})}).is<std::int64_t>({1, 2, 3, 6, 7, 8}));
    CHECK(part(two_by_five, 0, {integer("axis", 1)}, {int64s("split", {0, 5})}).of == shape{2, 0});
    CHECK(part(booleans("k", {1, 0}), 0, {integer("keepdims", 0)}).is<ctq::boolean>({ctq::boolean::yes}));
    CHECK(part(reals("k", {1, 2, 3}), 1, {}, {scalar("split", 2)}).is<float>({3}));
    CHECK(part(of_type("k", 2, {1, 1, 1, 1, 1, 2}, {7, 8}), 1, {integer("axis", 5)}).is<std::uint8_t>({8}));
}

TEST_CASE("sequence: of an activation the parts that are read are nodes") {
    const auto graph = imported(parted({integer("axis", 1), integer("keepdims", 0)}, {}, 2));
    REQUIRE(graph.nodes.size() == 2);
    CHECK(*ctq::operator_if<ctq::op::slice>(graph.nodes[0]) == ctq::op::slice{{0, 2}, {1, 1, 1, 1}, {1, 1, 6, 6}});
    CHECK(graph.value_at(graph.outputs[0].value).facts.shape == shape{1, 6, 6});
}

TEST_CASE("sequence: parts that are none, and sequences where tensors are read") {
    const auto relu_of = [](const build::message& reader) {
        return parts_of({node("s", "SplitToSequence", {"x"}, {"parts"}), reader}, {scalar("at", 0)});
    };
    check_refused(exit_code::malformed,
                  {{parted({integer("axis", 4)}, {}), "out of the tensor's range"},
                   {parted({}, {scalar("split", 0)}), "must be positive"},
                   {parted({integer("axis", 1)}, {int64s("split", {1, 2})}), "must be the whole axis"},
                   {parted({integer("axis", 1)}, {int64s("split", {5, -1})}), "must lie within the axis"},
                   {parted({integer("axis", 1)}, {int64s("split", {2147483647, 2147483647})}), "must lie within"},
                   {parted({integer("axis", 1)}, {int64s("split", {})}), "must be the whole axis"},
                   {parted({integer("axis", 1)}, {int64s("split", {9223372036854775807, 9223372036854775807})}),
                    "must lie within"},
                   {parted({integer("axis", 1)}, {of_type("split", 7, {2, 2}, {1, 1, 1, 1})}), "a number or a list"},
                   {parted({integer("axis", 1)}, {}, 4), "the position is outside the sequence"},
                   {parted({integer("axis", 1)}, {}, -5), "the position is outside the sequence"},
                   {parted({integer("axis", 1)}, {}, -9223372036854775807), "the position is outside the sequence"},
                   {parts_of({node("n", "SequenceAt", {"x", "at"}, {"y"})}, {scalar("at", 0)}), "'x' is no sequence"},
                   {relu_of(node("n", "SequenceAt", {"parts"}, {"y"})), "two inputs are required"}});
    check_refused(exit_code::unsupported,
                  {{relu_of(node("n", "Relu", {"parts"}, {"y"})), "'parts' is a sequence"},
                   {relu_of(node("n", "Shape", {"parts"}, {"y"})), "'parts' is a sequence"},
                   {relu_of(node("n", "SequenceAt", {"parts", "x"}, {"y"})), "the position must be constant"}});
    const auto as_output = importing(parts_of({node("s", "SplitToSequence", {"x"}, {"y"})}));
    CHECK(as_output.number() == 4);
    CHECK(as_output.says("m.onnx: output 'y' is a sequence, which is not supported; make its parts outputs"));
}

#include <ctq/host/onnx/translations/non_max_suppression.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::test::onnx_import;

namespace {

using ctq::op::non_max_suppression;

/// A node of boxes b [2, 6, 4] and scores s [2, 3, 6] with these further inputs, and others that read what it makes.
build::graph_parts suppressed(const std::vector<build::message>& attributes, const build::names& more_inputs,
                              const std::vector<build::message>& constants,
                              const std::vector<build::message>& others = {}, const char* output = "y") {
    build::names inputs{"b", "s"};
    inputs.insert(inputs.end(), more_inputs.begin(), more_inputs.end());
    std::vector<build::message> nodes{with(node("n", "NonMaxSuppression", inputs, {output}), attributes)};
    nodes.insert(nodes.end(), others.begin(), others.end());
    return {
        nodes, constants, {build::value("b", {2, 6, 4}), build::value("s", {2, 3, 6})}, {build::value("y", {1})}, {}};
}

const std::vector<build::message> number_constants{int64s("most", {4}), floats("iou", {1}, 0.25F),
                                                   floats("score", {}, 0.5F)};

non_max_suppression suppression_of(const build::graph_parts& parts, std::int64_t opset = 11) {
    const auto graph = imported(build::model(build::graph(parts), 8, opset));
    REQUIRE(graph.nodes.size() == 1);
    return *ctq::operator_if<non_max_suppression>(graph.nodes[0]);
}

} // namespace

TEST_CASE("non_max_suppression: its numbers, given or left out") {
    const float none = -std::numeric_limits<float>::infinity();
    CHECK(suppression_of(suppressed({}, {"most"}, number_constants), 10) == non_max_suppression{4, 0, none, false});
    CHECK(suppression_of(suppressed({}, {"most", "iou"}, number_constants)) ==
          non_max_suppression{4, 0.25F, none, false});
    CHECK(suppression_of(suppressed({integer("center_point_box", 1)}, {"most", "", "score"}, number_constants)) ==
          non_max_suppression{4, 0, 0.5F, true});
    CHECK(suppression_of(suppressed({}, {"most"}, {int64s("most", {std::numeric_limits<std::int64_t>::max()})})).most ==
          std::numeric_limits<std::int32_t>::max());
}

TEST_CASE("non_max_suppression: the output names one more that counts its rows") {
    const auto graph = imported(suppressed({}, {"most", "iou"}, number_constants));
    REQUIRE(graph.outputs.size() == 2);
    CHECK(graph.outputs[0].name == "y");
    CHECK(graph.outputs[0].count == 1);
    CHECK(graph.value_at(graph.outputs[0].value).facts == ctq::tensor_facts{ctq::dtype::int64, {24, 3}});
    CHECK(graph.outputs[1].name == "y.count");
    CHECK(graph.outputs[1].count == -1);
    CHECK(graph.value_at(graph.outputs[1].value).facts == ctq::tensor_facts{ctq::dtype::int64, {}});
    CHECK(graph.value_at(graph.outputs[1].value).name == "y.count");
}

TEST_CASE("non_max_suppression: its count has a name that no other output has") {
    build::graph_parts parts = suppressed({}, {"most"}, number_constants, {node("r", "Relu", {"s"}, {"y.count"})});
    parts.outputs.push_back(build::value("y.count", {1}));
    const auto graph = imported(parts);
    REQUIRE(graph.outputs.size() == 3);
    CHECK(graph.outputs[0].count == 2);
    CHECK_FALSE(graph.outputs[2].name == graph.outputs[1].name);
}

TEST_CASE("non_max_suppression: what reads its rows within the model is refused") {
    const auto parts =
        suppressed({}, {"most"}, number_constants, {node("c", "Concat", {"rows", "rows"}, {"y"})}, "rows");
    auto joined = parts;
    joined.nodes[1] = with(joined.nodes[1], {integer("axis", 0)});
    const auto result = importing(joined);
    CHECK(result.code == exit_code::unsupported);
    CHECK(result.says("m.onnx: node 'c' (Concat): reads 'rows', of which the data decide how many rows there are"));
    CHECK(result.says("; make that an output of the model, and do the rest outside of it"));
    for (const char* op : {"Shape", "Size", "Identity"}) {
        const auto asked =
            importing(suppressed({}, {"most"}, number_constants, {node("s", op, {"rows"}, {"y"})}, "rows"));
        CHECK(asked.code == exit_code::unsupported);
        CHECK(asked.says("of which the data decide how many rows there are"));
    }
}

TEST_CASE("non_max_suppression: of constants the rows that there are") {
    const std::vector<float> boxes{0, 0, 1, 1, 0, 0, 1, 1, 0, 5, 1, 6}, scores{0.5F, 0.9F, 0.25F};
    const auto rows = folded("NonMaxSuppression", {"b", "s", "most", "iou"},
                             {build::float_tensor("b", {1, 3, 4}, boxes), build::float_tensor("s", {1, 1, 3}, scores),
                              int64s("most", {3}), floats("iou", {1}, 0.25F)});
    CHECK(rows.of == ctq::shape{2, 3});
    CHECK(rows.is<std::int64_t>({0, 0, 1, 0, 0, 2}));
}

TEST_CASE("non_max_suppression: numbers that are none are malformed; computed ones and no boxes at all "
          "unsupported") {
    const auto with_numbers = [](const std::vector<std::int64_t>& most, float iou, float score = 0) {
        return suppressed({}, {"k0", "k1", "k2"},
                          {int64s("k0", most), floats("k1", {1}, iou), floats("k2", {1}, score)});
    };
    check_refused(exit_code::malformed,
                  {
                      {with_numbers({1, 2}, 0), "must be one number each"},
                      {with_numbers({1}, 1.5F), "an iou_threshold must be 0 to 1"},
                      {suppressed({integer("center_point_box", 2)}, {"most"}, number_constants),
                       "center_point_box must be 0 or 1"},
                      {parts_of({node("n", "NonMaxSuppression", {"x", "z", "most"}, {"y"})}, number_constants),
                       "boxes must be [images"},
                      {parts_of({node("n", "NonMaxSuppression", {"x"}, {"y"})}), "boxes and scores are required"},
                  });
    check_refused(exit_code::unsupported, {
                                              {suppressed({}, {}, {}), "a max_output_boxes_per_class of 0"},
                                              {with_numbers({0}, 0), "a max_output_boxes_per_class of 0"},
                                              {with_numbers({-3}, 0), "a max_output_boxes_per_class of 0"},
                                              {suppressed({}, {"most", "s"}, number_constants), "must be constant"},
                                          });
}

#include <ctq/host/onnx/translations/top_k.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <cstdint>
#include <vector>

using namespace ctq::test::onnx_import;

namespace {

using ctq::op::top_k;

/// TopK of x [4, 10] to `y` and `i`, whose values or indices are the output y.
build::graph_parts chosen(const std::vector<build::message>& attributes, const std::vector<build::message>& k,
                          const build::names& outputs = {"y", "i"}) {
    build::names inputs{"x"};
    if (!k.empty()) inputs.push_back("k0");
    return parts_of({with(node("n", "TopK", inputs, outputs), attributes)}, k, {4, 10});
}

top_k top_k_of(const build::graph_parts& parts, std::int64_t opset) {
    const auto graph = imported(build::model(build::graph(parts), 8, opset));
    REQUIRE(graph.nodes.size() == 1);
    REQUIRE(graph.nodes[0].inputs.size() == 1);
    return *ctq::operator_if<top_k>(graph.nodes[0]);
}

} // namespace

TEST_CASE("top_k: k, axis and which end, in every version") {
    CHECK(top_k_of(chosen({integer("k", 3)}, {}), 6) == top_k{1, 3, true});
    CHECK(top_k_of(chosen({integer("k", 4), integer("axis", 0)}, {}), 9) == top_k{0, 4, true});
    const std::vector<build::message> three{int64s("k0", {3})};
    CHECK(top_k_of(chosen({integer("axis", -2)}, three), 10) == top_k{0, 3, true});
    for (const std::int64_t opset : {11, 13, 23}) {
        CHECK(top_k_of(chosen({}, three), opset) == top_k{1, 3, true});
        CHECK(top_k_of(chosen({integer("largest", 0), integer("sorted", 0)}, three), opset) == top_k{1, 3, false});
    }
}

TEST_CASE("top_k: values and indices are outputs of types of their own, either may be left out") {
    const std::vector<build::message> three{int64s("k0", {3})};
    const auto facts_of = [&](const build::names& outputs) {
        const auto graph = imported(chosen({}, three, outputs));
        return graph.value_at(graph.outputs[0].value).facts;
    };
    CHECK(facts_of({"y"}) == ctq::tensor_facts{ctq::dtype::float32, {4, 3}});
    CHECK(facts_of({"v", "y"}) == ctq::tensor_facts{ctq::dtype::int64, {4, 3}});
    CHECK(facts_of({"", "y"}) == ctq::tensor_facts{ctq::dtype::int64, {4, 3}});
    build::graph_parts integers = chosen({}, three);
    integers.inputs[0] = build::value("x", {4, 10}, 6);
    const auto of_integers = imported(integers);
    CHECK(of_integers.value_at(of_integers.outputs[0].value).facts.type == ctq::dtype::int32);
    integers.inputs[0] = build::value("x", {4, 10}, 9);
    for (const std::int64_t other : {2, 9}) {
        integers.inputs[0] = build::value("x", {4, 10}, other);
        CHECK(importing(integers).number() == 4);
        CHECK(importing(integers).says("takes float32, int32 and int64 only"));
    }
}

TEST_CASE("top_k: no k, too large a k and an axis that is none are malformed; a computed k is unsupported") {
    const char* const range = "k must be positive, and no more than the axis has elements";
    check_refused(exit_code::malformed, {
                                            {chosen({}, {}), range, 9},
                                            {chosen({integer("k", 11)}, {}), range, 9},
                                            {chosen({}, {int64s("k0", {-1})}), range},
                                            {chosen({integer("axis", 0)}, {int64s("k0", {5})}), range},
                                            {chosen({}, {int64s("k0", {2, 3})}), "k must be one number"},
                                            {chosen({}, {floats("k0", {1})}), "must hold integers"},
                                            {chosen({integer("axis", 2)}, {int64s("k0", {1})}), "out of the tensor's"},
                                        });
    check_refused(exit_code::unsupported,
                  {
                      {parts_of({node("n", "TopK", {"x", "z"}, {"y", "i"})}), "k must be constant"},
                      {parts_of({node("n", "TopK", {"x"}, {"y", "i"})}), "k must be constant"},
                      {chosen({}, {int64s("k0", {0})}), "a k of 0 leaves no elements"},
                      {chosen({integer("k", 0)}, {}), "a k of 0 leaves no elements", 9},
                  });
}

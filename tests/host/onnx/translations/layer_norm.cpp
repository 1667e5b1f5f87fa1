#include <ctq/host/onnx/translations/layer_norm.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

#include <limits>
#include <vector>

using namespace ctq::test::onnx_import;

namespace {

build::message model_with(const std::vector<build::message>& attributes, const std::vector<build::message>& constants) {
    return build::model(build::graph(one("LayerNormalization", attributes, constants, {2, 3, 4})), 8, 17);
}

} // namespace

TEST_CASE("layer_norm: axis and epsilon, and a row that follows from them") {
    using ctq::op::layer_norm;
    const auto op_of = [](const ctq::default_graph& graph) { return *ctq::operator_if<layer_norm>(graph.nodes[0]); };
    const auto plain = imported(model_with({}, {floats("k0", {4}), floats("k1", {4})}));
    CHECK(op_of(plain) == layer_norm{2, 1e-5F});
    CHECK(plain.nodes[0].inputs.size() == 3);
    const auto wide = imported(model_with({integer("axis", 1), real("epsilon", 0.25F)}, {floats("k0", {3, 4})}));
    CHECK(op_of(wide) == layer_norm{1, 0.25F});
    CHECK(wide.nodes[0].inputs.size() == 2);
}

TEST_CASE("layer_norm: one element is that of the whole row") {
    const auto graph = imported(model_with({integer("axis", -2)}, {floats("k0", {1}, 0.75F), floats("k1", {1, 1})}));
    const int scale = graph.nodes[0].inputs[1];
    CHECK(graph.value_at(scale).facts.shape == ctq::shape{3, 4});
    CHECK(graph.reals(scale)[11] == 0.75F);
}

TEST_CASE("layer_norm: its statistics may be named, but not read") {
    const auto parts = [](const char* read) {
        return parts_of({node("n", "LayerNormalization", {"x", "k0"}, {"y0", "mean", "deviation"}),
                         node("r", "Relu", {read}, {"y"})},
                        {floats("k0", {6})});
    };
    CHECK(importing(parts("y0"), {}, 17).number() == 0);
    CHECK(importing(parts("mean"), {}, 17).code == exit_code::unsupported);
    CHECK(importing(parts("deviation"), {}, 17).code == exit_code::unsupported);
}

TEST_CASE("layer_norm: what is none is malformed; other precisions and computed scales are unsupported") {
    const auto with_scale = [](const std::vector<build::message>& attributes, const build::dims& dims,
                               float value = 0.5F) {
        return one("LayerNormalization", attributes, {floats("k0", dims, value)}, {2, 3, 4});
    };
    const float infinity = std::numeric_limits<float>::infinity();
    check_refused(exit_code::malformed,
                  {
                      {one("LayerNormalization", {}), "two or three inputs are required", 17},
                      {with_scale({integer("axis", 3)}, {4}), "the axis is out of the tensor's range", 17},
                      {with_scale({real("epsilon", -1e-5F)}, {4}), "epsilon must be positive and finite", 17},
                      {with_scale({}, {4}, infinity), "element 0 of input 1 is inf, among weights", 17},
                      {with_scale({integer("axis", 1)}, {4, 3}), "do not broadcast", 17},
                  });
    check_refused(exit_code::unsupported,
                  {
                      {with_scale({integer("stash_type", 10)}, {4}), "a stash_type other than 1", 17},
                      {with_scale({real("epsilon", 0)}, {4}), "an epsilon of 0", 17},
                      {with_scale({integer("axis", 1)}, {4}), "one for each that is normalized together", 17},
                      {parts_of({node("n", "LayerNormalization", {"x", "z"}, {"y"})}), "must be constant", 17},
                  });
}

#include <ctq/host/onnx/translations/functions.hpp>

#include <doctest/doctest.h>
#include <host/onnx/import_models.hpp>

using namespace ctq::test::onnx_import;

TEST_CASE("functions: one input, and no other") {
    check_refused(exit_code::malformed, {{parts_of({node("a", "Relu", {"x", "z"}, {"y"})}), "one input is required"}});
    const auto graph = imported(one("Tanh", {}));
    CHECK(ctq::operator_if<ctq::op::tanh>(graph.nodes[0]) != nullptr);
}

TEST_CASE("functions: LeakyRelu has its slope") {
    const auto slope = [](const std::vector<build::message>& attributes) {
        return ctq::operator_if<ctq::op::leaky_relu>(imported(one("LeakyRelu", attributes)).nodes[0])->alpha;
    };
    CHECK(slope({}) == 0.01F);
    CHECK(slope({real("alpha", 0.25F)}) == 0.25F);
}

TEST_CASE("functions: ThresholdedRelu has its threshold") {
    const auto graph = imported(one("ThresholdedRelu", {real("alpha", 0.25F)}));
    CHECK(ctq::operator_if<ctq::op::thresholded_relu>(graph.nodes[0])->alpha == 0.25F);
}

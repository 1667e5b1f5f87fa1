#include <ctq/execute/lower.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

#include <string_view>
#include <vector>

using namespace ctq::testing;

TEST_CASE("lower: a node keeps its activations and reads what its operator made of the constants") {
    const auto graph = quantized_network(residual_network());
    for (const auto& node : graph.nodes) {
        const auto lowered = ctq::lower_node<ctq::rule::affine_int8>(graph, node);
        REQUIRE_FALSE(lowered.inputs.empty());
        CHECK(lowered.inputs[0].value == node.inputs[0]);
        CHECK(lowered.op.index() == node.op.index());
        for (const ctq::lowered_input& each : lowered.inputs) {
            CHECK((each.value >= 0) == each.role.empty());
            if (each.value < 0)
                CHECK(each.elements.entries() == ctq::entries_of(each.facts.type, each.facts.elements()));
        }
    }
}

TEST_CASE("lower: constants by role, in the types that the kernel reads") {
    const auto graph = quantized_network(branching_network());
    const auto roles_of = [&](const auto& node) {
        std::vector<std::string_view> roles;
        for (const auto& each : ctq::lower_node<ctq::rule::affine_int8>(graph, node).inputs) roles.push_back(each.role);
        return roles;
    };
    const auto& dense = graph.nodes[0];
    REQUIRE(ctq::operator_if<ctq::op::dense>(dense) != nullptr);
    CHECK(roles_of(dense) == std::vector<std::string_view>{"", "weights", "bias", "multiplier", "shift"});
    const auto lowered = ctq::lower_node<ctq::rule::affine_int8>(graph, dense);
    CHECK(lowered.inputs[ctq::op::weighted::weights].facts.type == ctq::dtype::int8);
    CHECK(lowered.inputs[ctq::op::weighted::bias].facts == ctq::tensor_facts{ctq::dtype::int32, {4}});
    CHECK(lowered.inputs[ctq::op::weighted::multiplier].facts == ctq::tensor_facts{ctq::dtype::int16, {4}});
    CHECK(lowered.inputs[ctq::op::weighted::shift].facts == ctq::tensor_facts{ctq::dtype::int8, {4}});
    for (const ctq::lowered_input& each : lowered.inputs)
        if (each.value < 0) CHECK(each.elements.type() == each.facts.type);
    for (const auto& node : graph.nodes)
        if (ctq::operator_if<ctq::op::sigmoid>(node) != nullptr)
            CHECK(roles_of(node) == std::vector<std::string_view>{"", "table"});
}

TEST_CASE("lower: the bias of a channel takes in the input's zero point and the rounding constant") {
    const auto graph = quantized_network(branching_network());
    const auto& node = graph.nodes[0];
    const auto lowered = ctq::lower_node<ctq::rule::affine_int8>(graph, node);
    const auto& weights = graph.constant_of(node.inputs[1]).as<std::int8_t>();
    const auto& bias = graph.constant_of(node.inputs[2]).as<std::int32_t>();
    const auto& folded = lowered.inputs[ctq::op::weighted::bias].elements.as<std::int32_t>();
    const auto& multiplier = lowered.inputs[ctq::op::weighted::multiplier].elements.as<std::int16_t>();
    const auto& shift = lowered.inputs[ctq::op::weighted::shift].elements.as<std::int8_t>();
    const ctq::quantization in = graph.value_at(node.inputs[0]).facts.quantization;
    const ctq::quantization out = graph.value_at(node.output()).facts.quantization;
    REQUIRE(bias.size() == 4);
    CHECK(in.zero_point != 0);
    for (std::size_t channel = 0; channel < bias.size(); ++channel) {
        std::int32_t sum = 0;
        for (std::size_t k = 0; k < 8; ++k) sum += weights[channel * 8 + k];
        const ctq::scaling s{multiplier[channel], shift[channel]};
        CHECK(folded[channel] == bias[channel] - in.zero_point * sum + ctq::three_step::rounding(s));
        const double scale = static_cast<double>(in.scale) * graph.value_at(node.inputs[1]).scale_of(channel) /
                             static_cast<double>(out.scale);
        CHECK(ctq::three_step::decode(s) == doctest::Approx(scale).epsilon(1e-4));
    }
}

TEST_CASE("lower: a constant that is computed with is kept, not made") {
    const auto graph = quantized_network(in_place_network());
    int kept = 0;
    for (const auto& node : graph.nodes)
        for (const auto& each : ctq::lower_node<ctq::rule::affine_int8>(graph, node).inputs)
            kept += each.value >= 0 && graph.is_constant(each.value) ? 1 : 0;
    CHECK(kept == 1);
}

TEST_CASE("lower: a float node keeps all that it reads") {
    const auto graph = residual_network();
    for (const auto& node : graph.nodes) {
        const auto lowered = ctq::lower_node<ctq::rule_list<>>(graph, node);
        REQUIRE(lowered.inputs.size() == node.inputs.size());
        for (std::size_t i = 0; i < node.inputs.size(); ++i) CHECK(lowered.inputs[i].value == node.inputs[i]);
    }
}

TEST_CASE("lower: under rules that do not make such a node it is a fault") {
    const auto graph = quantized_network(residual_network());
    CHECK_THROWS_AS(ctq::lower_node<ctq::rule::tflite_int8>(graph, graph.nodes[0]), ctq::model_error);
}

TEST_CASE("lower: what a dynamic layer reads: its activation, constants, and the values of scale and zero point") {
    ctq::builder b;
    const auto x = b.input("x", {1, 4});
    const auto source = b.finish(b.dense(x, {weights(8), weights(2, 20)}));
    const auto check = [&]<class Rule>(Rule, std::size_t inputs) {
        const auto graph = ctq::annotate<Rule>(source, std::vector<ctq::bounds>(source.values.size()),
                                               ctq::flags(source.nodes.size(), 0));
        const auto& node = graph.nodes.back();
        const auto& of = graph.value_at(node.inputs[0]).dynamic;
        const auto lowered = ctq::lower_node<Rule>(graph, node);
        REQUIRE(lowered.inputs.size() == inputs);
        CHECK(lowered.inputs[1].role == "weights");
        CHECK(lowered.inputs[2].elements.template as<float>() ==
              std::vector<float>(weights(2, 20).begin(), weights(2, 20).end()));
        CHECK(lowered.inputs[3].role == "weight_scale");
        CHECK(lowered.inputs[4].value == of.scale);
        if (inputs == 6) CHECK(lowered.inputs[5].value == of.zero_point);
    };
    check(ctq::rule::dynamic_int8{}, 5);
    check(ctq::rule::dynamic_uint8{}, 6);
}

TEST_CASE("lower: a node that would read integers without their scale is a fault") {
    ctq::builder b;
    const auto source = b.finish(b.softmax(b.input("x", {1, 4})));
    const std::vector<ctq::bounds> ranges(source.values.size(), ctq::bounds{-1, 1});
    auto graph = ctq::annotate<ctq::rule::affine_int8>(source, ranges, ctq::flags(source.nodes.size(), 0));
    const int scale = graph.add_value("scale", {ctq::dtype::float32, {}});
    graph.value_at(graph.nodes[0].inputs[0]).dynamic.scale = scale;
    CHECK_THROWS_WITH_AS(ctq::lower_node<ctq::rule::affine_int8>(graph, graph.nodes[0]),
                         "integers under a scale that is measured at run time are for weighted nodes that make reals",
                         ctq::model_error);
}

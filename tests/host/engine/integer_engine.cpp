#include "graphs.hpp"

#include <ctq/host/engine/integer_engine.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <type_traits>
#include <vector>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;

namespace {

/// The graph's inputs as it takes them.
std::vector<constant> quantized_sample(const default_graph& integer, const std::vector<constant>& sample) {
    std::vector<constant> in;
    for (std::size_t i = 0; i < sample.size(); ++i) {
        const tensor_facts& facts = integer.value_at(integer.inputs[i].value).facts;
        if (facts.type == dtype::float32) {
            in.push_back(sample[i]);
            continue;
        }
        std::vector<std::int8_t> integers;
        for (const float x : sample[i].as<float>()) integers.push_back(static_cast<std::int8_t>(quantize(x, facts)));
        in.emplace_back(std::move(integers));
    }
    return in;
}

/// `domains`: as annotate takes them. Returns the annotated graph.
template <class Rules, class Domains>
default_graph check_equal_to_evaluate(const default_graph& graph, const Domains& domains) {
    const auto calibration = evaluate(graph, sample_for(graph, 11));
    const auto integer = annotated<Rules>(graph, ranges_from(calibration), domains);
    for (const isa set : all_isas) {
        if (!runs(set)) continue;
        CAPTURE(name_of(set));
        integer_engine<Rules, default_graph> kept(integer, memory_use::kept, set);
        integer_engine<Rules, default_graph> reused(integer, memory_use::reused, set);
        for (std::uint32_t seed = 11; seed <= 12; ++seed) {
            const auto sample = sample_for(graph, seed);
            const auto expected = evaluate<Rules>(integer, quantized_sample(integer, sample));
            for (std::size_t i = 0; i < sample.size(); ++i) {
                kept.set_input(i, sample[i].as<float>());
                reused.set_input(i, sample[i].as<float>());
            }
            kept.run();
            reused.run();
            for (std::size_t v = 0; v < expected.size(); ++v) {
                if (integer.values[v].constant >= 0) continue;
                CAPTURE(integer.values[v].name.view());
                CHECK(same_elements(kept.value(static_cast<int>(v)), expected[v]));
            }
            for (const port& output : integer.outputs)
                CHECK(same_elements(reused.value(output.value), expected[static_cast<std::size_t>(output.value)]));
        }
    }
    return integer;
}

} // namespace

TEST_CASE_TEMPLATE("bit for bit equal to evaluate, on every instruction set", Rule, rule::affine_int8,
                   rule::tflite_int8) {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        check_equal_to_evaluate<Rule>(each.graph, flags(each.graph.nodes.size(), false));
    }
}

TEST_CASE("float islands have the bits of the definitions") {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        flags keep_float(each.graph.nodes.size(), false);
        for (std::size_t i = 0; i < keep_float.size(); i += 2) keep_float[i] = true;
        check_equal_to_evaluate<rule::affine_int8>(each.graph, keep_float);
        for (std::size_t i = 0; i < keep_float.size(); ++i) keep_float[i] = i % 2 == 1;
        check_equal_to_evaluate<rule::affine_int8>(each.graph, keep_float);
    }
}

TEST_CASE("a convolution with a residual is among the graphs") {
    const default_graph graph = prepare(residual(), default_registry);
    const default_graph fused = check_equal_to_evaluate<rule::affine_int8>(graph, flags(graph.nodes.size(), false));
    CHECK(std::ranges::any_of(fused.nodes, [](const auto& node) {
        return operator_if<op::conv2d>(node) != nullptr && node.inputs.size() == 4;
    }));
}

TEST_CASE("layers under two roundings and in float, one beside another") {
    using rules = rule_list<rule::affine_int8, rule::tflite_int8>;
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        for (const int first : {0, 1, 2}) {
            std::vector<int> domains(each.graph.nodes.size());
            for (std::size_t i = 0; i < domains.size(); ++i) domains[i] = (static_cast<int>(i) + first) % 3;
            check_equal_to_evaluate<rules>(each.graph, domains);
        }
    }
}

TEST_CASE("a node that no rule of the engine makes is refused") {
    const default_graph graph = prepare(dense_layers(), default_registry);
    default_graph other = annotated<rule::tflite_int8>(graph, ranges_from(evaluate(graph, sample_for(graph, 1))),
                                                       flags(graph.nodes.size(), false));
    CHECK_NOTHROW(integer_engine<rule::tflite_int8, default_graph>{other});
    CHECK_THROWS_AS((integer_engine<rule::affine_int8, default_graph>{other}), model_error);
    other.nodes[0].op = op::batch_normalization{}; // has no integer meaning
    CHECK_THROWS_AS((integer_engine<rule::tflite_int8, default_graph>{other}), model_error);
}

TEST_CASE("output reads reals") {
    const default_graph graph = prepare(residual(), default_registry);
    const auto calibration = evaluate(graph, sample_for(graph, 11));
    const auto integer =
        annotated<rule::affine_int8>(graph, ranges_from(calibration), flags(graph.nodes.size(), false));
    integer_engine<rule::affine_int8, default_graph> engine(integer);
    engine.set_input(0, sample_for(graph, 11)[0].as<float>());
    engine.run();
    std::vector<float> output(engine.output_size(0));
    engine.output(0, output);
    const auto& expected = calibration[static_cast<std::size_t>(graph.outputs[0].value)].as<float>();
    for (std::size_t i = 0; i < output.size(); ++i) CHECK(std::abs(output[i] - expected[i]) < 0.05f);
    CHECK_THROWS_AS(engine.set_input(0, std::vector<float>(3)), model_error);
}

namespace users_own {

/// An operator that only this file knows.
struct cube {
    static constexpr std::string_view name = "cube";
    static constexpr std::string_view cpp_name = "cube";
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const cube&, const cube&) = default;
    constexpr float operator()(float x) const { return x * x * x; }
};

constexpr auto with_cube = default_registry.with<cube>();

} // namespace users_own

TEST_CASE("operators of the user's own run beside the registered ones") {
    using namespace users_own;
    using graph_type = graph_of<with_cube>;
    random_builder<builder_of<with_cube>> b;
    layer x = b.plain.input("image", {1, 6, 6, 3});
    x = b.conv(x, 3, 16, {.kernel = {3, 3}});
    x = b.plain.apply(cube{}, {x});
    const graph_type graph = prepare(b.plain.finish(b.dense(x, 256, 4)), with_cube);
    const std::vector<constant> sample{constant(numbers(108, 5))};
    const auto real = evaluate(graph, sample);
    const auto integer =
        annotated<rule::affine_int8, with_cube>(graph, ranges_from(real), flags(graph.nodes.size(), false));
    const auto facts = integer.value_at(integer.inputs[0].value).facts;
    std::vector<std::int8_t> in;
    for (const float each : sample[0].as<float>()) in.push_back(static_cast<std::int8_t>(quantize(each, facts)));
    const auto expected = evaluate<rule::affine_int8>(integer, {constant(in)});
    integer_engine<rule::affine_int8, graph_type> engine(integer);
    engine.set_input(0, sample[0].as<float>());
    engine.run();
    const int output = integer.outputs[0].value;
    CHECK(same_elements(engine.value(output), expected[static_cast<std::size_t>(output)]));
}

TEST_CASE_TEMPLATE("ranges that are measured at run time: the bits of evaluate", Rule, rule::dynamic_int8,
                   rule::dynamic_uint8) {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        check_equal_to_evaluate<Rule>(each.graph, flags(each.graph.nodes.size(), false));
    }
}

#include "../../examples/custom_rule/shift_uint8.hpp"

#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/graph/validate.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq;
using namespace ctq::testing;

TEST_CASE("program: constants that were packed are gone, places tell where values stand") {
    const auto graph = quantized_network(residual_network());
    const auto made = lower_graph<rule::affine_int8>(graph);
    REQUIRE(made.nodes.size() == graph.nodes.size());
    for (std::size_t i = 0; i < made.nodes.size(); ++i) {
        CHECK(made.nodes[i].source == static_cast<int>(i));
        CHECK(made.nodes[i].types == signature_of(graph, graph.nodes[i]));
        CHECK(never_overflows<rule::affine_int8>(made, made.nodes[i]));
    }
    for (std::size_t v = 0; v < graph.values.size(); ++v) {
        const int place = made.places[v];
        if (graph.values[v].constant >= 0)
            CHECK(place < 0);
        else
            CHECK(made.value_at(place).name == graph.values[v].name);
    }
}

TEST_CASE("program: what lowering made is named after node and role, what it kept stands once") {
    const auto packed = lower_graph<rule::affine_int8>(quantized_network(residual_network()));
    const auto& conv = packed.nodes[0];
    REQUIRE(conv.inputs.size() == 5);
    const std::vector<text> names{"conv.weights", "conv.bias", "conv.multiplier", "conv.shift"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const value& made = packed.value_at(conv.inputs[i + 1]);
        CHECK(made.name == names[i]);
        REQUIRE(made.constant >= 0);
        CHECK(packed.constant_of(conv.inputs[i + 1]).type() == made.facts.type);
        CHECK(packed.tensor_at(conv.inputs[i + 1]).facts == made.facts);
    }
    const auto graph = quantized_network(in_place_network());
    const auto kept = lower_graph<rule::affine_int8>(graph);
    int offsets = 0;
    for (std::size_t v = 0; v < graph.values.size(); ++v) {
        if (graph.values[v].constant < 0) continue;
        ++offsets;
        CHECK(kept.constant_of(kept.places[v]) == graph.constant_of(static_cast<int>(v)));
    }
    CHECK(offsets == 1);
}

TEST_CASE("program: a float graph is its own program") {
    const auto graph = many_ports_network();
    const auto made = lower_graph<rule_list<>>(graph);
    REQUIRE(made.nodes.size() == graph.nodes.size());
    CHECK(made.inputs.size() == 2);
    CHECK(made.outputs.size() == 3);
    for (std::size_t i = 0; i < made.nodes.size(); ++i) {
        CHECK(made.nodes[i].name == graph.nodes[i].name);
        for (std::size_t k = 0; k < graph.nodes[i].inputs.size(); ++k)
            CHECK(made.nodes[i].inputs[k] == made.places[static_cast<std::size_t>(graph.nodes[i].inputs[k])]);
        CHECK(never_overflows<rule_list<>>(made, made.nodes[i]));
    }
    CHECK(made.constants.size() == graph.constants.size());
}

TEST_CASE("program: the overflow proof reads the constants that the program has") {
    auto made = lower_graph<rule::affine_int8>(quantized_network(residual_network()));
    const auto& conv = made.nodes[0];
    CHECK(never_overflows<rule::affine_int8>(made, conv));
    const int bias = made.value_at(conv.inputs[op::weighted::bias]).constant;
    made.constants[static_cast<std::size_t>(bias)].as<std::int32_t>()[2] = std::numeric_limits<std::int32_t>::max();
    CHECK_FALSE(never_overflows<rule::affine_int8>(made, conv));
}

TEST_CASE("program: made in a constant expression") {
    static_assert(lower_graph<rule_list<>>(branching_network()).nodes.size() == branching_network().nodes.size());
}

namespace {

/// A rule of shifts on uint8, one of int16, the default one, and float between them.
using mixed_rules = rule_list<my::shift_uint8, rule::int16x8, rule::affine_int8>;

constexpr default_graph mixed_network() {
    const auto source = residual_network();
    std::vector<int> domains;
    for (std::size_t i = 0; i < source.nodes.size(); ++i) domains.push_back(static_cast<int>((i + 1) % 4));
    constexpr const auto& ranges = constant_ranges<residual_network>;
    return annotate<mixed_rules>(source, std::vector<bounds>(ranges.begin(), ranges.end()), domains);
}

} // namespace

TEST_CASE("program: rules mixed layer by layer, and float between them") {
    const auto source = residual_network();
    const auto graph = mixed_network();
    CHECK(graph.domains.size() == 4);
    bool seen[4] = {};
    for (const auto& node : graph.nodes) seen[node.domain] = true;
    CHECK((seen[0] && seen[1] && seen[2] && seen[3]));
    const auto inputs = sample_inputs(source, 0);
    const auto wanted = output_reals(source, evaluate(source, as_constants(inputs)), 0);
    const auto elements = evaluate<mixed_rules>(graph, as_inputs(graph, inputs));
    const auto got = output_reals(graph, elements, 0);
    REQUIRE(wanted.size() == got.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::abs(wanted[i] - got[i]) < 0.03f);

    using model = frozen_model<mixed_network, mixed_rules>;
    static executor<model> fast_net;
    static executor<model, policy::small> small_net;
    std::vector<float> fast_out(got.size()), small_out(got.size());
    fast_net.run(inputs[0], fast_out);
    small_net.run(inputs[0], small_out);
    CHECK(fast_out == got);
    CHECK(small_out == got);
}

TEST_CASE("program: an output names the one that counts its rows, as before") {
    const default_graph graph = prepare(choosing_network(), default_registry);
    const std::vector<bounds> ranges(graph.values.size(), {-1, 1});
    const default_graph integers = annotate<rule::affine_int8>(graph, ranges, flags(graph.nodes.size(), 0));
    validate(integers);
    const auto made = lower_graph<rule::affine_int8>(integers);
    for (const auto& outputs : {graph.outputs, integers.outputs, made.outputs}) {
        REQUIRE(outputs.size() == 4);
        for (std::size_t i = 0; i < 4; ++i) CHECK(outputs[i].count == (i == 0 ? 1 : -1));
    }
}

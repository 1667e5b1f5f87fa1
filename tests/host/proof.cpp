#include "engine/graphs.hpp"

#include <ctq/host/proof.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace ctq;
using namespace engine_test;

namespace users_own {

/// Integers that are added up without a word on how large they become.
struct careless {
    static constexpr std::string_view name = "careless";
    static constexpr std::string_view cpp_name = "careless";
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const careless&, const careless&) = default;

    constexpr shape output_shape(shapes in) const { return in[0]; }
    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
    }
    template <signature S> constexpr void compute_integer(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<element<S.y>>()[i] = static_cast<element<S.y>>(read_integer<S.x>(in[0].as<element<S.x>>(), i));
    }
};

} // namespace users_own

using users_own::careless;

namespace {

constexpr auto with_careless = default_registry.with<careless>();

template <class Rule = rule::affine_int8> std::string fault_of(const auto& program) {
    try {
        host::prove<Rule>(program);
    } catch (const model_error& fault) {
        return fault.what();
    }
    return "";
}

} // namespace

TEST_CASE("proof: an operator that states no bound is refused by name, with numbers and what to do") {
    basic_builder<operation_variant<std::remove_cvref_t<decltype(with_careless)>>> b;
    const auto graph = b.finish(b.apply(careless{}, {b.input("x", {2, 3})}, "sum"));
    const std::vector<bounds> ranges(graph.values.size(), bounds{-1, 1});
    const auto integers = annotate<rule::affine_int8>(graph, ranges, flags(1, std::uint8_t{0}));
    CHECK(fault_of(lower_graph<rule::affine_int8>(integers)) ==
          "node 'sum' (careless): its accumulators are not proved to keep within 32 bits (2x3 of -128 to 127 makes "
          "2x3); keep it in float: --exclude sum, or state its bound where the operator is yours: never_overflows");
    const auto in_float = annotate<rule::affine_int8>(graph, ranges, flags(1, std::uint8_t{1}));
    CHECK(fault_of(lower_graph<rule::affine_int8>(in_float)).empty());
}

TEST_CASE("proof: constants that could overflow are refused, the registered operators' are proved") {
    const default_graph graph = prepare(dense_layers(), default_registry);
    const auto ranges = ranges_from(evaluate(graph, sample_for(graph, 1)));
    auto program =
        lower_graph<rule::affine_int8>(annotated<rule::affine_int8>(graph, ranges, flags(3, std::uint8_t{0})));
    CHECK(fault_of(program).empty());
    const auto& second = program.nodes[1];
    const int bias = program.value_at(second.inputs[op::weighted::bias]).constant;
    program.constants[static_cast<std::size_t>(bias)].as<std::int32_t>()[2] = std::numeric_limits<std::int32_t>::max();
    const std::string fault = fault_of(program);
    CHECK(fault.find("node '" + std::string(second.name.view()) + "' (dense): its accumulators") == 0);
}

TEST_CASE("proof: a bias of 64 bits is shown by its numbers") {
    builder b;
    const auto graph =
        prepare(b.finish(b.dense(b.input("x", {1, 1}), {std::array{1e-6f}, std::array{1e5f}})), default_registry);
    const std::vector<bounds> ranges(graph.values.size(), bounds{-1, 1});
    const auto program = lower_graph<rule::int16x8>(annotated<rule::int16x8>(graph, ranges, flags(1, std::uint8_t{0})));
    const auto& node = program.nodes[0];
    const std::int64_t bias = program.constant_of(node.inputs[op::weighted::bias]).as<std::int64_t>()[0];
    REQUIRE(bias > std::int64_t{1} << 48);
    const std::string number = std::to_string(bias);
    CHECK(fault_of<rule::int16x8>(program).find("within 64 bits (1x1 of -32768 to 32767, 1 of " + number + " to " +
                                                number + " makes 1x1)") != std::string::npos);
}

TEST_CASE("proof: constants that do not fit the integers are refused by the name of their node") {
    builder b;
    const layer first = b.dense(b.input("x", {1, 1}), {std::array{1.0f}, std::array{0.0f}}, bounds::none(), "first");
    const layer second = b.dense(first, {std::array{1e-20f}, std::array{1e10f}}, bounds::none(), "second");
    const auto graph = prepare(b.finish(second), default_registry);
    const std::vector<bounds> ranges(graph.values.size(), bounds{-1, 1});
    const auto integers = annotated<rule::int16x8>(graph, ranges, flags(2, std::uint8_t{0}));
    using network = host::proved_network<rule::int16x8, default_graph>;
    CHECK_THROWS_WITH_AS(network{integers},
                         "node 'second' (dense): a channel's sums start beyond 64 bits, at its bias less the input's "
                         "zero point times the sum of its weights; exclude the layer",
                         model_error);
}

TEST_CASE("proof: what a rule or a pass of a user's own left of a graph must be one") {
    const default_graph graph = prepare(dense_layers(), default_registry);
    const auto ranges = ranges_from(evaluate(graph, sample_for(graph, 1)));
    auto integers = annotated<rule::affine_int8>(graph, ranges, flags(3, std::uint8_t{0}));
    using network = host::proved_network<rule::affine_int8, default_graph>;
    CHECK_NOTHROW(network{integers});
    integers.value_at(integers.outputs[0].value).facts.range.high = 1000;
    CHECK_THROWS_WITH_AS(network{integers}, doctest::Contains("its range must be within what its type holds"),
                         model_error);
}

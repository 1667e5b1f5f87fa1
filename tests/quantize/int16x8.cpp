// The rule's parameters, and networks that run under it from annotation to lowered nodes.
#include <ctq/execute/program.hpp>
#include <ctq/quantize/int16x8.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>
#include <laws/rules.hpp>
#include <operators/single_node.hpp>

#include <cmath>
#include <limits>

using namespace ctq;
using namespace ctq::testing;

static_assert(rule::int16x8::activation({-1.0f, 3.0f}) == quantization{static_cast<float>(3.0 / 32767), 0});
static_assert(rule::int16x8::activation({-2.0f, 0.5f}) == quantization{static_cast<float>(2.0 / 32767), 0});
static_assert(rule::int16x8::activation({0.0f, 0.0f}).scale > 0);
static_assert(rule::int16x8::activation(unit_interval(dtype::int16)) == quantization{0x1p-15f, 0});
static_assert(rule::int16x8::activation_limits(bounds::relu(), {0.5f, 0}) == limits{0, 32767});
static_assert(rule::int16x8::activation_limits(bounds::relu6(), {0.5f, 0}) == limits{0, 12});
static_assert(rule::int16x8::activation_limits(bounds{-0.25f, 0.25f}, {0.5f, 0}) ==
              limits{-1, 1}); // halves away from zero
static_assert(has_integer_meaning<op::dense, signature{dtype::int16, dtype::int8, dtype::int16, dtype::int64,
                                                       rounding::single_rounding}>);
static_assert(has_integer_meaning<op::dense, signature{dtype::int16, dtype::int8, dtype::int16, dtype::int32,
                                                       rounding::single_rounding}>);

namespace {

/// A function that ctq has no int16 definition for.
struct growth {
    static constexpr std::string_view name = "growth", cpp_name = "growth";
    static constexpr auto attributes = no_attributes;
    constexpr float operator()(float x) const { return elementary::exp(x) - 1.0f; }
    constexpr bool operator==(const growth&) const = default;
};

/// The largest error of output 0 over the calibration samples, which do not saturate.
double largest_error(const default_graph& source) {
    const auto graph = quantized_network<rule::int16x8>(source);
    double largest = 0;
    for (std::uint32_t sample = 0; sample < calibration_count; ++sample) {
        const auto inputs = sample_inputs(source, sample);
        const auto wanted = output_reals(source, evaluate(source, as_constants(inputs)), 0);
        const auto got = output_reals(graph, evaluate<rule::int16x8>(graph, as_inputs(graph, inputs)), 0);
        REQUIRE(wanted.size() == got.size());
        for (std::size_t i = 0; i < got.size(); ++i)
            largest = std::fmax(largest, std::abs(static_cast<double>(wanted[i]) - static_cast<double>(got[i])));
    }
    return largest;
}

} // namespace

TEST_CASE("int16x8: types, sums of 32 bits where they fit, and roundings of a network's nodes") {
    const auto graph = quantized_network<rule::int16x8>(residual_network());
    const auto made = lower_graph<rule::int16x8>(graph);
    for (const auto& node : made.nodes) {
        const bool weighted = node.types.how == rounding::single_rounding;
        CHECK(node.types.x == dtype::int16);
        CHECK(node.types.y == dtype::int16);
        CHECK(node.types.w == (weighted ? dtype::int8 : dtype::int16));
        CHECK(node.types.sum == dtype::int32);
        CHECK((weighted || node.types.how == rounding::double_rounding));
        CHECK(never_overflows<rule::int16x8>(made, node));
        if (weighted) CHECK(made.constant_of(node.inputs[op::weighted::bias]).type() == dtype::int32);
    }
    CHECK(graph.values[static_cast<std::size_t>(graph.outputs[0].value)].facts.quantization ==
          quantization{0x1p-15f, 0});
}

TEST_CASE("int16x8: networks keep close to float, by weights of 8 bits only") {
    CHECK(largest_error(residual_network()) < 0.01);
    CHECK(largest_error(branching_network()) < 0.02);
    CHECK(largest_error(many_ports_network()) < 0.0005);
    CHECK(largest_error(in_place_network()) < 0.0005);
}

TEST_CASE("int16x8: a bias that 32 bits cannot hold beside its weights") {
    const std::vector<float> kernel{1e-6f, -1e-6f}, bias{3.0f};
    const auto node = testing::quantized_node<rule::int16x8>(
        op::dense{}, {{{1, 2}, {}, {-1, 1}}, {{1, 2}, kernel}, {{1}, bias}}, {0.0f, 4.0f});
    const auto& stored = node.graph.constant_of(node.node().inputs[2]).template as<std::int64_t>();
    CHECK(stored[0] > std::numeric_limits<std::int32_t>::max());
    CHECK(node.never_overflows());
    CHECK(std::abs(node.run({{0, 0}})[0] - 3.0 / static_cast<double>(node.output().quantization.scale)) < 1.5);
}

TEST_CASE("int16x8: sums have 32 bits up to the last weight that is proved to fit, 64 beyond, and the same results") {
    // 516 products of 127 and -32768 make -2147352576, 517 of them are beyond 32 bits.
    const auto layer = [](std::size_t inputs, const auto& rule) {
        const std::vector<float> ones(inputs, 1.0f);
        const auto extent = static_cast<std::int32_t>(inputs);
        return testing::quantized_node<std::remove_cvref_t<decltype(rule)>>(
            op::dense{}, {{{1, extent}, {}, {-1, 1}}, {{1, extent}, ones}}, {-520.0f, 520.0f});
    };
    for (const auto& [inputs, sum] : {std::pair{516, dtype::int32}, std::pair{517, dtype::int64}}) {
        const auto own = layer(static_cast<std::size_t>(inputs), rule::int16x8{});
        const auto wide = layer(static_cast<std::size_t>(inputs), laws::int16_in_64_bits{});
        CHECK(signature_of(own.graph, own.node()).sum == sum);
        CHECK(signature_of(wide.graph, wide.node()).sum == dtype::int64);
        CHECK(own.never_overflows());
        for (const int activation : {-32768, -32767, -12345, 0, 1, 32767}) {
            const std::vector<std::int16_t> all(static_cast<std::size_t>(inputs),
                                                static_cast<std::int16_t>(activation));
            CHECK(own.run({all}) == wide.run({all}));
        }
    }
}

TEST_CASE("int16x8: any other function of one real is a table of 513 points") {
    const auto node = testing::quantized_node<rule::int16x8>(growth{}, {{{5}, {}, {-2, 2}}}, {-1, 7});
    CHECK(node.lowered().nodes[0].inputs.size() == 2);
    const auto out = node.run({{-32768, -16000, 0, 12345, 32767}});
    for (std::size_t i = 0; i < 5; ++i) {
        const int x = std::array{-32768, -16000, 0, 12345, 32767}[i];
        const double wanted = std::exp(exact_real_of(x, node.input().quantization)) - 1;
        CHECK(std::abs(exact_real_of(out[i], node.output().quantization) - wanted) < 0.001);
    }
}

TEST_CASE("int16x8: compiled, run and proved in a constant expression") {
    static_assert([] {
        const auto graph = quantized_constant<branching_network, rule::int16x8>();
        const auto made = lower_graph<rule::int16x8>(graph);
        for (const auto& node : made.nodes)
            if (!never_overflows<rule::int16x8>(made, node)) return false;
        return true;
    }());
}

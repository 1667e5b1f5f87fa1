#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/graph/validate.hpp>
#include <ctq/quantize/dynamic_int8.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <doctest/doctest.h>
#include <graph/recurrent.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

using namespace ctq;
using namespace ctq::testing;

namespace {

static_assert(dynamic_ranges<rule::dynamic_int8> && dynamic_ranges<rule::dynamic_uint8> &&
              !dynamic_ranges<rule::affine_int8>);
static_assert(rule::dynamic_int8::activation({-2, 1}).zero_point == 0 &&
              rule::dynamic_uint8::activation({-2, 1}).zero_point == 170);

/// A prepared graph under a rule, without any ranges.
template <class Rule> constexpr default_graph without_ranges(const default_graph& graph) {
    return annotate<Rule>(graph, std::vector<bounds>(graph.values.size()), flags(graph.nodes.size(), 0));
}

constexpr default_graph one_dense() {
    builder b;
    const auto x = b.input("x", {2, 2});
    return b.finish(b.dense(x, {std::array{1.27f, -0.5f, 0.0f, 0.0f}, std::array{10.0f, -3.0f}}, bounds::relu()), "y");
}

/// The elements of the only output.
template <class Rule>
constexpr std::vector<float> output_of(const default_graph& graph, const std::vector<float>& input) {
    const default_graph integers = without_ranges<Rule>(graph);
    validate(integers);
    const auto elements = evaluate<Rule>(integers, {constant(input)});
    return elements[static_cast<std::size_t>(integers.outputs[0].value)].template as<float>();
}

// By hand: the scale is 1 and so the activations 127, -2, 0, 64 (63.5 to even); the weights 127 and -50 under 0.01.
static_assert([] {
    const auto y = output_of<rule::dynamic_int8>(one_dense(), {127.0f, -2.0f, 0.0f, 63.5f});
    const auto near = [&](std::size_t i, float wanted) { return y[i] > wanted - 1e-3f && y[i] < wanted + 1e-3f; };
    return y.size() == 4 && near(0, 127 * 1.27f + 2 * 0.5f + 10) && y[1] == 0 && y[2] == 0 && y[3] == 0;
}());
// The zero point is 2: the activations 255, 0, 2, 65 (63.5 rounds to 64 before it) and their differences the same
// reals.
static_assert([] {
    const auto y = output_of<rule::dynamic_uint8>(one_dense(), {253.0f, -2.0f, 0.0f, 63.5f});
    const auto near = [&](std::size_t i, float wanted) { return y[i] > wanted - 1e-3f && y[i] < wanted + 1e-3f; };
    return near(0, 253 * 1.27f + 2 * 0.5f + 10) && y[1] == 0 && y[2] == 0 && y[3] == 0;
}());

/// The nodes' operators and domains: "dynamic_quantize 1, dense 1, ...".
std::string nodes_of(const default_graph& graph) {
    std::string text;
    for (const auto& node : graph.nodes)
        text += (text.empty() ? "" : ", ") +
                std::string(visit_operator(node, [](const auto& op) -> std::string_view { return op.name; })) + " " +
                std::to_string(node.domain);
    return text;
}

/// The error of an activation is half a step at most, that of a weight half of its own: so a sum's is at most
/// sum |w| step / 2 + sum |x| weight_step / 2 + length * step * weight_step / 4, and float rounding.
template <class Rule> void check_dense_error(const std::vector<float>& x, std::size_t outputs) {
    const std::size_t length = x.size();
    const auto w = weights(outputs * length, 3), bias = weights(outputs, 200);
    builder b;
    const auto in = b.input("x", {1, static_cast<std::int32_t>(length)});
    const auto graph = prepare(b.finish(b.dense(in, {w, bias})), default_registry);
    const auto made = output_of<Rule>(graph, x);
    const double step = Rule::activation(measured_range(x)).scale;
    for (std::size_t o = 0; o < outputs; ++o) {
        double wanted = bias[o], sum_x = 0, sum_w = 0, largest = 0;
        for (std::size_t k = 0; k < length; ++k) {
            const double weight = w[o * length + k], each = x[k];
            wanted += weight * each;
            sum_x += std::abs(each);
            sum_w += std::abs(weight);
            largest = std::max(largest, std::abs(weight));
        }
        const double weight_step = largest / 127, count = static_cast<double>(length);
        // A uint8 zero point is rounded itself, so that an end of the range may lie half a step beyond.
        const double steps = Rule::symmetric ? 0.5 : 1.0;
        const double most = sum_w * step * steps + sum_x * weight_step / 2 + count * step * steps * weight_step / 2;
        CHECK(std::abs(made[o] - wanted) <= most + 1e-5 * (std::abs(wanted) + sum_x));
    }
}

/// The largest difference of two vectors as a part of the largest number in the second.
double relative_error(const std::vector<float>& made, const std::vector<float>& wanted) {
    double error = 0, largest = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        error = std::max(error, std::abs(double{made[i]} - double{wanted[i]}));
        largest = std::max(largest, std::abs(double{wanted[i]}));
    }
    return error / largest;
}

template <class Rule> void check_network(const default_graph& graph, std::size_t inputs) {
    for (const float spread : {1e-3f, 1.0f, 500.0f}) {
        CAPTURE(spread);
        std::vector<float> x(weights(inputs, 100).begin(), weights(inputs, 100).end());
        for (float& each : x) each *= spread;
        const auto real = evaluate(graph, {constant(x)});
        const auto& wanted = real[static_cast<std::size_t>(graph.outputs[0].value)].as<float>();
        CHECK(relative_error(output_of<Rule>(graph, x), wanted) < 0.03);
    }
}

} // namespace

TEST_CASE("dynamic rules: weighted nodes are integers, all else stays float; one measurement serves all readers") {
    builder b;
    const auto x = b.input("x", {1, 4, 4, 2});
    const auto a = b.conv2d(x, {weights(18)}, {.kernel = {3, 3}}),
               c = b.conv2d(x, {weights(18, 30)}, {.kernel = {3, 3}});
    const auto graph = b.finish(b.dense(b.reshape(b.add(a, c), {1, 4}), {weights(8)}));
    CHECK(nodes_of(without_ranges<rule::dynamic_int8>(graph)) ==
          "dynamic_quantize 1, conv2d 1, conv2d 1, add 0, reshape 0, dynamic_quantize 1, dense 1");
}

TEST_CASE("dynamic rules: values, names and types") {
    const auto graph = without_ranges<rule::dynamic_uint8>(one_dense());
    const auto named = [&](std::string_view name) {
        for (std::size_t i = 0; i < graph.values.size(); ++i)
            if (graph.values[i].name.view() == name) return static_cast<int>(i);
        return -1;
    };
    const value& integers = graph.value_at(named("x.quantized"));
    CHECK(integers.facts == tensor_facts{dtype::uint8, {2, 2}});
    CHECK(integers.dynamic == dynamic_reference{named("x.scale"), named("x.zero_point")});
    CHECK(graph.value_at(named("x.scale")).facts == tensor_facts{dtype::float32, {}});
    CHECK(graph.value_at(named("x.zero_point")).facts.range == limits{0, 255});
    CHECK(graph.value_at(graph.outputs[0].value).facts == tensor_facts{dtype::float32, {2, 2}});
    const auto symmetric = without_ranges<rule::dynamic_int8>(one_dense());
    for (const value& each : symmetric.values)
        if (each.dynamic.is_set()) CHECK((each.dynamic.zero_point == -1 && each.facts.range == limits{-127, 127}));
    for (const value& each : lower_graph<rule::dynamic_uint8>(graph).values) CHECK_FALSE(each.dynamic.is_set());
}

TEST_CASE("dynamic rules: a layer among static ones, in either direction") {
    builder b;
    auto x = b.input("x", {1, 8});
    x = b.dense(x, {weights(64), weights(8, 64)}, bounds::relu());
    x = b.dense(x, {weights(64, 80), weights(8, 150)}, bounds::relu());
    x = b.dense(x, {weights(64, 200), weights(8, 270)});
    const auto graph = b.finish(x);
    using rules = rule_list<rule::affine_int8, rule::dynamic_int8>;
    const auto mixed =
        annotate<rules>(graph, std::vector<bounds>(graph.values.size(), {-4, 4}), std::vector<int>{1, 2, 1});
    validate(mixed);
    CHECK(nodes_of(mixed) == "dense 1, dequantize 1, dynamic_quantize 2, dense 2, quantize 1, dense 1");
}

TEST_CASE("dynamic rules: states hold reals, from call to call") {
    const auto graph = prepare(recurrent_network(), default_registry);
    const auto integers = without_ranges<rule::dynamic_uint8>(graph);
    validate(integers);
    CHECK(nodes_of(integers) == "concat 0, dynamic_quantize 1, dense 1, tanh 0, dynamic_quantize 1, dense 1");
    CHECK(integers.value_at(integers.states[0].read).facts.type == dtype::float32);
    auto states = initial_states(integers), real_states = initial_states(graph);
    for (std::uint32_t call = 0; call < 5; ++call) {
        const auto inputs = as_constants(sample_inputs(graph, call));
        const auto made = evaluate<rule::dynamic_uint8>(integers, inputs, states);
        const auto real = evaluate(graph, inputs, real_states);
        CHECK(relative_error(output_reals(integers, made, 0), output_reals(graph, real, 0)) < 0.03);
    }
}

TEST_CASE("dynamic rules: a dense layer is within the error that its steps allow") {
    for (const std::size_t length : {1U, 7U, 24U}) {
        std::vector<float> x(weights(length, 300).begin(), weights(length, 300).end());
        check_dense_error<rule::dynamic_int8>(x, 5);
        check_dense_error<rule::dynamic_uint8>(x, 5);
        for (float& each : x) each = std::abs(each) * 1000;
        check_dense_error<rule::dynamic_int8>(x, 5);
        check_dense_error<rule::dynamic_uint8>(x, 5);
    }
}

TEST_CASE("dynamic rules: whole networks are within 3 % of the float ones' largest output, for inputs of any size") {
    const auto branching = prepare(branching_network(), default_registry);
    check_network<rule::dynamic_int8>(branching, 8);
    check_network<rule::dynamic_uint8>(branching, 8);
    const auto residual = prepare(residual_network(), default_registry);
    check_network<rule::dynamic_int8>(residual, 72);
    check_network<rule::dynamic_uint8>(residual, 72);
}

TEST_CASE("dynamic rules: inputs of zeros give the biases") {
    for (const auto& y : {output_of<rule::dynamic_int8>(one_dense(), {0, 0, 0, 0}),
                          output_of<rule::dynamic_uint8>(one_dense(), {0, 0, 0, 0})})
        CHECK(y == std::vector<float>{10, 0, 10, 0});
}

TEST_CASE("dynamic rules: padding is zero whatever the zero point") {
    builder b;
    const auto x = b.input("x", {1, 2, 2, 1});
    const auto graph =
        b.finish(b.conv2d(x, {std::vector<float>(9, 1.0f)}, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}}));
    for (const std::vector<float>& pixels : {std::vector<float>{-3, -1, -2, 252}, {1, 2, 3, 255}, {-255, -3, -2, -1}})
        for (const float each : output_of<rule::dynamic_uint8>(graph, pixels))
            CHECK(each == doctest::Approx(pixels[0] + pixels[1] + pixels[2] + pixels[3]));
}

TEST_CASE("dynamic rules: the proof counts every zero point") {
    const auto proved = []<class Rule>(Rule, std::int32_t length) {
        builder b;
        const auto x = b.input("x", {1, length});
        std::vector<float> ones(static_cast<std::size_t>(length), 1.0f);
        for (std::size_t i = 0; i < ones.size(); i += 2) ones[i] = -1.0f;
        const auto graph = b.finish(b.dense(x, {ones}));
        const auto made = lower_graph<Rule>(without_ranges<Rule>(graph));
        return never_overflows<Rule>(made, made.nodes.back());
    };
    // 2^31 / (127 * 127) products of int8, and half as many differences of uint8: 2^31 / (255 * 127).
    CHECK(proved(rule::dynamic_int8{}, 133144));
    CHECK_FALSE(proved(rule::dynamic_int8{}, 133146));
    CHECK(proved(rule::dynamic_uint8{}, 66310));
    CHECK_FALSE(proved(rule::dynamic_uint8{}, 66312));
}

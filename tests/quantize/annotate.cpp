#include <ctq/execute/freeze.hpp>
#include <ctq/quantize/annotate.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <doctest/doctest.h>
#include <graph/recurrent.hpp>
#include <laws/rules.hpp>
#include <processor_time.hpp>

#include <array>
#include <cmath>
#include <string>

using namespace ctq::testing;
using ctq::default_graph;
using ctq::dtype;
using ctq::flags;

namespace {

/// The largest difference between the float graph and the quantized one, in steps of the output.
template <class Rule>
double largest_error(const default_graph& graph, const default_graph& quantized, std::size_t output = 0) {
    const auto& facts = quantized.value_at(quantized.outputs[output].value).facts;
    double largest = 0;
    for (std::uint32_t seed = 0; seed < calibration_count; ++seed) {
        const auto inputs = sample_inputs(graph, seed);
        const auto wanted = output_reals(graph, ctq::evaluate<Rule>(graph, as_constants(inputs)), output);
        const auto got = output_reals(quantized, ctq::evaluate<Rule>(quantized, as_inputs(quantized, inputs)), output);
        REQUIRE(wanted.size() == got.size());
        for (std::size_t i = 0; i < got.size(); ++i) largest = std::max(largest, double{std::abs(wanted[i] - got[i])});
    }
    return facts.type == dtype::float32 ? largest : largest / double{facts.quantization.scale};
}

template <class Op> int count(const default_graph& graph) {
    int result = 0;
    for (const auto& node : graph.nodes) result += ctq::operator_if<Op>(node) != nullptr ? 1 : 0;
    return result;
}

int node_named(const default_graph& graph, std::string_view name) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        if (graph.nodes[i].name == name) return static_cast<int>(i);
    return -1;
}

const ctq::tensor_facts& facts_named(const default_graph& graph, std::string_view name) {
    for (const auto& value : graph.values)
        if (value.name == name) return value.facts;
    ctq::fail("no such value");
}

} // namespace

TEST_CASE_TEMPLATE("annotate: the integer network is near the float one", Rule, ctq::rule::affine_int8,
                   ctq::rule::tflite_int8) {
    CHECK(largest_error<Rule>(residual_network(), quantized_network<Rule>(residual_network())) < 8);
    CHECK(largest_error<Rule>(branching_network(), quantized_network<Rule>(branching_network())) < 8);
    CHECK(largest_error<Rule>(in_place_network(), quantized_network<Rule>(in_place_network())) < 16);
    for (std::size_t output = 0; output < 3; ++output)
        CHECK(largest_error<Rule>(many_ports_network(), quantized_network<Rule>(many_ports_network()), output) < 8);
}

TEST_CASE("annotate: all of a network of integer operators is integer, inputs and outputs too") {
    const auto graph = quantized_network<ctq::rule::tflite_int8>(residual_network());
    for (const auto& value : graph.values) CHECK(value.facts.type != dtype::float32);
    CHECK(graph.nodes.size() == residual_network().nodes.size());
    CHECK(graph.inputs[0].name == "image");
    CHECK(graph.outputs[0].name == "scores");
    CHECK(graph.value_at(graph.inputs[0].value).facts.shape == ctq::shape{1, 6, 6, 2});
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
        CHECK((graph.nodes[i].name == residual_network().nodes[i].name));
}

// Once -128 was among the integers of inputs, conversions and constant operands.
TEST_CASE("annotate: no integer is beyond the rule's own limits") {
    using rule = ctq::laws::symmetric_int8;
    ctq::builder b;
    const std::array<float, 2> k{-5.0f, 1.0f};
    const auto x = b.input("x", {1, 2});
    const auto sum = b.add(b.apply(ctq::op::sigmoid{}, {x}), b.constant("k", {2}, k));
    const auto joined = b.concat({b.multiply(x, sum), x});
    const default_graph source = b.finish(joined);
    flags keep(source.nodes.size(), 0);
    keep[0] = 1;
    std::vector<ctq::bounds> ranges(source.values.size(), ctq::bounds{-2.0f, 2.0f});
    ranges[static_cast<std::size_t>(x.value)] = {-1.0f, 1.0f};
    const auto graph = ctq::annotate<rule>(source, ranges, keep);
    CHECK(count<ctq::op::quantize>(graph) == 2);
    for (const auto& value : graph.values) {
        if (value.facts.type != dtype::int8) continue;
        CAPTURE(std::string(value.name.view()));
        CHECK(value.facts.range == ctq::limits{-127, 127});
    }
    for (const auto& each : graph.constants)
        for (const std::int8_t integer : each.as<std::int8_t>()) CHECK(integer >= -127);
}

TEST_CASE(
    "annotate: sigmoid and tanh have scales of their own, whatever was observed; softmax where the rule says so") {
    CHECK(facts_named(quantized_network<ctq::rule::tflite_int8>(residual_network()), "softmax").quantization ==
          ctq::quantization{1.0f / 256, -128});
    CHECK(facts_named(quantized_network(residual_network()), "softmax").quantization !=
          ctq::quantization{1.0f / 256, -128});
    CHECK(facts_named(quantized_network(branching_network()), "sigmoid").quantization ==
          ctq::quantization{1.0f / 256, -128});
    CHECK(facts_named(quantized_network(in_place_network()), "tanh").quantization == ctq::quantization{1.0f / 128, 0});
}

TEST_CASE("annotate: what only moves values keeps their scale") {
    const auto graph = quantized_network(residual_network());
    CHECK(facts_named(graph, "max_pool").quantization == facts_named(graph, "conv").quantization);
    const auto in_place = quantized_network(in_place_network());
    CHECK(facts_named(in_place, "transpose").quantization == facts_named(in_place, "reshape").quantization);
    CHECK(facts_named(in_place, "clip").quantization == facts_named(in_place, "tanh").quantization);
}

TEST_CASE("annotate: a concat's inputs share one scale; an input whose scale is fixed is converted, once") {
    const auto graph = quantized_network(branching_network());
    const auto shared = facts_named(graph, "concat").quantization;
    CHECK(facts_named(graph, "dense").quantization == shared);
    CHECK(facts_named(graph, "dense_2").quantization == shared);
    CHECK(facts_named(graph, "concat_2").quantization == shared);
    CHECK(facts_named(graph, "sigmoid").quantization != shared);
    CHECK(count<ctq::op::requantize>(graph) == 1);
    CHECK(facts_named(graph, "concat_2.sigmoid.requantized").quantization == shared);
}

TEST_CASE("annotate: what a pad or a clamp adds is in its output's range, whatever scale its input is fixed to") {
    const auto padded = [](float fill) {
        ctq::builder b;
        ctq::op::pad around;
        around.before[1] = around.after[1] = 1;
        around.value = fill;
        return b.finish(b.apply(around, {b.apply(ctq::op::sigmoid{}, {b.input("x", {1, 4})})}));
    };
    for (const float fill : {0.0f, 0.5f, 5.0f, -3.0f}) {
        CAPTURE(fill);
        const bool within = fill == 0.0f || fill == 0.5f;
        const auto graph = quantized_network(padded(fill));
        CHECK(count<ctq::op::requantize>(graph) == (within ? 0 : 1));
        CHECK((facts_named(graph, "pad").quantization == facts_named(graph, "sigmoid").quantization) == within);
        CHECK(largest_error<ctq::rule::affine_int8>(padded(fill), graph) < 2);
    }
    // So does a clamp that leaves nothing of the input's range.
    const auto clamped = [](float low, float high) {
        ctq::builder b;
        const ctq::op::clip clip{.to = {low, high}};
        return b.finish(b.apply(clip, {b.apply(ctq::op::sigmoid{}, {b.input("x", {1, 4})})}));
    };
    for (const float low : {-1.0f, 0.25f, 2.0f}) {
        CAPTURE(low);
        CHECK(largest_error<ctq::rule::affine_int8>(clamped(low, low + 0.5f),
                                                    quantized_network(clamped(low, low + 0.5f))) < 2);
    }
    // What stands for minus infinity around a maximum would leave the values beside it one integer: it saturates.
    for (const float lowest : {-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::lowest(), -1e9f}) {
        const auto bordered = quantized_network(padded(lowest));
        CHECK(facts_named(bordered, "pad").quantization == facts_named(bordered, "sigmoid").quantization);
    }
    // Nor does a calibration that leaves the fill out cut it off.
    const default_graph source = padded(5.0f);
    std::vector<ctq::bounds> ranges(source.values.size(), ctq::bounds{0.0f, 1.0f});
    const auto graph = ctq::annotate<ctq::rule::affine_int8>(source, ranges, flags(source.nodes.size(), 0));
    CHECK(facts_named(graph, "pad").quantization.scale * 255 >= 5.0f);
    const default_graph far = padded(std::numeric_limits<float>::lowest());
    const auto cut = ctq::annotate<ctq::rule::affine_int8>(far, ranges, flags(far.nodes.size(), 0));
    CHECK(facts_named(cut, "pad").quantization.scale < 0.01f);
}

TEST_CASE("annotate: what moves a float layer's elements of a fixed range has that range, though nobody observes it") {
    ctq::builder b;
    const auto bounded = b.apply(ctq::op::tanh{}, {b.input("x", {2, 3})});
    const auto moved = b.apply(ctq::op::transpose{{1, 0}}, {b.apply(ctq::op::reshape{{2, 3}}, {bounded})});
    const default_graph source = b.finish(b.add(moved, moved));
    flags keep(source.nodes.size(), 0);
    keep[static_cast<std::size_t>(node_named(source, "tanh"))] = 1;
    auto ranges = observed_ranges(source);
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const auto& name = source.values[i].name;
        if (name == "tanh" || name == "reshape" || name == "transpose") ranges[i] = {0.0f, 0.0f};
    }
    const auto graph = ctq::annotate<ctq::rule::affine_int8>(source, ranges, keep);
    CHECK(count<ctq::op::quantize>(graph) == 1);
    CHECK(largest_error<ctq::rule::affine_int8>(source, graph) < 4);
}

TEST_CASE("annotate: a layer kept in float stands between conversions, one for each value") {
    const auto source = residual_network();
    flags keep(source.nodes.size(), false);
    keep[static_cast<std::size_t>(node_named(source, "max_pool"))] = true;
    const auto graph = quantized_network(source, keep);
    CHECK(facts_named(graph, "max_pool").type == dtype::float32);
    // The pool reads a dequantized convolution; its two readers share one quantized value.
    CHECK(count<ctq::op::dequantize>(graph) == 1);
    CHECK(count<ctq::op::quantize>(graph) == 1);
    CHECK(facts_named(graph, "conv_2").type == dtype::int8);
    CHECK(largest_error<ctq::rule::affine_int8>(source, graph) < 8);
}

TEST_CASE("annotate: neighbours in float share an island") {
    const auto source = residual_network();
    flags keep(source.nodes.size(), false);
    for (const char* name : {"conv_2", "conv_3", "add"})
        keep[static_cast<std::size_t>(node_named(source, name))] = true;
    const auto graph = quantized_network(source, keep);
    CHECK(count<ctq::op::dequantize>(graph) == 1); // the pool's output, read by conv_2 and by add
    CHECK(count<ctq::op::quantize>(graph) == 1);   // the sum
    CHECK(largest_error<ctq::rule::affine_int8>(source, graph) < 8);
}

TEST_CASE("annotate: a first or last layer in float leaves the port float") {
    const auto source = residual_network();
    flags keep(source.nodes.size(), false);
    keep.front() = keep.back() = true;
    const auto graph = quantized_network(source, keep);
    CHECK(graph.value_at(graph.inputs[0].value).facts.type == dtype::float32);
    CHECK(graph.value_at(graph.outputs[0].value).facts.type == dtype::float32);
    CHECK(largest_error<ctq::rule::affine_int8>(source, graph) < 0.05);
}

namespace {

/// x, read by dense "in float" and, behind a ReLU and a reshape, by nothing, by a dense layer or by two.
enum class behind { outside, floats, integers, both };
default_graph moved_input(behind reader, bool beside_float) {
    ctq::builder b;
    const auto x = b.input("x", {1, 4});
    std::vector<ctq::port> outputs;
    const auto show = [&](std::string_view name, ctq::layer layer) { outputs.push_back({name, layer.value}); };
    if (beside_float) show("beside", b.dense(x, {weights(8)}, ctq::bounds::none(), "in float"));
    const auto moved = b.reshape(b.apply(ctq::op::relu{}, {x}), {2, 2});
    if (reader == behind::outside) show("moved", moved);
    if (reader == behind::floats || reader == behind::both)
        show("floats", b.dense(moved, {weights(4, 8)}, ctq::bounds::none(), "in float too"));
    if (reader == behind::integers || reader == behind::both)
        show("integers", b.dense(moved, {weights(4, 16)}, ctq::bounds::none(), "in integers"));
    default_graph source = b.finish({ctq::port{"x", x.value}});
    source.outputs = outputs;
    flags keep(source.nodes.size(), false);
    for (const char* name : {"in float", "in float too"})
        if (const int node = node_named(source, name); node >= 0) keep[static_cast<std::size_t>(node)] = true;
    const auto graph = quantized_network(source, keep);
    CHECK_NOTHROW(ctq::validate(graph));
    return graph;
}

struct conversions {
    int quantize = 0, dequantize = 0;
    dtype input = dtype::float32, moved = dtype::float32;

    friend bool operator==(const conversions&, const conversions&) = default;
};
conversions conversions_of(const default_graph& graph) {
    return {count<ctq::op::quantize>(graph), count<ctq::op::dequantize>(graph), facts_named(graph, "x").type,
            facts_named(graph, "reshape").type};
}

} // namespace

// Once such an input was quantized to be moved, and dequantized again.
TEST_CASE("annotate: what moves an input is float where floats read it and the input, and no integers do") {
    const auto of = [](behind reader, bool beside_float) { return conversions_of(moved_input(reader, beside_float)); };
    CHECK(of(behind::outside, true) == conversions{0, 0});
    CHECK(of(behind::floats, true) == conversions{0, 0});
    CHECK(of(behind::floats, false) == conversions{0, 0});
    CHECK(of(behind::integers, true) == conversions{1, 0, dtype::float32, dtype::int8});
    CHECK(of(behind::both, true) == conversions{1, 1, dtype::float32, dtype::int8});
    CHECK(of(behind::both, false) == conversions{0, 1, dtype::int8, dtype::int8});
    CHECK(of(behind::integers, false) == conversions{0, 0, dtype::int8, dtype::int8});
    CHECK(of(behind::outside, false) == conversions{0, 0, dtype::int8, dtype::int8});
}

TEST_CASE("annotate: all layers in float is the float network, bit for bit") {
    const auto source = branching_network();
    const auto graph = quantized_network(source, flags(source.nodes.size(), true));
    CHECK(graph.nodes.size() == source.nodes.size());
    const auto inputs = as_constants(sample_inputs(source, 5));
    CHECK(output_reals(graph, ctq::evaluate<ctq::rule::affine_int8>(graph, inputs), 0) ==
          output_reals(source, ctq::evaluate(source, inputs), 0));
}

namespace {

/// x -> dense "signed" -> relu'd dense "positive", their sum, sigmoid, and both joined.
default_graph two_signs() {
    ctq::builder b;
    const auto x = b.input("x", {1, 4});
    const auto wide = b.dense(x, {weights(16)}, ctq::bounds::none(), "signed");
    const auto positive = b.dense(wide, {weights(16, 40)}, ctq::bounds::relu(), "positive");
    const auto gate = b.apply(ctq::op::sigmoid{}, {b.add(wide, positive)});
    return b.finish({{"joined", b.concat({gate, wide}).value}, {"positive", positive.value}});
}

} // namespace

TEST_CASE("annotate: a rule may choose the element type of each value; what shares a scale shares it") {
    const auto graph = quantized_network<ctq::laws::auto_int8>(two_signs());
    CHECK_NOTHROW(ctq::validate(graph));
    CHECK(facts_named(graph, "x").type == dtype::int8);
    CHECK(facts_named(graph, "signed").type == dtype::int8);
    CHECK(facts_named(graph, "signed").range == ctq::limits{-127, 127});
    CHECK(facts_named(graph, "positive").type == dtype::uint8);
    CHECK(facts_named(graph, "positive").range == ctq::limits{0, 255});
    CHECK(facts_named(graph, "sigmoid").type == dtype::uint8);
    CHECK(facts_named(graph, "sigmoid").quantization == ctq::quantization{1.0f / 256, 0});
    CHECK(facts_named(graph, "concat").type == dtype::int8);
    CHECK(facts_named(graph, "concat").quantization == facts_named(graph, "signed").quantization);
    CHECK(count<ctq::op::requantize>(graph) == 1); // the sigmoid, in the concat's type
    CHECK(facts_named(graph, "concat.sigmoid.requantized").type == dtype::int8);
    for (std::size_t output = 0; output < 2; ++output)
        CHECK(largest_error<ctq::laws::auto_int8>(two_signs(), graph, output) < 8);
}

TEST_CASE("annotate: sums that stay accumulators are read by outputs and floats; integer nodes share one requantized") {
    using rule = ctq::laws::auto_int8_sums;
    const auto source = two_signs();
    const auto graph = quantized_network<rule>(source);
    CHECK_NOTHROW(ctq::validate(graph));
    const auto& sums = facts_named(graph, "signed");
    CHECK(sums.type == dtype::int32);
    CHECK(sums.quantization.zero_point == 0);
    for (const auto& node : graph.nodes)
        if (node.name == "signed")
            CHECK(sums.quantization.scale == static_cast<float>(double{facts_named(graph, "x").quantization.scale} *
                                                                graph.value_at(node.inputs[1]).scale_of(0)));
    CHECK(facts_named(graph, "signed.requantized").type == dtype::int8);
    CHECK(facts_named(graph, "positive").range.low == 0); // ReLU, in accumulators
    CHECK(facts_named(graph, "positive.requantized").type == dtype::uint8);
    CHECK(graph.value_at(graph.outputs[1].value).facts.type == dtype::int32);
    CHECK(count<ctq::op::requantize>(graph) == 3); // both sums, and the sigmoid for the concat
    flags keep(source.nodes.size(), false);
    keep[static_cast<std::size_t>(node_named(source, "add"))] = true;
    const auto island = quantized_network<rule>(source, keep);
    for (const auto& node : island.nodes)
        if (ctq::operator_if<ctq::op::dequantize>(node) != nullptr)
            CHECK(island.value_at(node.inputs[0]).facts.type == dtype::int32);
    for (const auto& each : {graph, island}) {
        for (const auto& node : ctq::lower_graph<rule>(each).nodes)
            CHECK(ctq::never_overflows<rule>(ctq::lower_graph<rule>(each), node));
        const double step = double{facts_named(graph, "signed.requantized").quantization.scale};
        const double unit = double{each.value_at(each.outputs[1].value).facts.quantization.scale};
        CHECK(largest_error<rule>(source, each, 0) < 8);
        CHECK(largest_error<rule>(source, each, 1) * unit < 8 * step);
    }
}

TEST_CASE("annotate: accumulators of another width than the activations' are the type of the bias, also where there "
          "was none") {
    const auto biases = [](const default_graph& graph) {
        std::vector<dtype> types;
        for (const auto& node : graph.nodes)
            if (ctq::operator_if<ctq::op::dense>(node) != nullptr)
                types.push_back(node.inputs.size() < 3 ? dtype::float32 : graph.value_at(node.inputs[2]).facts.type);
        return types;
    };
    ctq::builder b;
    const auto source = b.finish(b.dense(b.input("x", {1, 4}), {weights(16)}));
    CHECK(biases(quantized_network<ctq::laws::int16_in_32_bits>(source)) == std::vector{dtype::int32});
    CHECK(biases(quantized_network<ctq::rule::int16x8>(source)) == std::vector{dtype::int32}); // proved to fit
    CHECK(biases(quantized_network<ctq::laws::int16_in_64_bits>(source)) ==
          std::vector{dtype::float32}); // none: int64 follows
    CHECK(biases(quantized_network<ctq::laws::int32_in_64_bits>(source)) == std::vector{dtype::int64});
    const auto error_under = [&]<class Rule>(Rule) {
        return largest_error<Rule>(source, quantized_network<Rule>(source));
    };
    CHECK(error_under(ctq::laws::int16_in_32_bits{}) < 1024); // of 65536 steps: the weights have 8 bits
    CHECK(error_under(ctq::laws::int32_in_64_bits{}) < 16);   // of 65535
    CHECK(error_under(ctq::laws::int32_in_32_bits{}) < 16);   // of 4095
}

TEST_CASE("annotate: an operator without integer meaning is an island by itself") {
    ctq::builder b;
    const auto x = b.input("x", {1, 2});
    const auto y = b.dense(x, {weights(4)});
    const auto constant = [&](const char* name) { return b.constant(name, {2}, weights(2, 400)); };
    const auto variance = b.constant("variance", {2}, std::array{0.5f, 2.0f});
    const auto z =
        b.apply(ctq::op::batch_normalization{}, {y, constant("gamma"), constant("beta"), constant("mean"), variance});
    const auto source = b.finish(b.dense(z, {weights(4, 30)}));
    const auto graph = quantized_network(source);
    CHECK(count<ctq::op::dequantize>(graph) == 1);
    CHECK(count<ctq::op::quantize>(graph) == 1);
    CHECK(facts_named(graph, "batch_normalization").type == dtype::float32);
    CHECK(largest_error<ctq::rule::affine_int8>(source, graph) < 4);
}

namespace {

/// A type of its own, and the limits of another.
struct half_changed : ctq::rule::affine_int8 {
    static constexpr std::string_view name = "half_changed";
    static constexpr dtype activation_type = dtype::uint8;
};

} // namespace

TEST_CASE("annotate: a rule's limits beyond its element type are a fault") {
    CHECK_THROWS_WITH_AS(quantized_network<half_changed>(in_place_network()),
                         "a rule's activation_limits are not integers of its activation_type; give it limits of that "
                         "type",
                         ctq::model_error);
}

TEST_CASE("annotate: constants that the integers cannot hold are a fault") {
    ctq::builder b;
    const std::array huge{1e30f}, tiny{1e-30f};
    const auto source = b.finish(b.dense(b.input("x", {1, 1}), {tiny, huge}));
    const auto graph = ctq::annotate<ctq::rule::affine_int8>(source, {ctq::bounds{0, 1}, {}, {}, {0, 1e30f}},
                                                             flags(source.nodes.size(), false));
    CHECK(graph.nodes.size() == 1); // the weight's scale gives way
}

namespace {

/// One graph made twice, in the compiler and in the program, in every part.
template <auto Make> void check_same_in_compiler() {
    using made_sizes = ctq::sizes_made_by<Make>;
    static constexpr ctq::program_sizes sizes = made_sizes::value;
    static constexpr auto in_compiler = ctq::freeze<made_sizes>(Make());
    const auto in_program = ctq::freeze<made_sizes>(Make());
    const auto same_piece = [](const ctq::extent_in& a, const ctq::extent_in& b) {
        return a.first == b.first && a.count == b.count;
    };
    for (std::size_t i = 0; i < sizes.values; ++i) {
        const auto &a = in_compiler.values[i], &b = in_program.values[i];
        CHECK(a.facts == b.facts);
        CHECK((same_piece(a.name, b.name) && same_piece(a.elements, b.elements) && a.constant == b.constant));
    }
    for (std::size_t i = 0; i < sizes.nodes; ++i) {
        const auto &a = in_compiler.nodes[i], &b = in_program.nodes[i];
        CHECK(a.op.index() == b.op.index());
        CHECK(a.how == b.how);
        CHECK((same_piece(a.name, b.name) && same_piece(a.inputs, b.inputs) && same_piece(a.outputs, b.outputs)));
    }
    CHECK(in_compiler.edges == in_program.edges);
    CHECK(in_compiler.inputs == in_program.inputs);
    CHECK(in_compiler.outputs == in_program.outputs);
    CHECK(in_compiler.characters == in_program.characters);
    [&]<std::size_t... Type>(std::index_sequence<Type...>) {
        const auto same = [&]<dtype D>() {
            CHECK(in_compiler.template elements<D>() == in_program.template elements<D>());
        };
        (same.template operator()<static_cast<dtype>(Type)>(), ...);
    }
    (std::make_index_sequence<ctq::dtype_count>{});
}

} // namespace

TEST_CASE("annotate: the compiler and the program make the same integer graph") {
    check_same_in_compiler<[] {
        return ctq::lower_graph<ctq::rule::tflite_int8>(quantized_network<ctq::rule::tflite_int8>(branching_network()));
    }>();
    check_same_in_compiler<[] {
        const auto ready = ctq::prepare(many_ports_network(), ctq::default_registry);
        flags keep(ready.nodes.size(), false);
        keep[1] = true;
        return ctq::lower_graph<ctq::rule::affine_int8>(quantized_network(ready, keep));
    }>();
}

namespace {

/// The facts of what a state holds; and that its initial value and what is written to it are tensors of that kind.
const ctq::tensor_facts& held_facts(const default_graph& graph, std::size_t state) {
    CHECK_NOTHROW(ctq::validate(graph));
    return graph.value_at(graph.states[state].read).facts;
}

/// s' = tanh(s + x), the state beginning with `initial`, all ranges [-2, 2].
default_graph fixed_state(float initial) {
    ctq::builder b;
    const auto s = b.state("s", {2}, std::vector<float>(2, initial)), x = b.input("x", {2});
    const auto next = b.apply(ctq::op::tanh{}, {b.add(s, x)});
    b.write(s, next);
    const auto graph = b.finish(b.add(next, x));
    return ctq::annotate<ctq::rule::affine_int8>(graph, std::vector<ctq::bounds>(graph.values.size(), {-2.0f, 2.0f}),
                                                 flags(graph.nodes.size(), false));
}

} // namespace

TEST_CASE_TEMPLATE("annotate: a state is a copy of the integers that are written to it", Rule, ctq::rule::affine_int8,
                   ctq::rule::tflite_int8) {
    for (const auto& source : {recurrent_network(), accumulating_network(), counting_network(), delaying_network()}) {
        const auto graph = ctq::annotate<Rule>(source, observed_ranges(source), flags(source.nodes.size(), false));
        for (std::size_t i = 0; i < source.states.size(); ++i) CHECK(held_facts(graph, i).type == dtype::int8);
        CHECK(graph.states[0].name == source.states[0].name);
        for (const auto& value : graph.values) CHECK(value.facts.type != dtype::float32);
    }
}

TEST_CASE("annotate: a long chain of nodes that keep a range takes a time that grows as its length does") {
    const int length = 20'000;
    default_graph graph;
    int value = graph.add_value("x", {dtype::float32, {4}, {}});
    graph.inputs = {{"x", value}};
    for (int i = 0; i < length; ++i) value = graph.add_node("r", ctq::op::relu{}, {value});
    graph.outputs = {{"y", value}};
    const std::vector<ctq::bounds> ranges(graph.values.size(), ctq::bounds{0.0f, 1.0f});
    default_graph annotated;
    CHECK(ctq::test::processor_seconds([&] {
              annotated = ctq::annotate<ctq::rule::affine_int8>(graph, ranges, std::vector<int>(graph.nodes.size(), 1));
          }) < 2); // was 7 s and more
    CHECK(annotated.nodes.size() == static_cast<std::size_t>(length));
}

TEST_CASE("annotate: a state's scale is for its initial value and for what is written to it") {
    ctq::builder b;
    const auto s = b.state("s", {2}, std::array{-6.0f, 0.0f}), next = b.apply(ctq::op::relu{}, {b.input("x", {2})});
    b.write(s, next);
    const auto source = b.finish(b.multiply(s, next));
    std::vector<ctq::bounds> ranges(source.values.size(), ctq::bounds{-1.0f, 1.0f});
    ranges[static_cast<std::size_t>(next.value)] = {0.0f, 4.0f};
    ranges[static_cast<std::size_t>(s.value)] = {0.0f, 0.0f}; // nothing observed it
    const auto graph = ctq::annotate<ctq::rule::affine_int8>(source, ranges, flags(source.nodes.size(), false));
    CHECK(held_facts(graph, 0).quantization == ctq::rule::affine_int8::activation({-6.0f, 4.0f}));
    CHECK(count<ctq::op::requantize>(graph) == 0);
    const auto& integers = graph.constant_of(graph.states[0].initial).as<std::int8_t>();
    CHECK(std::abs(ctq::dequantize(integers[0], held_facts(graph, 0).quantization) + 6.0f) < 0.05f);
}

TEST_CASE("annotate: a state holds an operator's fixed scale where its initial value fits that, else a converted one") {
    const auto fits = fixed_state(0.5f), beyond = fixed_state(1.5f);
    CHECK(held_facts(fits, 0).quantization == facts_named(fits, "tanh").quantization);
    CHECK(count<ctq::op::requantize>(fits) == 0);
    CHECK_FALSE(held_facts(beyond, 0).quantization == facts_named(beyond, "tanh").quantization);
    CHECK(count<ctq::op::requantize>(beyond) == 1);
    CHECK(beyond.value_at(beyond.states[0].written).name == "s.requantized");
}

TEST_CASE("annotate: what joins a state of a fixed scale with other tensors keeps a scale of its own") {
    const auto graph = quantized_network(recurrent_network());
    const auto& joined = facts_named(graph, "concat").quantization;
    CHECK(joined == facts_named(graph, "x").quantization); // not tanh's, which would saturate x
    CHECK_FALSE(joined == held_facts(graph, 0).quantization);
}

TEST_CASE(
    "annotate: a state has the domain of its readers; what is written to it is converted where another makes it") {
    const auto source = accumulating_network();
    const auto ranges = observed_ranges(source);
    flags keep(source.nodes.size(), false);
    keep[0] = true; // the sum, which reads and makes the state
    const auto in_float = ctq::annotate<ctq::rule::affine_int8>(source, ranges, keep);
    CHECK(held_facts(in_float, 0).type == dtype::float32);
    CHECK(in_float.states[0].written == in_float.node_at(node_named(in_float, "add")).output());

    const auto recurrent = recurrent_network();
    flags tanh_in_float(recurrent.nodes.size(), false);
    tanh_in_float[static_cast<std::size_t>(node_named(recurrent, "tanh"))] = true;
    const auto graph = ctq::annotate<ctq::rule::affine_int8>(recurrent, observed_ranges(recurrent), tanh_in_float);
    CHECK(held_facts(graph, 0).type == dtype::int8);
    CHECK(ctq::operator_if<ctq::op::quantize>(graph.node_at(graph.producer_of(graph.states[0].written))) != nullptr);
}

TEST_CASE("annotate: integers of a recurrent network stay near the reals over a sequence") {
    constexpr std::uint32_t calls = 6;
    const auto source = recurrent_network();
    const auto graph = ctq::annotate<ctq::rule::affine_int8>(source, observed_ranges(source, calls),
                                                             flags(source.nodes.size(), false));
    auto states = ctq::initial_states(source), integer_states = ctq::initial_states(graph);
    for (std::uint32_t call = 0; call < calls; ++call) {
        const auto inputs = sample_inputs(source, call);
        const auto wanted = output_reals(source, ctq::evaluate(source, as_constants(inputs), states), 0);
        const auto found = output_reals(
            graph, ctq::evaluate<ctq::rule::affine_int8>(graph, as_inputs(graph, inputs), integer_states), 0);
        for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::abs(wanted[i] - found[i]) < 0.1f);
    }
}

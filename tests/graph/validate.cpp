#include <ctq/graph/validate.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/dequantize.hpp>
#include <ctq/operators/dynamic_quantize.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/non_max_suppression.hpp>
#include <ctq/operators/quantize.hpp>
#include <ctq/operators/relu.hpp>
#include <ctq/operators/requantize.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

using namespace ctq;

namespace {

using graph = basic_graph<std::variant<op::add, op::dense, op::relu, op::quantize, op::dequantize, op::dynamic_quantize,
                                       op::identity, op::non_max_suppression>>;

/// relu(x) + c.
constexpr graph in_float() {
    graph g;
    const int x = g.add_value("x", {dtype::float32, {2, 3}, {}});
    g.inputs.push_back({"x", x});
    const int c = g.add_constant("c", {3}, std::vector<float>{1, 2, 3});
    const int first = g.add_node("first", op::relu{}, {x});
    g.outputs = {{"sum", g.add_node("sum", op::add{}, {first, c})}};
    return g;
}

/// A dense layer in integers between its conversions.
constexpr graph in_integers() {
    constexpr int rule = 1;
    const quantization q{0.5f, 3};
    graph g;
    g.domains.push_back({"rule", rounding::three_step, rounding::three_step});
    const int x = g.add_value("x", {dtype::float32, {2, 3}, {}});
    g.inputs.push_back({"x", x});
    const int xq = g.add_value("xq", {dtype::int8, {2, 3}, q});
    const int w = g.add_constant("w", {1, 3}, std::vector<std::int8_t>{1, 2, 3});
    g.value_at(w).scales = {0.25};
    const int b = g.add_constant("b", {1}, std::vector<std::int32_t>{7});
    const int yq = g.add_value("yq", {dtype::int8, {2, 1}, q});
    const int y = g.add_value("y", {dtype::float32, {2, 1}, {}});
    g.nodes.push_back({"quantize", op::quantize{}, {x}, {xq}, {}, rule});
    g.nodes.push_back({"dense", op::dense{}, {xq, w, b}, {yq}, {}, rule});
    g.nodes.push_back({"dequantize", op::dequantize{}, {yq}, {y}, {}, rule});
    g.outputs.push_back({"y", y});
    return g;
}

/// A dense layer whose input is quantized as it comes.
constexpr graph in_dynamic_integers() {
    constexpr int rule = 1;
    graph g;
    g.domains.push_back({"rule"});
    const int x = g.add_value("x", {dtype::float32, {2, 3}, {}});
    g.inputs.push_back({"x", x});
    const int xq = g.add_value("xq", {dtype::uint8, {2, 3}});
    const int scale = g.add_value("scale", {dtype::float32, {}});
    const int zero = g.add_value("zero", {dtype::int32, {}});
    g.value_at(xq).dynamic = {scale, zero};
    const int w = g.add_constant("w", {1, 3}, std::vector<std::int8_t>{1, 2, 3});
    g.value_at(w).scales = {0.25};
    const int b = g.add_constant("b", {1}, std::vector<float>{7});
    const int y = g.add_value("y", {dtype::float32, {2, 1}, {}});
    g.nodes.push_back({"quantize", op::dynamic_quantize{}, {x}, {xq, scale, zero}, {}, rule});
    g.nodes.push_back({"dense", op::dense{}, {xq, w, b}, {y}, {}, rule});
    g.outputs.push_back({"y", y});
    return g;
}

/// s' = relu(x) + s, from 1, 2, 3.
constexpr graph with_state() {
    graph g;
    const int x = g.add_value("x", {dtype::float32, {3}, {}});
    g.inputs.push_back({"x", x});
    const int initial = g.add_constant("initial", {3}, std::vector<float>{1, 2, 3});
    const int s = g.add_value("s", {dtype::float32, {3}, {}});
    const int first = g.add_node("first", op::relu{}, {x});
    const int sum = g.add_node("sum", op::add{}, {first, s});
    g.states.push_back({"s", initial, s, sum});
    g.outputs = {{"sum", sum}};
    return g;
}

/// Boxes, of which the data decide how many they are.
constexpr graph of_boxes() {
    graph g;
    const int boxes = g.add_value("boxes", {dtype::float32, {1, 5, 4}}),
              scores = g.add_value("scores", {dtype::float32, {1, 2, 5}});
    g.inputs = {{"boxes", boxes}, {"scores", scores}};
    const int rows = g.add_node("rows", op::non_max_suppression{2}, {boxes, scores});
    g.outputs = {{"rows", rows, 1}, {"count", g.nodes.back().outputs[1]}};
    return g;
}

constexpr bool is_valid(const graph& g) {
    validate(g);
    return true;
}
static_assert(is_valid(graph{}) && is_valid(in_float()) && is_valid(in_integers()) && is_valid(with_state()));
static_assert(is_valid(in_dynamic_integers()) && is_valid(of_boxes()));

/// What is said of a graph after a change.
template <class Change> std::string said(graph g, Change change) {
    change(g);
    try {
        validate(g);
    } catch (const model_error& fault) {
        return fault.what();
    }
    return "";
}

/// What is said of a constant whose value has this range.
template <class T> std::string of_constant(std::vector<T> elements, const limits& range) {
    return said(in_integers(), [&](graph& g) {
        const shape of{static_cast<std::int32_t>(elements.size())};
        g.value_at(g.add_constant("k", of, std::move(elements))).facts.range = range;
    });
}

} // namespace

TEST_CASE("validate: values and constants") {
    const auto of = [](auto change) { return said(in_float(), change); };
    CHECK(of([](graph&) {}) == "");
    CHECK(of([](graph& g) { g.value_at(1).constant = 7; }) == "value 'c': the graph has not so many constants");
    CHECK(of([](graph& g) { g.value_at(1).facts.shape = {4}; }) ==
          "value 'c': the constant must have as many elements as the value's shape");
    CHECK(of([](graph& g) { g.constants[0] = constant::zeros(dtype::int8, 3); }) ==
          "value 'c': the constant must have the value's element type");
    CHECK(of([](graph& g) { g.value_at(0).facts.shape[1] = -3; }) ==
          "value 'x': an extent must be at least 1, of a constant 0");
    CHECK(of([](graph& g) { g.value_at(0).facts.shape[1] = 0; }) ==
          "value 'x': an extent must be at least 1, of a constant 0");
    CHECK(of([](graph& g) { g.add_constant("none", {0, 2}, std::vector<float>()); }) == "");
    CHECK(of([](graph& g) { g.value_at(1).facts.shape = {-1}; }) ==
          "value 'c': an extent must be at least 1, of a constant 0");
    CHECK(of([](graph& g) {
              g.value_at(0).scales = {1, 2};
          }) == "value 'x': scales for each channel are a constant's, as many as the axis that they run along is long");
    CHECK(of([](graph& g) {
              g.value_at(1).scales = {1, 2};
          }) == "value 'c': scales for each channel are a constant's, as many as the axis that they run along is long");
    CHECK(said(in_integers(), [](graph& g) {
              g.value_at(2).scales = {1, 2, 3};
          }) == "value 'w': scales for each channel are a constant's, as many as the axis that they run along is long");
    CHECK(said(in_integers(), [](graph& g) { g.value_at(2).scale_axis = 2; }) ==
          "value 'w': scales for each channel are a constant's, as many as the axis that they run along is long");
    CHECK(said(in_integers(), [](graph& g) {
              g.value_at(1).facts.range = {5, 4};
          }) == "value 'xq': the lowest integer of its range must not be above the highest");
    CHECK(said(in_integers(), [](graph& g) {
              g.value_at(1).facts.range = {-129, 4};
          }) == "value 'xq': its range must be within what its type holds");
    CHECK(of_constant(std::vector<std::int8_t>{-7, 7}, {-7, 7}) == "");
    CHECK(of_constant(std::vector<std::int8_t>{-7, 8}, {-7, 7}) ==
          "value 'k': the constant must have no integer beyond the value's range");
    CHECK(of_constant(std::vector<std::int32_t>{-8, 7}, {-7, 7}) ==
          "value 'k': the constant must have no integer beyond the value's range");
    CHECK(of_constant(std::vector<std::int64_t>{-8, std::int64_t{1} << 40}, {}) == ""); // limits are of 32 bits
}

TEST_CASE("validate: inputs and outputs of the graph") {
    const auto of = [](auto change) { return said(in_float(), change); };
    CHECK(of([](graph& g) { g.inputs[0].value = -1; }) == "input 'x': its value is not in the graph");
    CHECK(of([](graph& g) { g.inputs[0].value = 1; }) == "input 'x': its value is a constant or another input's too");
    CHECK(of([](graph& g) {
              g.inputs.push_back({"z", 0});
          }) == "input 'z': its value is a constant or another input's too");
    const std::string unmade = "output 'sum': nothing makes its value; name what a node makes";
    CHECK(of([](graph& g) { g.outputs[0].value = 4; }) == unmade);
    CHECK(of([](graph& g) { g.nodes.pop_back(); }) == unmade);
    CHECK(of([](graph& g) { g.domains.clear(); }) == "a graph must have the domain of float nodes");
}

TEST_CASE("validate: rows that the data count are for the outside, which knows their count") {
    const auto of = [](auto change) { return said(of_boxes(), change); };
    const std::string wrong = "output 'rows': the data decide how many its rows are, or it names a count that is not "
                              "theirs; name the output that holds their count";
    CHECK(of([](graph& g) { g.outputs[0].count = -1; }) == wrong);
    CHECK(of([](graph& g) { g.outputs[0].count = 0; }) == wrong);
    CHECK(of([](graph& g) { g.outputs[0].count = 2; }) ==
          "output 'rows': the output that counts its rows is not in the graph");
    CHECK(of([](graph& g) { g.outputs[0].count = -2; }) ==
          "output 'rows': the output that counts its rows is not in the graph");
    CHECK(of([](graph& g) { g.outputs[1].count = 1; }).substr(0, 16) == "output 'count': ");
    CHECK(of([](graph& g) { g.outputs.erase(g.outputs.begin()); }) == ""); // nobody needs the rows
    CHECK(of([](graph& g) { g.add_node("again", op::identity{}, {g.outputs[1].value}); }) == "");
    CHECK(of([](graph& g) { g.add_node("again", op::identity{}, {g.outputs[0].value}); }) ==
          "node 'again': the data decide how many rows an input has; such are for the outside alone");
    CHECK(of([](graph& g) {
              const int initial = g.add_constant("initial", {4, 3}, std::vector<std::int64_t>(12));
              const int read = g.add_value("read", {dtype::int64, {4, 3}});
              g.states.push_back({"held", initial, read, g.outputs[0].value});
          }) == "state 'held': what is written must have all its rows");
}

TEST_CASE("validate: states") {
    const auto of = [](auto change) { return said(with_state(), [&](graph& g) { change(g, g.states[0]); }); };
    CHECK(of([](graph&, graph_state&) {}) == "");
    const std::string begins = "state 's': its initial value must be a constant";
    CHECK(of([](graph&, graph_state& s) { s.initial = -1; }) == begins);
    CHECK(of([](graph&, graph_state& s) { s.initial = s.read; }) == begins);
    CHECK(of([](graph&, graph_state& s) { s.read = 99; }) ==
          "state 's': the value that it is read as is not in the graph");
    const std::string taken = "state 's': the value that it is read as is a constant, an input or another state's too";
    CHECK(of([](graph&, graph_state& s) { s.read = 0; }) == taken);
    CHECK(of([](graph&, graph_state& s) { s.read = s.initial; }) == taken);
    CHECK(of([](graph& g, graph_state& s) {
              g.states.push_back({"t", s.initial, s.read, s.written});
          }) == "state 't': the value that it is read as is a constant, an input or another state's too");
    CHECK(of([](graph&, graph_state& s) { s.read = s.written; }) == "node 'sum': an input is read before it is made");
    CHECK(of([](graph& g, graph_state& s) {
              const int other = g.add_value("other", {dtype::float32, {3}, {}});
              g.states.push_back({"s", s.initial, other, s.written});
          }) == "state 's': another state has that name");
    const std::string first = "state 's': its initial value must have its element type, shape and quantization, and no "
                              "integer that it cannot hold";
    CHECK(of([](graph& g, graph_state& s) {
              s.initial = g.add_constant("two", {2}, std::vector<float>{1, 2});
          }) == first);
    CHECK(of([](graph& g, graph_state& s) {
              s.initial = g.add_constant("bytes", {3}, std::vector<std::int8_t>{1, 2, 3});
          }) == first);
    const std::string unmade = "state 's': nothing makes what is written to it";
    CHECK(of([](graph&, graph_state& s) { s.written = -1; }) == unmade);
    CHECK(of([](graph& g, graph_state& s) { s.written = g.add_value("unmade", {dtype::float32, {3}, {}}); }) == unmade);
    CHECK(of([](graph&, graph_state& s) { s.written = s.read; }) ==
          "state 's': what is written must not be what a state holds; put an identity between");
    const std::string other = "state 's': what is written must have its element type, shape and quantization, and no "
                              "integer that it cannot hold";
    CHECK(of([](graph& g, graph_state& s) {
              s.written = g.add_constant("two", {2}, std::vector<float>{1, 2});
          }) == other);
    CHECK(of([](graph& g, graph_state& s) { g.outputs[0].value = s.read; }) ==
          "output 'sum': a state is written before outputs are read; put an identity between");
}

TEST_CASE("validate: a state of integers and what is written to it have one scale, and it holds all of them") {
    const auto of = [](auto change) {
        return said(in_integers(), [&](graph& g) {
            const quantization q{0.5f, 3};
            const int initial = g.add_constant("initial", {2, 1}, std::vector<std::int8_t>{1, 2}, q);
            const int read = g.add_value("s", {dtype::int8, {2, 1}, q});
            g.states.push_back({"s", initial, read, g.nodes[1].output()});
            change(g, g.value_at(read).facts);
        });
    };
    CHECK(of([](graph&, tensor_facts&) {}) == "");
    const std::string first = "state 's': its initial value must have its element type, shape and quantization, and no "
                              "integer that it cannot hold";
    CHECK(of([](graph&, tensor_facts& held) { held.quantization.zero_point = 4; }) == first);
    CHECK(of([](graph&, tensor_facts& held) { held.range = {-127, 127}; }) == first);
    CHECK(of([](graph& g, tensor_facts& held) {
              held.range = {0, 127};
              g.value_at(g.states[0].initial).facts.range = {1, 2};
          }) == "state 's': what is written must have its element type, shape and quantization, and no integer that it "
                "cannot hold");
}

TEST_CASE("validate: nodes") {
    const auto of = [](auto change) { return said(in_float(), change); };
    CHECK(of([](graph& g) { g.nodes[1].domain = 1; }) == "node 'sum': the graph has not so many domains");
    CHECK(of([](graph& g) { g.nodes[1].inputs[0] = 9; }) == "node 'sum': an input is not in the graph");
    CHECK(of([](graph& g) { std::swap(g.nodes[0], g.nodes[1]); }) == "node 'sum': an input is read before it is made");
    CHECK(of([](graph& g) { g.nodes[0].inputs[0] = 2; }) == "node 'first': an input is read before it is made");
    CHECK(of([](graph& g) { g.nodes[1].outputs.clear(); }) ==
          "node 'sum': it must have as many outputs as its operator makes");
    CHECK(of([](graph& g) { g.nodes[1].outputs[0] = -1; }) == "node 'sum': an output is not in the graph");
    const std::string twice = "node 'sum': an output is made already, or an input or constant of the graph";
    for (const int taken : {0, 1, 2}) CHECK(of([&](graph& g) { g.nodes[1].outputs[0] = taken; }) == twice);
    CHECK(of([](graph& g) {
              g.value_at(3).facts.shape = {3, 2};
          }) == "node 'sum': an output's shape is not what its operator makes of the inputs'");
    CHECK(of([](graph& g) { g.nodes[1].inputs.pop_back(); }) == "add takes two inputs");
    CHECK(of([](graph& g) {
              g.value_at(3).facts = {dtype::int8, {2, 3}};
          }) == "node 'sum': an output's type is not what its operator makes in float");
}

TEST_CASE("validate: types and roles of integer nodes") {
    const auto of = [](auto change) { return said(in_integers(), change); };
    CHECK(of([](graph& g) { g.nodes[1].domain = float_domain; }) ==
          "node 'dense': a float node must not read quantized integers; convert them");
    CHECK(of([](graph& g) { g.nodes[0].domain = float_domain; }) ==
          "node 'quantize': an output's type is not what its operator makes in float");
    CHECK(of([](graph& g) { g.value_at(4).facts.quantization = {}; }) ==
          "node 'dense': an output of an integer node must be integers with a scale");
    CHECK(of([](graph& g) { g.value_at(2).scales.clear(); }) ==
          "node 'dense': the weights of an integer node must be integers with a scale");
    CHECK(of([](graph& g) {
              g.value_at(2).scales = {1, 2, 3}, g.value_at(2).scale_axis = 1;
          }) ==
          "node 'dense': the scales of its weights must run along the axis that its operator states, weight_axis");
    CHECK(of([](graph& g) {
              g.nodes[1].inputs[0] = 2; // the weights
              g.value_at(4).facts.shape = {1, 1};
          }) ==
          "node 'dense': an operand must have one scale; scales for each channel are those of weights and a bias");
    CHECK(of([](graph& g) {
              g.value_at(3).facts = {dtype::int8, {1}}, g.constants[1] = constant::zeros(dtype::int8, 1);
          }) == "node 'dense': the bias of an integer node must be int32 or int64, of one that makes reals float32");
    CHECK(of([](graph& g) {
              const int moving = g.add_value("moving", {dtype::int8, {1, 3}, {1.0f, 0}});
              g.inputs.push_back({"moving", moving});
              g.nodes[1].inputs[1] = moving;
          }) == "node 'dense': weights, bias and parameters of an integer node must be constant");
}

TEST_CASE("validate: dynamic quantizations") {
    const auto of = [](auto change) { return said(in_dynamic_integers(), change); };
    const std::string scale =
        "value 'xq': the scale of its dynamic quantization must be a float32 value of one element";
    const std::string zero = "value 'xq': the zero point of its dynamic quantization must be an int32 value of one "
                             "element";
    CHECK(of([](graph&) {}) == "");
    CHECK(of([](graph& g) { g.value_at(1).dynamic.zero_point = -1; }) == "");
    for (const int wrong : {-1, 0, 1, 3, 7}) CHECK(of([&](graph& g) { g.value_at(1).dynamic.scale = wrong; }) == scale);
    for (const int wrong : {-2, 0, 1, 2, 7})
        CHECK(of([&](graph& g) { g.value_at(1).dynamic.zero_point = wrong; }) == zero);
    const std::string only = "a dynamic quantization is that of integers of 8 bits, and their only one";
    CHECK(of([](graph& g) { g.value_at(1).facts.type = dtype::int16; }) == "value 'xq': " + only);
    CHECK(of([](graph& g) { g.value_at(1).facts.quantization = {1.0f, 0}; }) == "value 'xq': " + only);
    CHECK(of([](graph& g) { g.value_at(0).dynamic = {2, 3}; }) == "value 'x': " + only);
    CHECK(of([](graph& g) {
              g.value_at(4).scales.clear(); // of w, which so has no scale at all
          }) == "node 'dense': the weights of an integer node must be integers with a scale");
    CHECK(of([](graph& g) { g.nodes[1].domain = float_domain; }) ==
          "node 'dense': a float node must not read quantized integers; convert them");
    CHECK(of([](graph& g) {
              g.value_at(5).facts = {dtype::int32, {1}}, g.constants[1] = constant::zeros(dtype::int32, 1);
          }) == "node 'dense': the bias of an integer node must be int32 or int64, of one that makes reals float32");
    const auto late = [](graph& g) { g.value_at(1).dynamic.scale = g.add_value("late", {dtype::float32, {}}); };
    CHECK(of(late) == "node 'dense': an input is read before its scale or zero point is made");
    CHECK(of([&](graph& g) {
              late(g);
              g.nodes.pop_back();
              g.outputs[0].value = 1;
          }) == "output 'y': nothing makes the scale or zero point of its value");
    CHECK(of([](graph& g) {
              const int read = g.add_value("s", g.value_at(1).facts);
              const int initial = g.add_constant("initial", {2, 3}, std::vector<std::uint8_t>(6, 0));
              g.states.push_back({"s", initial, read, 1});
          }) == "state 's': what is written must have its element type, shape and quantization, and no integer that it "
                "cannot hold");
}

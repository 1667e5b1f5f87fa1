#include <ctq/graph/validate.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/conversions.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/relu.hpp>

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using namespace ctq;

namespace {

using graph = basic_graph<std::variant<add, dense, relu_function, quantize_layer, dequantize_layer>>;

/// relu(x) + c.
constexpr graph in_float() {
    graph g;
    const int x = g.add_value("x", {dtype::float32, {2, 3}, {}});
    g.inputs.push_back({"x", x});
    const int c = g.add_constant("c", {3}, std::vector<float>{1, 2, 3});
    const int first = g.add_node("first", relu_function{}, {x});
    g.outputs = {{"sum", g.add_node("sum", add{}, {first, c})}};
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
    g.nodes.push_back({"quantize", quantize_layer{}, {x}, {xq}, {}, rule});
    g.nodes.push_back({"dense", dense{}, {xq, w, b}, {yq}, {}, rule});
    g.nodes.push_back({"dequantize", dequantize_layer{}, {yq}, {y}, {}, rule});
    g.outputs.push_back({"y", y});
    return g;
}

constexpr bool is_valid(const graph& g) {
    validate(g);
    return true;
}
static_assert(is_valid(graph{}) && is_valid(in_float()) && is_valid(in_integers()));

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

} // namespace

TEST_CASE("validate: values and constants") {
    const auto of = [](auto change) { return said(in_float(), change); };
    CHECK(of([](graph&) {}) == "");
    CHECK(of([](graph& g) { g.value_at(1).constant = 7; }) == "value 'c': the graph has not so many constants");
    CHECK(of([](graph& g) { g.value_at(1).facts.shape = {4}; }) ==
          "value 'c': the constant must have as many elements as the value's shape");
    CHECK(of([](graph& g) { g.constants[0] = constant::zeros(dtype::int8, 3); }) ==
          "value 'c': the constant must have the value's element type");
    CHECK(of([](graph& g) { g.value_at(0).facts.shape[1] = -3; }) == "value 'x': an extent must not be negative");
    CHECK(of([](graph& g) {
              g.value_at(0).scales = {1, 2};
          }) == "value 'x': scales for each channel are a constant's, one for each extent of axis 0");
    CHECK(of([](graph& g) {
              g.value_at(1).scales = {1, 2};
          }) == "value 'c': scales for each channel are a constant's, one for each extent of axis 0");
    CHECK(said(in_integers(), [](graph& g) {
              g.value_at(1).facts.range = {5, 4};
          }) == "value 'xq': the lowest integer of its range must not be above the highest");
    CHECK(said(in_integers(), [](graph& g) {
              g.value_at(1).facts.range = {-129, 4};
          }) == "value 'xq': its range must be within what its type holds");
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
              g.value_at(3).facts = {dtype::int8, {1}}, g.constants[1] = constant::zeros(dtype::int8, 1);
          }) == "node 'dense': the bias of an integer node must be int32 or int64");
    CHECK(of([](graph& g) {
              const int moving = g.add_value("moving", {dtype::int8, {1, 3}, {1.0f, 0}});
              g.inputs.push_back({"moving", moving});
              g.nodes[1].inputs[1] = moving;
          }) == "node 'dense': weights, bias and parameters of an integer node must be constant");
}

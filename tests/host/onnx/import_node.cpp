#include "../onnx_builder.hpp"

#include <ctq/default_registry.hpp>
#include <ctq/host/onnx/import_node.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace onnx = ctq::host::onnx;
using ctq::default_graph;
using ctq::shape;
using onnx::import_node;

namespace {

static_assert(ctq::source_node<import_node<default_graph>>);

// A node "n" on the activation x [1,2,3,4], the constant k and the integers s; its output is y.
struct fixture {
    onnx::node n;
    onnx::tensor k, s;
    onnx::detail::import_state<default_graph> state;

    fixture() {
        n.name = "n";
        n.op_type = "Some";
        n.inputs = {"x", "k", "s", ""};
        n.outputs = {"y"};
        k.type = ctq::dtype::float32;
        k.dims = {1, 2, 1};
        k.floats = {3, 4};
        s.type = ctq::dtype::int64;
        s.dims = {3};
        s.integers = {-1, 9223372036854775807, -9223372036854775807};
        const int x = state.graph.add_value("x", {ctq::dtype::float32, {1, 2, 3, 4}, {}});
        state.bindings = {{"x", {x, nullptr, false}}, {"k", {-1, &k, false}}, {"s", {-1, &s, false}}};
        for (const char* name : {"x", "k", "s", "y"}) state.names.take(name);
    }

    import_node<default_graph> importing() { return {n, 13, state}; }
    const ctq::value& made() { return state.graph.value_at(state.bindings.at("y").value); }
};

template <class Call> std::string refused(Call call) {
    try {
        call();
    } catch (const onnx::node_fault& fault) {
        return ctq::host::message(static_cast<int>(fault.code), " ", fault.text);
    }
    return "nothing";
}

} // namespace

TEST_CASE("import_node: what inputs are") {
    fixture f;
    auto in = f.importing();
    CHECK(in.type() == "Some");
    CHECK(in.opset() == 13);
    CHECK(in.input_count() == 4);
    CHECK(in.has_input(2));
    CHECK_FALSE(in.has_input(3));
    CHECK_FALSE(in.has_input(9));
    CHECK_FALSE(in.is_constant(0));
    CHECK(in.is_constant(1));
    CHECK(in.is_constant(2));
    CHECK_FALSE(in.is_constant(3));
    CHECK(in.shape_of(0) == shape{1, 2, 3, 4});
    CHECK(in.shape_of(1) == shape{1, 2, 1});
    CHECK(in.constant_reals(1) == std::vector<float>{3, 4});
    CHECK(in.constant_integers(2) == std::vector<std::int32_t>{-1, 2147483647, -2147483647 - 1});
    CHECK(in.input(1) == in.input(1));
    CHECK(in.constant_reals(1) == std::vector<float>{3, 4});
    CHECK(f.state.graph.value_at(in.input(1)).name == "k");
    CHECK(in.numbers() == "(inputs 1x2x3x4, 1x2x1, 3, -)");
    CHECK(refused([&] { in.input(2); }) == "4 input 2 's' is of type int64; only float32 is computed with");
    CHECK(refused([&] { in.input(3); }) == "3 input 3 is missing");
    CHECK(refused([&] { static_cast<void>(in.constant_reals(2)); }).substr(0, 13) == "4 input 2 's'");
    CHECK(refused([&] { static_cast<void>(in.constant_integers(1)); }) == "3 input 1 'k' must hold integers");
    CHECK(refused([&] { static_cast<void>(in.constant_integers(0)); }) == "4 input 0 'x' must be constant");
    CHECK(refused([&] { in.constant_channels_last(0); }) == "4 input 0 must be constant");
}

TEST_CASE("import_node: emitted nodes carry the ONNX node's name, the finished value its output's") {
    fixture f;
    auto in = f.importing();
    const int sum = in.emit(ctq::op::add{}, {in.input(0), in.constant("one", {}, {1.0F})});
    in.finish(in.emit(ctq::op::relu{}, {sum}));
    const auto& nodes = f.state.graph.nodes;
    REQUIRE(nodes.size() == 2);
    CHECK(nodes[0].name == "n");
    CHECK(nodes[1].name == "n_2");
    CHECK(nodes[0].origins == std::vector<ctq::text>{"n"});
    CHECK(nodes[1].origins == std::vector<ctq::text>{"n"});
    CHECK(f.made().name == "y");
    CHECK(f.state.graph.value_at(sum).name == "y.add");
    CHECK(refused([&] { in.finish(sum); }) == "3 the operator's import finishes twice");
}

TEST_CASE("import_node: an image or a series goes channels-last and back, once") {
    for (const bool series : {false, true}) {
        fixture f;
        if (series) f.state.graph.value_at(0).facts.shape = {1, 2, 3};
        auto in = f.importing();
        const int last = in.channels_last(0);
        CHECK(f.state.graph.value_at(last).facts.shape == (series ? shape{1, 1, 3, 2} : shape{1, 3, 4, 2}));
        const std::size_t before = f.state.graph.nodes.size();
        CHECK(in.channels_last(0) == last);
        CHECK(f.state.graph.nodes.size() == before);
        for (const auto& node : f.state.graph.nodes) CHECK(node.origins.empty());
        in.finish_channels_first(in.emit(ctq::op::max_pool{}, {last}));
        CHECK(f.made().facts.shape == (series ? shape{1, 2, 3} : shape{1, 2, 3, 4}));
        CHECK(f.made().name == (series ? "y.reshaped.transposed" : "y.transposed"));
        f.n.inputs = {"y"};
        const std::size_t nodes = f.state.graph.nodes.size();
        const int again = f.importing().channels_last(0);
        CHECK(f.state.graph.value_at(again).name == "y");
        CHECK(f.state.graph.nodes.size() == nodes);
    }
    fixture flat;
    flat.state.graph.value_at(0).facts.shape = {1, 24};
    CHECK(refused([&] { flat.importing().channels_last(0); }).substr(0, 1) == "3");
}

TEST_CASE("import_node: what is constant throughout is computed") {
    fixture f;
    auto in = f.importing();
    const int taps = in.constant_channels_last(1);
    CHECK(f.state.graph.constant_of(taps).as<float>() == std::vector<float>{3, 4});
    CHECK(f.state.graph.value_at(taps).facts.shape == shape{1, 1, 1, 2});
    in.finish(in.emit(ctq::op::multiply{}, {in.input(1), in.input(1)}));
    CHECK(f.state.graph.nodes.empty());
    CHECK(f.state.graph.reals(f.state.bindings.at("y").value)[1] == 16.0F);
}

TEST_CASE("import_node: a result without elements or with too many is refused") {
    fixture f;
    auto in = f.importing();
    ctq::op::pad border;
    border.before[0] = 1 << 28;
    CHECK(refused([&] { in.emit(border, {in.input(0)}); }) == "4 a tensor of more than 2^30 elements");
    f.state.folding = ctq::folding_budget(6);
    const int square = in.emit(ctq::op::multiply{}, {in.input(1), in.input(1)});
    CHECK(in.emit(ctq::op::multiply{}, {square, square}) >= 0);
    CHECK(in.emit(ctq::op::multiply{}, {square, square}) >= 0);
    CHECK(refused([&] {
              in.emit(ctq::op::multiply{}, {square, square});
          }).substr(0, 80) == "4 of constants it makes 2 elements more, after 6 that were made before; 6 are th");
    f.state.graph.value_at(0).facts.shape = {0, 2};
    CHECK(refused([&] { in.emit(ctq::op::relu{}, {in.input(0)}); }) == "3 the result would have no elements");
}

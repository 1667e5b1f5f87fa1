#include <ctq/rewrite/sink_transposes.hpp>

#include <laws/graph_pass.hpp>
#include <rewrite/layout.hpp>

using namespace ctq;
using namespace ctq::testing;

namespace {

const op::transpose exchanged{{0, 2, 1, 3, 4, 5}};

std::string sunk(const default_graph& before) {
    laws::check_graph_pass_on<pass::sink_transposes>(before);
    default_graph graph = laws::after<pass::sink_transposes>(before);
    pass::remove_dead::run(graph);
    return laws::operators_of(graph);
}

} // namespace

TEST_CASE("sink_transposes: laws") {
    laws::check_graph_pass<pass::sink_transposes>();
}

TEST_CASE("sink_transposes: behind the last node that commutes, in one run") {
    builder b;
    layer y = b.apply(channels_first, {pool(b, b.input("x", {1, 3, 3, 2}))});
    for (int i = 0; i < 3; ++i) y = b.apply(op::sigmoid{}, {y});
    CHECK(sunk(b.finish(b.reshape(y, {18}))) == "max_pool sigmoid sigmoid sigmoid transpose reshape");
}

TEST_CASE("sink_transposes: the layer keeps its name, and each reader that needs the old layout reads one transpose") {
    builder b;
    const layer turned = b.apply(channels_first, {pool(b, b.input("x", {1, 3, 3, 2}))});
    const layer y = b.apply(op::sigmoid{}, {turned}, "gate");
    const default_graph before =
        b.finish({{"flat", b.reshape(y, {18}).value}, {"same", b.reshape(y, {2, 9}).value}, {"gate", y.value}});
    CHECK(sunk(before) == "max_pool sigmoid transpose reshape reshape");
    const default_graph graph = laws::after<pass::sink_transposes>(before);
    CHECK(graph.value_at(graph.outputs[2].value).name == "gate.transposed");
    for (const auto& node : graph.nodes)
        if (operator_if<op::sigmoid>(node) != nullptr) CHECK(graph.value_at(node.output()).name == "gate");
}

TEST_CASE("sink_transposes: two in a row are one, and what they undo is read from before them") {
    builder b;
    const layer first = b.apply(channels_first, {pool(b, b.input("x", {1, 3, 3, 2}))});
    const layer again = b.apply(channels_first, {first}), back = b.apply(channels_last, {first});
    CHECK(sunk(b.finish({{"a", b.reshape(again, {18}).value}, {"b", pool(b, back).value}})) ==
          "max_pool transpose reshape max_pool");
}

TEST_CASE("sink_transposes: one right behind an input stays, unless it has no effect further on") {
    const auto behind_input = [](bool undone) {
        builder b;
        const layer x = b.apply(channels_last, {b.input("x", {1, 2, 3, 3})});
        const layer y = b.apply(op::sigmoid{}, {x});
        return sunk(b.finish(undone ? b.reshape(b.apply(channels_first, {y}), {18}) : pool(b, y)));
    };
    CHECK(behind_input(false) == "transpose sigmoid max_pool");
    CHECK(behind_input(true) == "sigmoid reshape");
    builder b;
    op::reduce_mean mean;
    mean.keep_axes = false;
    mean.axes.insert(1);
    mean.axes.insert(2);
    CHECK(sunk(b.finish(b.apply(mean, {b.apply(channels_last, {b.input("x", {1, 2, 3, 3})})}))) == "reduce_mean");
}

TEST_CASE("sink_transposes: the way around a whole network takes the transpose that its input has already") {
    builder b;
    const layer x = b.input("x", {1, 2, 3, 3});
    const layer y = b.apply(channels_first, {pool(b, b.apply(channels_last, {x}))});
    CHECK(sunk(b.finish(b.reshape(b.add(y, x), {18}))) == "transpose max_pool add transpose reshape");
}

// Each was once pushed to and fro for ever: where a transpose undoes itself, either operand stands before the other.
TEST_CASE("sink_transposes: a tensor of the graph's input with its own transpose stays as it is") {
    for (const bool first : {true, false}) {
        builder b;
        const layer x = b.input("x", {1, 3, 3}), y = b.apply(exchanged, {x});
        CHECK(sunk(b.finish(first ? b.add(y, x) : b.add(x, y))) == "transpose add");
        builder c;
        const layer u = c.input("x", {1, 3, 3}), v = c.apply(exchanged, {u});
        CHECK(sunk(c.finish(first ? c.concat({v, u}) : c.concat({u, v}))) == "transpose concat");
    }
    builder b;
    const layer x = b.input("x", {1, 3, 3}), y = b.apply(exchanged, {b.add(x, b.apply(exchanged, {x}))});
    CHECK(sunk(b.finish(b.softmax(y))) == "transpose add softmax");
}

TEST_CASE("sink_transposes: two inputs, each read in the other's layout, stay as they are") {
    builder b;
    const layer x = b.input("x", {1, 2, 3, 3}), y = b.input("y", {1, 3, 3, 2});
    const layer first = b.add(b.apply(channels_last, {x}), y), second = b.add(b.apply(channels_first, {y}), x);
    CHECK(sunk(b.finish({{"first", first.value}, {"second", second.value}})) == "transpose add transpose add");
}

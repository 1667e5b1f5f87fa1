// What the three layout passes leave together: no transpose between layers that want the same layout.

#include <laws/graph_pass.hpp>
#include <rewrite/layout.hpp>

#include <cmath>

using namespace ctq;
using namespace ctq::testing;

namespace {

// pool, T, op(T, constants), T back, pool
std::string between_layers(const auto& op, const std::vector<shape>& constants = {}) {
    builder b;
    const layer y = b.apply(channels_first, {pool(b, b.input("x", {1, 3, 3, 2}))});
    default_graph graph = b.finish(y);
    std::vector<int> inputs{y.value};
    for (const shape& each : constants) {
        auto all = laws::numbers<64>(3);
        for (float& element : all) element = std::fabs(element); // a variance may be among them
        inputs.push_back(graph.add_constant("k", each, std::vector<float>(all.begin(), all.begin() + each.elements())));
    }
    const int made = graph.add_node("op", op, inputs);
    const int back = graph.add_node("back", channels_last, {made});
    graph.outputs[0].value = graph.add_node("end", op::max_pool{}, {back});
    return layout_of(graph);
}

} // namespace

TEST_CASE("layout: pairs around what commutes go") {
    op::reduce_mean rows;
    rows.axes.insert(2);
    op::pad border;
    border.before = {0, 1, 2, 3};
    border.value = 0.5f;
    CHECK(between_layers(op::relu{}) == "max_pool relu max_pool");
    CHECK(between_layers(op::identity{}) == "max_pool identity max_pool");
    CHECK(between_layers(op::add{}, {shape{2, 1, 1}}) == "max_pool add max_pool");
    CHECK(between_layers(op::add{}, {shape{3, 1}}) == "max_pool add max_pool");
    CHECK(between_layers(op::multiply{}, {shape{1, 2, 3, 3}}) == "max_pool multiply max_pool");
    CHECK(between_layers(op::multiply{}, {shape{}}) == "max_pool multiply max_pool");
    CHECK(between_layers(op::concat{1}, {shape{1, 2, 3, 3}}) == "max_pool concat max_pool");
    CHECK(between_layers(op::concat{-1}, {shape{1, 2, 3, 1}}) == "max_pool concat max_pool");
    CHECK(between_layers(op::softmax{1}) == "max_pool softmax max_pool");
    CHECK(between_layers(rows) == "max_pool reduce_mean max_pool");
    CHECK(between_layers(border) == "max_pool pad max_pool");
    CHECK(between_layers(op::batch_normalization{1e-3f, 1}, {shape{2}, shape{2}, shape{2}, shape{2}}) ==
          "max_pool batch_normalization max_pool");
    CHECK(between_layers(op::reshape{shape{1, 3, 2, 3}}) == "max_pool transpose reshape transpose max_pool");
}

TEST_CASE("layout: a mean that drops axes turns only what it keeps") {
    const auto mean = [](std::initializer_list<int> axes) {
        builder b;
        op::reduce_mean op;
        op.keep_axes = false;
        for (const int axis : axes) op.axes.insert(axis);
        return layout_of(b.finish(b.apply(op, {b.apply(channels_first, {pool(b, b.input("x", {1, 3, 3, 2}))})})));
    };
    CHECK(mean({2, 3}) == "max_pool reduce_mean");
    CHECK(mean({0, 1}) == "max_pool reduce_mean");
    CHECK(mean({2}) == "max_pool reduce_mean transpose");
    CHECK(mean({0, 1, 2, 3}) == "max_pool reduce_mean");
}

TEST_CASE("layout: one behind an input stays there, one that can reach an input rises") {
    builder b;
    const layer x = b.input("x", {1, 2, 3, 3});
    const layer shifted = b.add(b.constant("k", {2, 1, 1}, laws::weights<2>), x);
    CHECK(layout_of(b.finish(pool(b, b.apply(channels_last, {b.apply(op::relu{}, {shifted})})))) ==
          "transpose add relu max_pool");
    builder c;
    const layer turned = c.apply(channels_last, {c.input("x", {1, 2, 3, 3})});
    CHECK(layout_of(c.finish(pool(c, c.apply(op::relu{}, {turned})))) == "transpose relu max_pool");
    builder d;
    const layer image = d.input("x", {1, 3, 3, 2}), first = d.apply(channels_first, {image});
    const layer sum = d.add(first, d.apply(channels_first, {image}));
    CHECK(layout_of(d.finish(pool(d, d.apply(channels_last, {sum})))) == "add max_pool");
}

TEST_CASE("layout: no larger transpose than before") {
    builder b;
    op::reduce_mean op;
    op.axes.insert(2);
    op.axes.insert(3);
    const layer mean = b.apply(op, {b.input("x", {1, 2, 3, 3})});
    CHECK(layout_of(b.finish(b.conv2d(b.apply(channels_last, {mean}), {laws::weights<4>}, {}))) ==
          "reduce_mean transpose conv2d");
}

TEST_CASE("layout: equal ones of one value become one, and names stay apart") {
    builder b;
    const layer x = b.input("x", {1, 2, 3, 3});
    const layer left = pool(b, b.apply(channels_last, {x})), right = b.apply(channels_last, {x});
    const default_graph before = b.finish(b.apply(op::relu{}, {b.apply(channels_first, {b.add(left, right)})}));
    CHECK(layout_of(before) == "transpose max_pool add relu transpose");
    const default_graph graph = with_layout(before);
    CHECK(graph.value_at(graph.outputs[0].value).name == "relu.transposed");
    CHECK(graph.outputs[0].name == "output");
}

TEST_CASE("layout: what is turned two ways, or on one side only, stays") {
    builder b;
    const layer x = pool(b, b.input("x", {1, 2, 2, 2}));
    const op::transpose swapped{{0, 2, 1, 3, 4, 5}};
    CHECK(layout_of(b.finish(b.add(b.apply(channels_first, {x}), b.apply(swapped, {x})))) ==
          "max_pool transpose transpose add");
    builder c;
    const layer y = pool(c, c.input("x", {1, 2, 2, 2}));
    CHECK(layout_of(c.finish(c.add(c.apply(channels_first, {y}), y))) == "max_pool transpose add");
}

TEST_CASE("layout: from an input to an output one stays, and does nothing") {
    builder b;
    const layer x = b.input("x", {1, 2, 3, 3});
    CHECK(layout_of(b.finish(b.apply(channels_first, {b.apply(channels_last, {x})}))) == "transpose");
}

#include <ctq/graph/builder.hpp>
#include <ctq/operators/all.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <variant>
#include <vector>

using ctq::shape;
using builder =
    ctq::basic_builder<std::variant<ctq::op::conv2d, ctq::op::dense, ctq::op::max_pool, ctq::op::average_pool,
                                    ctq::op::reduce_mean, ctq::op::add, ctq::op::multiply, ctq::op::softmax,
                                    ctq::op::reshape, ctq::op::concat, ctq::op::sigmoid>>;

namespace {

constexpr std::array<float, 36> taps{1, 2, 3};
constexpr std::array<float, 4> bias{1, 2, 3, 4};

constexpr auto network() {
    builder b;
    const auto x = b.input("image", {1, 8, 8, 1});
    const auto y =
        b.conv2d(x, {taps, bias}, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = ctq::bounds::relu()});
    const auto z = b.max_pool(y, {.kernel = {2, 2}, .stride = {2, 2}});
    return b.finish(b.dense(z, {std::span(taps).first<0>()}));
}

constexpr auto small_network() {
    builder b;
    const auto x = b.input("image", {1, 8, 8, 1});
    const auto y =
        b.conv2d(x, {taps, bias}, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = ctq::bounds::relu()});
    return b.finish(b.global_average_pool(y), "mean");
}

static_assert(small_network().nodes.size() == 2 && small_network().values.size() == 5);
static_assert(small_network().value_at(1).facts.shape == shape{4, 3, 3, 1} &&
              small_network().value_at(1).name == "conv.weights");
static_assert(small_network().value_at(2).name == "conv.bias" && small_network().reals(2)[3] == 4);
static_assert(small_network().value_at(3).facts.shape == shape{1, 8, 8, 4});
static_assert(small_network().outputs[0].name == "mean" &&
              small_network().value_at(4).facts.shape == shape{1, 1, 1, 4});

void refuses(auto build, const char* text) {
    CAPTURE(std::string(text));
    CHECK_THROWS_WITH_AS(build(), text, ctq::model_error);
}

} // namespace

TEST_CASE("builder: each layer's operator and shape") {
    builder b;
    const std::vector<float> many(4096, 0.5f);
    const std::span<const float> weights(many);
    const auto x = b.input("x", {2, 8, 8, 4});
    const auto depthwise = b.conv2d(x, {weights.first(36)}, {.kernel = {3, 3}, .stride = {2, 2}, .groups = 4});
    const auto pooled = b.average_pool(depthwise, {.kernel = {3, 3}});
    const auto flat = b.dense(pooled, {weights.first(12)}, ctq::bounds::relu6(), "head");
    const auto sum = b.add(flat, flat, ctq::bounds::relu());
    const auto product = b.multiply(sum, b.constant("two", {1}, weights.first(1)));
    const auto joined = b.concat({product, flat, b.softmax(flat)});
    const auto g = b.finish(b.apply(ctq::op::sigmoid{}, {joined}));
    const auto shape_at = [&](ctq::layer at) { return g.value_at(at.value).facts.shape; };
    CHECK(shape_at(depthwise) == shape{2, 3, 3, 4});
    CHECK(shape_at(pooled) == shape{2, 1, 1, 4});
    CHECK(shape_at(flat) == shape{2, 3});
    CHECK(shape_at(joined) == shape{2, 9});
    CHECK(std::get<ctq::op::conv2d>(g.node_at(0).op).groups == 4);
    CHECK(std::get<ctq::op::reshape>(g.node_at(2).op).to == shape{2, 4});
    CHECK(g.node_at(3).name == "head");
    CHECK(std::get<ctq::op::dense>(g.node_at(3).op).activation == ctq::bounds::relu6());
    CHECK(g.nodes.back().name == "sigmoid");
    CHECK(g.outputs[0].name == "output");
}

TEST_CASE("builder: layers of one name are numbered") {
    builder b;
    auto x = b.input("x", {1, 1});
    for (int i = 0; i < 12; ++i) x = b.dense(x, {std::span(taps).first<1>()});
    const auto g = b.finish(x);
    CHECK(g.node_at(0).name == "dense");
    CHECK(g.node_at(1).name == "dense_2");
    CHECK(g.node_at(11).name == "dense_12");
    CHECK(g.value_at(g.node_at(1).inputs[1]).name == "dense_2.weights");
}

TEST_CASE("builder: several outputs") {
    builder b;
    const auto x = b.input("x", {4});
    const auto y = b.softmax(x);
    const auto g = b.finish({ctq::port{"scores", y.value}, ctq::port{"same", x.value}});
    REQUIRE(g.outputs.size() == 2);
    CHECK(g.outputs[0].name == "scores");
    CHECK(g.outputs[1].value == x.value);
}

TEST_CASE("builder: a state begins with its initial value, or zeros, and holds what is written to it") {
    builder b;
    const auto s = b.state("s", {3}, std::span(bias).first<3>()), zeros = b.state("zeros", {3});
    const auto sum = b.add(s, b.input("x", {3}));
    b.write(s, sum);
    b.write(zeros, s);
    const auto g = b.finish(sum);
    REQUIRE(g.states.size() == 2);
    CHECK(g.states[0].name == "s");
    CHECK(g.states[0].read == s.value);
    CHECK(g.states[0].written == sum.value);
    CHECK(g.reals(g.states[0].initial)[2] == bias[2]);
    CHECK(g.reals(g.states[1].initial)[2] == 0.0f);
    const int delay = g.producer_of(g.states[1].written); // what one state held goes to the other through a node
    REQUIRE(delay >= 0);
    CHECK(g.node_at(delay).name == "reshape");
    CHECK(g.node_at(delay).inputs == std::vector<int>{s.value});
}

TEST_CASE("builder: states that do not fit are refused") {
    refuses(
        [] {
            builder b;
            const auto s = b.state("s", {3}), x = b.input("x", {3});
            b.write(s, x);
            b.write(s, x);
            return s;
        },
        "a state is written once");
    refuses(
        [] {
            builder b;
            const auto x = b.input("x", {3});
            b.write(x, x);
            return x;
        },
        "write() takes what state() gave as its first argument");
    refuses(
        [] {
            builder b;
            return b.finish(b.softmax(b.state("s", {3})));
        },
        "state 's': nothing makes what is written to it");
}

TEST_CASE("builder: what does not fit is refused") {
    refuses([] { return network(); }, "the number of weights must be a multiple of the inputs");
    refuses(
        [] {
            builder b;
            return b.conv2d(b.input("x", {8, 8}), {taps}, {.kernel = {3, 3}});
        },
        "a convolution's input must have 4 axes (batch, rows, columns, channels)");
    refuses(
        [] {
            builder b;
            return b.conv2d(b.input("x", {1, 8, 8, 1}), {taps}, {.kernel = {5, 5}});
        },
        "the number of weights must be a multiple of kernel rows * columns * inputs per group");
    refuses(
        [] {
            builder b;
            return b.conv2d(b.input("x", {1, 8, 8, 1}), {taps, std::span(bias).first<3>()}, {.kernel = {3, 3}});
        },
        "a constant must have as many elements as its shape");
    refuses(
        [] {
            builder b;
            return b.conv2d(b.input("x", {1, 8, 8, 1}), {taps}, {.kernel = {3, 3}, .groups = 0});
        },
        "groups must be at least 1");
    refuses(
        [] {
            builder b;
            return b.add(b.input("x", {3}), b.input("y", {4}));
        },
        "the operands' shapes do not broadcast; make each pair of extents equal or one of them 1");
}

#pragma once
// The laws of graph_pass over small graphs that hold what passes look for; for every registered pass and a user's own.

#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/rewrite/pass.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::laws {

/// Numbers between -0.75 and 0.75, of both signs and none of them 0, the same everywhere.
template <class Elements> constexpr void fill_with_numbers(Elements& elements, unsigned seed) {
    for (float& each : elements) {
        seed = seed * 1664525U + 1013904223U;
        const auto step = static_cast<int>(seed >> 28);
        each = static_cast<float>(step < 8 ? step - 12 : step - 3) / 16.0f;
    }
}

template <std::size_t Count> constexpr std::array<float, Count> numbers(unsigned seed) {
    std::array<float, Count> result{};
    fill_with_numbers(result, seed);
    return result;
}

template <std::size_t Count> inline constexpr std::array<float, Count> weights = numbers<Count>(Count);

/// An image in NHWC, 3x3x2, through a padded convolution, normalization and ReLU6, then to two dense layers.
constexpr default_graph normalized_convolution() {
    builder b;
    const layer x = b.input("image", {1, 3, 3, 2});
    op::pad border;
    border.before = {0, 1, 1, 0};
    border.after = {0, 1, 0, 0};
    layer y = b.conv2d(b.apply(border, {x}), {weights<24>}, {.kernel = {2, 2}}, "conv");
    const layer gamma = b.constant("gamma", {3}, weights<3>), beta = b.constant("beta", {3}, weights<3>);
    const std::array variance{0.5f, 1.0f, 2.0f};
    y = b.apply(op::batch_normalization{1e-3f, 3}, {y, gamma, beta, gamma, b.constant("variance", {3}, variance)});
    y = b.apply(op::identity{}, {b.apply(op::clip{bounds::relu6()}, {y})});
    return b.finish({{"scores", b.dense(y, {weights<72>}).value}, {"other", b.dense(y, {weights<36>}).value}});
}

/// An image in NCHW, as ONNX has it: layers between transposes, a sum, a mean, a normalization with no layer before it.
constexpr default_graph channels_first() {
    builder b;
    const op::transpose in{{0, 2, 3, 1, 4, 5}}, out{{0, 3, 1, 2, 4, 5}};
    const layer x = b.input("image", {1, 2, 3, 3});
    const std::array variance{0.5f, 2.0f};
    const layer two = b.constant("two", {2}, weights<2>), spread = b.constant("variance", {2}, variance);
    const layer z = b.apply(op::batch_normalization{1e-3f, 1}, {x, two, two, two, spread});
    const layer left = b.conv2d(b.apply(in, {z}), {weights<8>, weights<4>}, {});
    const layer right = b.conv2d(b.apply(in, {x}), {weights<32>}, {.kernel = {2, 2}, .padding = {0, 0, 1, 1}});
    layer y = b.add(b.apply(out, {left}), b.apply(out, {right}));
    y = b.apply(op::relu{}, {b.multiply(y, b.constant("scale", {4, 1, 1}, weights<4>))});
    const layer pooled = b.max_pool(b.apply(in, {y}), {.kernel = {2, 2}});
    op::reduce_mean mean;
    mean.keep_axes = false;
    mean.axes.insert(2);
    mean.axes.insert(3);
    const layer flat = b.apply(op::reshape{shape{1, 16}}, {b.apply(out, {pooled})});
    return b.finish({{"mean", b.apply(mean, {y}).value}, {"scores", b.dense(flat, {weights<48>}).value}});
}

/// Reshapes between element-wise layers, constants among themselves, a dead layer, a sum folded into a dense layer.
constexpr default_graph reshaped() {
    builder b;
    const layer x = b.input("x", {2, 6});
    layer y = b.reshape(x, {2, 1, 3, 2});
    y = b.apply(op::relu{}, {b.add(y, b.constant("k", {1, 1, 2}, weights<2>))});
    y = b.reshape(b.reshape(y, {3, 4}), {2, 6});
    const layer k = b.multiply(b.constant("a", {3}, weights<3>), b.constant("b", {3}, weights<3>));
    static_cast<void>(b.apply(op::sigmoid{}, {y}));
    y = b.apply(op::clip{}, {b.add(k, b.dense(y, {weights<18>, weights<3>}))});
    const layer column = b.apply(op::transpose{{1, 0, 2, 3, 4, 5}}, {b.reshape(y, {6, 1})});
    return b.finish(
        {{"rows", b.softmax(column).value}, {"turned", b.apply(op::transpose{{1, 0, 2, 3, 4, 5}}, {y}).value}});
}

/// States between layers that passes move, fold and remove: one is written through a transpose from what its own
/// reshape leads to, one from the other, one from constants.
constexpr default_graph with_states() {
    builder b;
    const op::transpose turned{{1, 0, 2, 3, 4, 5}};
    const layer x = b.input("x", {2, 3}), s = b.state("s", {3, 2}, weights<6>), delayed = b.state("delayed", {3, 2});
    layer y = b.apply(op::relu{}, {b.add(x, b.reshape(b.apply(turned, {s}), {2, 3}))});
    y = b.apply(turned, {b.multiply(y, b.constant("scale", {3}, weights<3>))});
    b.write(s, b.apply(op::identity{}, {y}));
    b.write(delayed, s);
    const layer fixed = b.state("fixed", {2});
    // One after the other: compilers differ in the order in which they evaluate arguments.
    const layer first = b.constant("a", {2}, weights<2>), second = b.constant("b", {2}, weights<2>);
    b.write(fixed, b.multiply(first, second));
    const layer before = b.apply(op::identity{}, {delayed}), cut = b.apply(op::clip{}, {fixed});
    y = b.apply(op::identity{}, {b.add(before, cut)});
    return b.finish({{"y", y.value}, {"held", b.apply(op::identity{}, {s}).value}});
}

template <class Visitor> constexpr void for_each_graph(Visitor visit) {
    visit("normalized convolution", [] { return normalized_convolution(); });
    visit("channels first", [] { return channels_first(); });
    visit("reshaped", [] { return reshaped(); });
    visit("with states", [] { return with_states(); });
}

/// One fixed sample for the inputs of a graph.
template <class Graph> constexpr std::vector<constant> fixed_inputs(const Graph& graph) {
    std::vector<constant> inputs;
    for (const port& input : graph.inputs) {
        std::vector<float> elements(graph.value_at(input.value).facts.elements(), 0.0f);
        fill_with_numbers(elements, 7);
        inputs.emplace_back(std::move(elements));
    }
    return inputs;
}

/// What a float graph computes: the elements of all outputs and of what is written to states, one after the other, and
/// the largest magnitude that occurs among all values on the way.
struct computed {
    std::vector<float> outputs;
    float largest = 0;
};
constexpr computed computed_by_definition(const default_graph& graph, const std::vector<constant>& inputs) {
    const auto elements = evaluate(graph, inputs);
    computed result;
    for (const constant& each : elements) {
        if (!each.is<float>()) continue;
        for (const float real : each.as<float>()) result.largest = std::max(result.largest, real < 0 ? -real : real);
    }
    const auto append = [&](int value) {
        const constant& from =
            graph.is_constant(value) ? graph.constant_of(value) : elements[static_cast<std::size_t>(value)];
        const auto& reals = from.as<float>();
        result.outputs.insert(result.outputs.end(), reals.begin(), reals.end());
    };
    for (const port& output : graph.outputs) append(output.value);
    for (const graph_state& each : graph.states) append(each.written);
    return result;
}

/// The same in a running program: compiled once, in graph_pass.cpp, as all that stands there.
computed computed_at_run_time(const default_graph& graph, const std::vector<constant>& inputs);

constexpr computed computed_by(const default_graph& graph, const std::vector<constant>& inputs) {
    if (std::is_constant_evaluated()) return computed_by_definition(graph, inputs);
    return computed_at_run_time(graph, inputs);
}

/// Equality of all that a graph says.
bool same_graph(const default_graph& a, const default_graph& b);

/// validate() finds nothing.
void check_valid(const default_graph& graph);

/// The names and shapes of inputs and outputs are the same, and so is the function up to rounding. Passes reorder and
/// reassociate sums and products; each of these roundings is within 2^-24 of a magnitude that occurs in the graph, and
/// there are some tens of them behind each other: 1e-5 is 168 such roundings.
void check_same_function(const default_graph& before, const default_graph& after, const std::vector<constant>& inputs);

constexpr std::vector<float> outputs_of(const default_graph& graph) {
    return computed_by(graph, fixed_inputs(graph)).outputs;
}

/// What a pass leaves of a graph: what it then computes, and its numbers of nodes, values and constants.
template <class Pass, class Make> constexpr std::vector<float> result_of_pass(Make make) {
    auto graph = make();
    Pass::run(graph);
    std::vector<float> result = outputs_of(graph);
    result.push_back(static_cast<float>(graph.nodes.size()));
    result.push_back(static_cast<float>(graph.values.size()));
    result.push_back(static_cast<float>(graph.constants.size()));
    return result;
}

/// The same, from the compiler, which computes it once: so many numbers of an array that holds more.
struct constant_result {
    std::array<float, 128> numbers{};
    std::size_t count = 0;
};
template <class Pass, class Make> constexpr constant_result constant_result_of_pass() {
    constant_result result;
    for (const float each : result_of_pass<Pass>(Make{})) result.numbers[result.count++] = each;
    return result;
}

/// The laws for one pass and one graph.
template <class Pass> void check_graph_pass_on(const default_graph& before) {
    default_graph graph = before;
    const bool changed = Pass::run(graph);
    CHECK(changed != same_graph(graph, before));
    check_valid(graph);
    check_same_function(before, graph, fixed_inputs(before));
    const default_graph once = graph;
    CHECK_FALSE(Pass::run(graph));
    CHECK(same_graph(graph, once));
}

/// The laws of `Pass` on every graph above; and that the compiler gets from it what the running program gets.
template <class Pass> void check_graph_pass() {
    static_assert(graph_pass<Pass, default_graph>);
    CHECK_FALSE(std::string_view(Pass::name).empty());
    for_each_graph([](const std::string& name, auto make) {
        CAPTURE(name);
        check_graph_pass_on<Pass>(make());
        static constexpr constant_result in_compiler = constant_result_of_pass<Pass, decltype(make)>();
        const std::span<const float> numbers = std::span(in_compiler.numbers).first(in_compiler.count);
        CHECK(result_of_pass<Pass>(make) == std::vector<float>(numbers.begin(), numbers.end()));
    });
}

/// The laws of every pass of a registry on one graph, each pass on what those before it leave, twice round.
template <class Registry> void check_graph_passes_on(const Registry&, default_graph graph) {
    for (int round = 0; round < 2; ++round)
        Registry::for_each(Registry::passes(), [&](auto pass) {
            using type = typename decltype(pass)::type;
            const std::string pass_name(type::name);
            CAPTURE(pass_name);
            check_graph_pass_on<type>(graph);
            type::run(graph);
        });
}

/// The same on every graph above.
template <class Registry> void check_graph_passes(const Registry& passes) {
    for_each_graph([&](const std::string& name, auto make) {
        CAPTURE(name);
        check_graph_passes_on(passes, make());
    });
}

template <class Pass> constexpr default_graph after(default_graph graph) {
    Pass::run(graph);
    return graph;
}

template <class Op> constexpr int count_of(const default_graph& graph) {
    int found = 0;
    for (const auto& node : graph.nodes) found += operator_if<Op>(node) != nullptr ? 1 : 0;
    return found;
}

/// "pad conv2d relu": the operators in order.
inline std::string operators_of(const default_graph& graph) {
    std::string out;
    for (const auto& node : graph.nodes) {
        if (!out.empty()) out += ' ';
        visit_operator(node, [&](const auto& op) { out += std::remove_cvref_t<decltype(op)>::name; });
    }
    return out;
}

} // namespace ctq::laws

#pragma once
// Small networks with states for the tests of quantization and execution, and sequences of samples for them.

#include <graph/networks.hpp>

#include <array>
#include <cstdint>
#include <vector>

namespace ctq::testing {

/// h' = tanh(dense(concat(x, h))): a state whose scale the operator fixes, and a layer behind it.
constexpr default_graph recurrent_network() {
    builder b;
    const auto x = b.input("x", {1, 3});
    const auto h = b.state("h", {1, 4}, weights(4, 300));
    const auto next = b.apply(op::tanh{}, {b.dense(b.concat({x, h}), {weights(28, 10), weights(4, 40)})});
    b.write(h, next);
    return b.finish(b.dense(next, {weights(8, 50), weights(2, 60)}), "y");
}

/// s' = s + x; the sum is an output too.
constexpr default_graph accumulating_network() {
    builder b;
    const std::array first{0.5f, -0.25f, 2.0f, 0.0f};
    const auto s = b.state("s", {1, 4}, first);
    const auto sum = b.add(s, b.input("x", {1, 4}));
    b.write(s, sum);
    return b.finish({port{"sum", sum.value}, port{"large", b.apply(op::relu{}, {sum}).value}});
}

/// No inputs: a counter goes round, (a, b)' = (b, a + step) in two states that are written from each other.
constexpr default_graph counting_network() {
    builder b;
    const std::array one{1.0f, 0.5f};
    const auto left = b.state("left", {2}), right = b.state("right", {2}, one);
    b.write(left, right);
    b.write(right, b.add(left, b.constant("step", {2}, one)));
    return b.finish(b.add(left, right), "both");
}

/// y = x[t] + x[t - 2]: an input that is written to a state as it is, and a delay of it.
constexpr default_graph delaying_network() {
    builder b;
    const auto x = b.input("x", {1, 5});
    const auto last = b.state("last", {1, 5}), before = b.state("before", {1, 5});
    b.write(last, x);
    b.write(before, last);
    return b.finish(b.add(x, before), "y");
}

/// A state that a convolution reads and a transposed view of the result is written to, between layers that passes move;
/// and a state that constants alone are written to.
constexpr default_graph turning_network() {
    builder b;
    const op::transpose in{{0, 2, 3, 1, 4, 5}}, out{{0, 3, 1, 2, 4, 5}};
    const auto x = b.input("image", {1, 2, 3, 3});
    const auto kept = b.state("kept", {1, 2, 3, 3});
    const auto mixed = b.apply(op::relu{}, {b.add(x, kept)});
    const auto y =
        b.apply(out, {b.conv2d(b.apply(in, {mixed}), {weights(36, 3)}, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}})});
    b.write(kept, b.apply(op::identity{}, {y}));
    const auto fixed = b.state("fixed", {2, 1, 1});
    b.write(fixed, b.multiply(b.constant("a", {2, 1, 1}, weights(2)), b.constant("b", {2, 1, 1}, weights(2, 5))));
    return b.finish(b.apply(op::identity{}, {b.add(y, fixed)}), "y");
}

/// The outputs of a float graph over calls `from` .. `to`, whose states go on.
template <class Graph>
constexpr std::vector<std::vector<float>> outputs_over(const Graph& graph, std::vector<constant>& states,
                                                       std::uint32_t from, std::uint32_t to) {
    std::vector<std::vector<float>> result;
    for (std::uint32_t call = from; call < to; ++call) {
        const auto elements = evaluate(graph, as_constants(sample_inputs(graph, call)), states);
        for (std::size_t i = 0; i < graph.outputs.size(); ++i) result.push_back(output_reals(graph, elements, i));
    }
    return result;
}

} // namespace ctq::testing

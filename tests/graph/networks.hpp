#pragma once
// Small networks for the tests of quantization and execution. All are constexpr: the compiler and the program make the
// same graphs from them.

#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/quantize/annotate.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ctq::testing {

/// Numbers in (-1, 1) that look random.
template <std::size_t Count> constexpr std::array<float, Count> scattered(std::uint32_t seed) {
    std::array<float, Count> result{};
    for (float& each : result) {
        seed = seed * 1664525U + 1013904223U;
        each = static_cast<float>(static_cast<std::int32_t>(seed >> 8U) - 8388608) / 8388608.0f;
    }
    return result;
}

inline constexpr auto pool_of_weights = scattered<512>(1);
constexpr std::span<const float> weights(std::size_t count, std::size_t from = 0) {
    return std::span<const float>(pool_of_weights).subspan(from, count);
}

/// Convolution, pooling, a depthwise layer, a residual sum, a mean, a dense layer, softmax.
constexpr default_graph residual_network() {
    builder b;
    const auto x = b.input("image", {1, 6, 6, 2});
    const auto first = b.conv2d(x, {weights(54), weights(3, 60)},
                                {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = bounds::relu()});
    const auto pooled = b.max_pool(first, {.kernel = {2, 2}, .stride = {2, 2}});
    const auto deep = b.conv2d(pooled, {weights(27, 70), weights(3, 100)},
                               {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .groups = 3, .activation = bounds::relu6()});
    const auto mixed = b.conv2d(deep, {weights(9, 110)}, {});
    const auto sum = b.add(mixed, pooled, bounds::relu());
    const auto mean = b.global_average_pool(sum);
    return b.finish(b.softmax(b.dense(mean, {weights(12, 120), weights(4, 140)})), "scores");
}

/// A concat of a sigmoid's output, whose scale is fixed, and of two tensors whose scales are free; one of them is made
/// by a concat itself.
constexpr default_graph branching_network() {
    builder b;
    const auto x = b.input("x", {1, 8});
    const auto left = b.dense(x, {weights(32), weights(4, 32)});
    const auto right = b.dense(x, {weights(24, 40), weights(3, 70)});
    const auto inner = b.concat({left, right});
    const auto gate = b.apply(op::sigmoid{}, {left});
    return b.finish(b.concat({inner, gate}), "joined");
}

/// Two inputs, three outputs, one of them also read inside.
constexpr default_graph many_ports_network() {
    builder b;
    const auto image = b.input("image", {1, 4, 4, 1}), mask = b.input("mask", {1, 4, 4, 1});
    const auto product = b.multiply(image, mask);
    const auto pooled = b.average_pool(product, {.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}});
    const auto sum = b.add(pooled, image);
    const auto flat = b.reshape(sum, {1, 16});
    const auto last = b.dense(flat, {weights(32, 200)});
    return b.finish({port{"product", product.value}, port{"sum", sum.value}, port{"last", last.value}});
}

/// Boxes in an order that a constant gives, those of them that suppress the others, which data decide how many are, and
/// the best scores with their places.
constexpr default_graph choosing_network() {
    default_graph graph;
    const int boxes = graph.add_value("boxes", {dtype::float32, {1, 5, 4}});
    const int scores = graph.add_value("scores", {dtype::float32, {1, 2, 5}});
    graph.inputs = {{"boxes", boxes}, {"scores", scores}};
    const int order = graph.add_constant("order", {5}, std::vector<std::int64_t>{4, 0, -4, 2, 3});
    const int ordered = graph.add_node("ordered", op::gather{1}, {boxes, order});
    const int rows = graph.add_node("rows", op::non_max_suppression{2, 0.5f}, {ordered, scores});
    const int count = graph.nodes.back().outputs[1];
    const int best = graph.add_node("best", op::top_k{-1, 3}, {scores});
    graph.outputs = {{"rows", rows, 1}, {"count", count}, {"best", best}, {"places", graph.nodes.back().outputs[1]}};
    return graph;
}

/// In-place operators in a row, and a value with two readers that must not be overwritten.
constexpr default_graph in_place_network() {
    builder b;
    const auto x = b.input("x", {2, 3, 4});
    const auto a = b.apply(op::tanh{}, {x});
    const auto c = b.apply(op::clip{{-0.5f, 0.75f}}, {a});
    const auto d = b.add(c, b.constant("offset", {4}, weights(4)));
    const auto e = b.multiply(d, a);
    const auto f = b.add(e, e);
    return b.finish(b.apply(op::transpose{{2, 0, 1}}, {b.reshape(f, {6, 2, 2})}), "y");
}

/// Plain integers and booleans beside reals, as inputs and as outputs: positions, a mask.
constexpr default_graph typed_ports_network() {
    builder b;
    const auto image = b.input("image", {1, 8});
    const auto positions = b.input("positions", {1, 3}, dtype::int64), mask = b.input("mask", {1, 2}, dtype::boolean);
    const auto scores = b.dense(image, {weights(32, 300), weights(4, 340)});
    const auto masks = b.concat({mask, mask});
    return b.finish(
        {port{"scores", scores.value}, port{"doubled", b.add(positions, positions).value}, port{"masks", masks.value}});
}

/// It quantized: reals within [-4, 4].
constexpr default_graph quantized_typed_ports() {
    const default_graph graph = typed_ports_network();
    return post_process(annotate<rule::affine_int8>(graph, std::vector<bounds>(graph.values.size(), {-4, 4}),
                                                    flags(graph.nodes.size(), false)),
                        default_registry);
}

/// Inputs of a network: sample number `seed`, one vector for each input.
template <class Graph> constexpr std::vector<std::vector<float>> sample_inputs(const Graph& graph, std::uint32_t seed) {
    constexpr auto numbers = scattered<512>(77);
    std::vector<std::vector<float>> result;
    for (const port& input : graph.inputs) {
        std::vector<float> one;
        for (std::size_t i = 0; i < graph.value_at(input.value).facts.elements(); ++i)
            one.push_back(numbers[(i + result.size() * 91 + seed * 37) % numbers.size()]);
        result.push_back(one);
    }
    return result;
}

constexpr std::vector<constant> as_constants(const std::vector<std::vector<float>>& inputs) {
    std::vector<constant> result;
    for (const auto& each : inputs) result.push_back(constant(each));
    return result;
}

/// Samples 0 and 1 calibrate.
inline constexpr std::uint32_t calibration_count = 2;

/// The range of every value over these samples: minmax, for any number of inputs.
template <class Graph>
constexpr std::vector<bounds> observed_ranges(const Graph& graph, std::uint32_t samples = calibration_count) {
    std::vector<bounds> ranges(graph.values.size(), bounds{0, 0});
    std::vector<constant> states = initial_states(graph);
    for (std::uint32_t sample = 0; sample < samples; ++sample) {
        const auto elements = evaluate(graph, as_constants(sample_inputs(graph, sample)), states);
        for (std::size_t v = 0; v < elements.size(); ++v)
            for (const float each : elements[v].template as<float>())
                ranges[v] = {each < ranges[v].low ? each : ranges[v].low,
                             each > ranges[v].high ? each : ranges[v].high};
    }
    return ranges;
}

template <class Rule = rule::affine_int8, class Graph>
constexpr Graph quantized_network(const Graph& graph, const flags& keep_float) {
    return post_process(annotate<Rule>(graph, observed_ranges(graph), keep_float), default_registry);
}
template <class Rule = rule::affine_int8, class Graph> constexpr Graph quantized_network(const Graph& graph) {
    return quantized_network<Rule>(graph, flags(graph.nodes.size(), false));
}

/// The same ranges as a constant of their own: clang's limit holds for each constant evaluation.
template <auto Network>
constexpr auto constant_ranges = [] {
    std::array<bounds, Network().values.size()> result{};
    const auto ranges = observed_ranges(Network());
    for (std::size_t v = 0; v < result.size(); ++v) result[v] = ranges[v];
    return result;
}();
template <auto Network, class Rule = rule::affine_int8> constexpr auto quantized_constant(const flags& keep_float) {
    constexpr const auto& ranges = constant_ranges<Network>;
    return post_process(annotate<Rule>(Network(), std::vector<bounds>(ranges.begin(), ranges.end()), keep_float),
                        default_registry);
}
template <auto Network, class Rule = rule::affine_int8> constexpr auto quantized_constant() {
    return quantized_constant<Network, Rule>(flags(Network().nodes.size(), false));
}

/// What the ports of a quantized graph are given: integers where it takes integers.
template <class Graph>
constexpr std::vector<constant> as_inputs(const Graph& graph, const std::vector<std::vector<float>>& reals) {
    std::vector<constant> result;
    for (std::size_t i = 0; i < reals.size(); ++i) {
        const tensor_facts& facts = graph.value_at(graph.inputs[i].value).facts;
        if (facts.type == dtype::float32) {
            result.emplace_back(reals[i]);
            continue;
        }
        with_element_type(facts.type, [&](auto zero) {
            if constexpr (std::is_integral_v<decltype(zero)>) {
                std::vector<decltype(zero)> integers;
                for (const float each : reals[i])
                    integers.push_back(static_cast<decltype(zero)>(quantize(each, facts)));
                result.emplace_back(std::move(integers));
            }
        });
    }
    return result;
}

/// An output of a graph as reals.
template <class Graph>
constexpr std::vector<float> output_reals(const Graph& graph, const std::vector<constant>& elements,
                                          std::size_t output) {
    const int index = graph.outputs[output].value;
    const constant& found = elements[static_cast<std::size_t>(index)];
    return found.visit([&](const auto& stored) {
        using type = typename std::remove_cvref_t<decltype(stored)>::value_type;
        std::vector<float> result;
        if constexpr (std::is_same_v<type, float>)
            result = stored;
        else if constexpr (std::is_integral_v<type> && sizeof(type) <= sizeof(std::int32_t))
            for (const type each : stored)
                result.push_back(dequantize(static_cast<std::int32_t>(each), graph.value_at(index).facts.quantization));
        return result;
    });
}

} // namespace ctq::testing

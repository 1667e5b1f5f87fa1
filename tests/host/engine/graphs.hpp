#pragma once
// What the engines' tests share: graphs with random weights, samples, ranges.

#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/host/dataset.hpp>
#include <ctq/quantize/annotate.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace engine_test {

using namespace ctq;

inline std::vector<float> numbers(std::size_t count, std::uint32_t seed, float spread = 1.0f) {
    std::mt19937 random(seed);
    std::vector<float> made(count);
    for (float& each : made) each = spread * (static_cast<float>(random() % 20001) / 10000.0f - 1.0f);
    return made;
}

/// The same type and elements.
inline bool same_elements(const const_tensor& a, const constant& b) {
    return a.facts.type == b.type() && b.visit([&](const auto& elements) {
        using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
        return std::equal(elements.begin(), elements.end(), a.as<type>(), a.as<type>() + a.size());
    });
}

/// A builder that makes up the weights and knows the channels of what it made last.
template <class Builder = builder> class random_builder {
    std::uint32_t seed_ = 1;

  public:
    Builder plain;

    layer conv(layer x, int inputs, int outputs, const convolution& c, bool with_bias = true) {
        const auto taps = static_cast<std::size_t>(c.kernel[0] * c.kernel[1] * inputs / c.groups);
        const auto weights =
            numbers(taps * static_cast<std::size_t>(outputs), ++seed_, 2.0f / static_cast<float>(taps));
        const auto bias = numbers(with_bias ? static_cast<std::size_t>(outputs) : 0, ++seed_, 0.5f);
        return plain.conv2d(x, {weights, bias}, c);
    }
    layer dense(layer x, int inputs, int outputs, bounds activation = bounds::none()) {
        const auto weights =
            numbers(static_cast<std::size_t>(inputs * outputs), ++seed_, 2.0f / static_cast<float>(inputs));
        const auto bias = numbers(static_cast<std::size_t>(outputs), ++seed_, 0.5f);
        return plain.dense(x, {weights, bias}, activation);
    }
};

struct named_graph {
    std::string name;
    default_graph graph;
};

/// Convolutions of many shapes, one after another.
inline default_graph convolutions() {
    random_builder b;
    layer x = b.plain.input("image", {1, 11, 9, 3});
    x = b.conv(x, 3, 20, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = bounds::relu()});
    x = b.conv(x, 20, 37, {.kernel = {1, 1}}, false);
    x = b.conv(x, 37, 16, {.kernel = {3, 2}, .stride = {2, 1}, .padding = {0, 1, 2, 0}, .activation = bounds::relu6()});
    x = b.conv(x, 16, 24, {.kernel = {3, 3}, .dilation = {1, 2}, .padding = {1, 2, 1, 2}, .groups = 4});
    x = b.conv(x, 24, 5, {.kernel = {1, 1}, .stride = {2, 2}});
    return b.plain.finish(x);
}

/// Depthwise layers whose channels fill registers, or do not.
inline default_graph depthwise_layers() {
    random_builder b;
    layer x = b.plain.input("image", {1, 13, 12, 2});
    int depth = 2;
    for (const int channels : {3, 8, 29, 64}) {
        x = b.conv(x, depth, channels, {.kernel = {1, 1}, .activation = bounds::relu()});
        x = b.conv(x, channels, channels,
                   {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .groups = channels, .activation = bounds::relu6()});
        depth = channels;
    }
    x = b.conv(x, 64, 64, {.kernel = {3, 3}, .stride = {2, 2}, .groups = 64});
    x = b.conv(x, 64, 128, {.kernel = {2, 2}, .groups = 64});
    return b.plain.finish(x);
}

/// A residual block, both pools, a mean, a dense layer and a softmax.
inline default_graph residual() {
    random_builder b;
    layer x = b.plain.input("image", {1, 16, 16, 1});
    x = b.conv(x, 1, 16, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = bounds::relu()});
    layer y = b.conv(x, 16, 16, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}});
    x = b.plain.add(x, y, bounds::relu());
    x = b.plain.max_pool(x, {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1, 1, 1}});
    x = b.plain.average_pool(x, {.kernel = {2, 2}, .stride = {2, 2}});
    x = b.plain.global_average_pool(x);
    x = b.dense(x, 16, 33, bounds::relu());
    x = b.dense(x, 33, 10);
    return b.plain.finish(b.plain.softmax(x));
}

/// Branches that are concatenated and gated, and two outputs.
inline default_graph branches() {
    random_builder b;
    layer x = b.plain.input("image", {1, 8, 8, 4});
    layer side = b.plain.input("gate", {1, 1, 1, 6});
    layer a = b.conv(x, 4, 6, {.kernel = {1, 1}, .activation = bounds::relu()});
    layer c = b.conv(x, 4, 6, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}});
    layer gated = b.plain.multiply(c, b.plain.apply(op::sigmoid{}, {side}));
    layer joined = b.plain.concat({a, gated});
    layer flat = b.dense(joined, 8 * 8 * 12, 7);
    layer curved = b.plain.apply(op::tanh{}, {flat});
    return b.plain.finish({{"curved", curved.value}, {"joined", joined.value}});
}

/// Dense layers on one row and on several.
inline default_graph dense_layers() {
    random_builder b;
    layer x = b.plain.input("row", {1, 70});
    x = b.dense(x, 70, 130, bounds::relu());
    x = b.dense(x, 130, 3);
    x = b.dense(x, 3, 48, {-0.25f, 0.25f});
    return b.plain.finish(x);
}

inline std::vector<named_graph> graphs() {
    std::vector<named_graph> all{{"convolutions", convolutions()},
                                 {"depthwise", depthwise_layers()},
                                 {"residual", residual()},
                                 {"branches", branches()},
                                 {"dense", dense_layers()}};
    for (named_graph& each : all) each.graph = prepare(std::move(each.graph), default_registry);
    return all;
}

/// One sample for each input.
inline std::vector<constant> sample_for(const default_graph& graph, std::uint32_t seed) {
    std::vector<constant> in;
    for (const port& input : graph.inputs)
        in.emplace_back(numbers(graph.value_at(input.value).facts.elements(), seed++, 1.5f));
    return in;
}

/// The ranges that one sample spans.
inline std::vector<bounds> ranges_from(const std::vector<constant>& elements) {
    std::vector<bounds> ranges;
    for (const constant& each : elements) {
        bounds range{0.0f, 0.0f};
        for (const float x : each.as<float>()) range = {std::min(range.low, x), std::max(range.high, x)};
        ranges.push_back(range);
    }
    return ranges;
}

/// Annotated as the tool does it, with the passes of that phase.
template <class Rules, const auto& Registry = default_registry, class Graph, class Domains>
Graph annotated(const Graph& graph, std::vector<bounds> ranges, const Domains& domains) {
    return post_process(annotate<Rules>(graph, std::move(ranges), domains), Registry);
}

/// `count` samples of the shape of input `i`, as a file would hold them.
inline host::dataset dataset_for(const default_graph& graph, std::size_t i, std::size_t count, std::uint32_t seed) {
    const std::size_t size = graph.value_at(graph.inputs[i].value).facts.elements();
    const auto values = numbers(count * size, seed, 2.0f);
    host::array data;
    data.shape = {static_cast<std::int64_t>(count), static_cast<std::int64_t>(size)};
    data.bytes.resize(values.size() * sizeof(float));
    std::memcpy(data.bytes.data(), values.data(), data.bytes.size());
    return host::dataset(std::move(data), "test");
}

inline std::vector<host::dataset> datasets_for(const default_graph& graph, std::size_t count, std::uint32_t seed = 7) {
    std::vector<host::dataset> all;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i)
        all.push_back(dataset_for(graph, i, count, seed + static_cast<std::uint32_t>(i)));
    return all;
}

} // namespace engine_test

#pragma once
// quantized: a network written in C++, prepared, calibrated, quantized, proved, planned and specialised by the
// compiler. room: door of the compiler path (Boost.Hana through the default registry)

#include <ctq/calibrate/strategy.hpp>
#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/quantize/quantize.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace ctq {

/// Samples to calibrate with, in the compiler: `count` samples of `size` floats each, one after the other.
template <class Strategy, std::size_t Count, std::size_t Size> struct calibration_samples {
    using strategy = Strategy;
    std::array<float, Count * Size> values{};
};

/// The range of every value of a float graph, from running it on samples.
template <class Rule, class Strategy, class Graph>
constexpr std::vector<bounds> calibrated_ranges(const Graph& graph, std::span<const float> samples) {
    require(graph.inputs.size() == 1, "calibration in the compiler is for networks with one input");
    const std::size_t size = graph.value_at(graph.inputs[0].value).facts.elements();
    require(size > 0 && samples.size() % size == 0 && !samples.empty(),
            "the calibration samples must be a multiple of the input's size");
    std::vector<calibrate::observation> seen(graph.values.size());
    for (std::size_t first = 0; first < samples.size(); first += size) {
        const auto one = samples.subspan(first, size);
        std::vector<constant> in{constant(std::vector<float>(one.begin(), one.end()))};
        const auto elements = evaluate<typename Rule::requantizer>(graph, std::move(in));
        for (std::size_t v = 0; v < elements.size(); ++v)
            if (graph.values[v].constant < 0) seen[v].observe(elements[v].reals);
    }
    std::vector<bounds> ranges;
    for (const calibrate::observation& each : seen) {
        const calibrate::range range = Strategy{}.choose(each, {Rule::levels, Rule::symmetric});
        ranges.push_back({range.low, range.high});
    }
    return ranges;
}

/// `Network`: a captureless constexpr callable that gives a graph (see builder). `Calibration`: a static constexpr
/// calibration_samples object. Everything happens while this compiles; a wrong shape, a possible overflow or a fault in
/// the constants is a compile error.
template <auto Network, const auto& Calibration, quantization_rule Rule = affine_int8,
          const auto& Registry = default_registry, class Policy = fast>
struct quantized {
    /// The float graph after all passes.
    static constexpr auto prepared() { return prepare(Network(), Registry); }

    /// The integer graph.
    static constexpr auto graph() {
        const auto ready = prepared();
        using strategy = typename std::remove_cvref_t<decltype(Calibration)>::strategy;
        return quantize_graph<Rule>(ready, calibrated_ranges<Rule, strategy>(ready, Calibration.values),
                                    flags(ready.nodes.size(), false));
    }

    using model = frozen_model<[] { return quantized::graph(); }, typename Rule::requantizer>;
    using executor = ctq::executor<model, Policy>;

    static constexpr std::size_t ram_bytes = executor::ram_bytes;
    static constexpr std::size_t weight_bytes = model_weight_bytes<model>;
    static constexpr bool never_overflows = model_never_overflows<model>;

    /// The integer outputs for integer inputs, in a constant expression.
    static constexpr std::vector<std::int8_t> infer(std::span<const std::int8_t> input) {
        const auto elements = evaluate<model>({constant(std::vector<std::int8_t>(input.begin(), input.end()))});
        return elements[static_cast<std::size_t>(model::outputs[0])].int8s;
    }
};

} // namespace ctq

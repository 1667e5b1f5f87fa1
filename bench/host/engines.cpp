// The tool's engines on the four MLPerf Tiny networks, for each instruction set that this machine runs: float and
// integer inference, and float inference with every value observed (calibration). One sample, one thread.

#include "networks.hpp"

#include <ctq/calibrate/minmax.hpp>
#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/integer_engine.hpp>
#include <ctq/host/engine/observed_values.hpp>
#include <ctq/quantize/annotate.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace ctq;
using namespace ctq::host;

std::vector<float> sample_for(const default_graph& graph) {
    std::vector<float> sample(graph.value_at(graph.inputs[0].value).facts.elements());
    for (std::size_t i = 0; i < sample.size(); ++i) sample[i] = static_cast<float>(i * 7919 % 2001) / 1000.0f - 1.0f;
    return sample;
}

void fill(float_engine<default_graph>& engine, const std::vector<float>& sample) {
    std::copy(sample.begin(), sample.end(), engine.input(0).begin());
}

/// One observation for each value that needs one.
struct observer {
    const default_graph& graph;
    observed_values observed{graph};
    std::vector<calibration::observation> seen{graph.values.size()};

    void run(float_engine<default_graph>& engine) {
        look(engine, graph.inputs[0].value);
        engine.run([&](std::size_t node) { look(engine, graph.nodes[node].output()); });
    }
    void look(const float_engine<default_graph>& engine, int value) {
        if (observed.is_observed(value)) seen[static_cast<std::size_t>(value)].observe(engine.value(value));
    }
};

default_graph quantized(const default_graph& graph, const std::vector<float>& sample) {
    float_engine engine(graph);
    fill(engine, sample);
    observer all{graph};
    all.run(engine);
    std::vector<bounds> ranges;
    for (std::size_t v = 0; v < graph.values.size(); ++v) {
        const int source = all.observed.source_of(static_cast<int>(v));
        const auto range = source < 0 ? calibration::range{} : all.seen[static_cast<std::size_t>(source)].observed();
        ranges.push_back({range.low, range.high});
    }
    return post_process(annotate<rule::affine_int8>(graph, ranges, flags(graph.nodes.size(), false)), default_registry);
}

void run_float(benchmark::State& state, const default_graph& graph, isa set) {
    float_engine engine(graph, memory_use::reused, set);
    const auto sample = sample_for(graph);
    for (auto _ : state) {
        fill(engine, sample);
        engine.run();
    }
}

void run_observed(benchmark::State& state, const default_graph& graph, isa set) {
    float_engine engine(graph, memory_use::reused, set);
    const auto sample = sample_for(graph);
    observer all{graph};
    for (auto _ : state) {
        fill(engine, sample);
        all.run(engine);
    }
}

void run_integer(benchmark::State& state, const default_graph& graph, isa set) {
    const auto sample = sample_for(graph);
    const default_graph integer = quantized(graph, sample);
    integer_engine<rule::affine_int8, default_graph> engine(integer, memory_use::reused, set);
    for (auto _ : state) {
        engine.set_input(0, sample);
        engine.run();
    }
}

using body = void (*)(benchmark::State&, const default_graph&, isa);

const int registered = [] {
    const std::pair<std::string, default_graph> networks[] = {{"resnet8", bench::resnet8()},
                                                              {"dscnn", bench::dscnn()},
                                                              {"mobilenet_v1_025", bench::mobilenet_v1_025()},
                                                              {"autoencoder", bench::autoencoder()}};
    const std::pair<std::string, body> bodies[] = {
        {"float", run_float}, {"observed", run_observed}, {"integer", run_integer}};
    for (const auto& [network, graph] : networks)
        for (const auto& [meaning, run] : bodies)
            for (const isa set : all_isas) {
                // The operators' own definitions are a thousand times slower and tell nothing.
                if (!runs(set) || (set == isa::native && run == run_integer)) continue;
                benchmark::RegisterBenchmark((network + "/" + meaning + "/" + std::string(name_of(set))).c_str(),
                                             [prepared = prepare(graph, default_registry), measure = run,
                                              set](benchmark::State& state) { measure(state, prepared, set); })
                    ->Unit(benchmark::kMicrosecond);
            }
    return 0;
}();

} // namespace

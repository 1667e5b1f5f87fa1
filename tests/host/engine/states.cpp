// States in the engines: over a sequence of runs, with a reset in the middle; and samples that know nothing of each
// other where many are run.
#include "graphs.hpp"

#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/engine/compare.hpp>
#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/integer_engine.hpp>

#include <doctest/doctest.h>
#include <graph/recurrent.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;

namespace {

std::vector<named_graph> graphs_with_states() {
    std::vector<named_graph> all{{"recurrent", testing::recurrent_network()},
                                 {"accumulating", testing::accumulating_network()},
                                 {"counting", testing::counting_network()},
                                 {"delaying", testing::delaying_network()},
                                 {"turning", testing::turning_network()}};
    for (named_graph& each : all) each.graph = prepare(std::move(each.graph), default_registry);
    return all;
}

/// Calls run(call) for eight calls, and reset() before call 5.
void over_calls(const std::function<void(std::uint32_t)>& run, const std::function<void()>& reset) {
    for (std::uint32_t call = 0; call < 8; ++call) {
        CAPTURE(call);
        if (call == 5) reset();
        run(call);
    }
}

void check_float_engine(const default_graph& graph, memory_use use) {
    float_engine engine(graph, use);
    auto states = initial_states(graph);
    const auto run = [&](std::uint32_t call) {
        const auto sample = sample_for(graph, call);
        for (std::size_t i = 0; i < sample.size(); ++i)
            std::copy(sample[i].as<float>().begin(), sample[i].as<float>().end(), engine.input(i).begin());
        engine.run();
        const auto expected = evaluate(graph, sample, states);
        for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
            const auto& wanted = expected[static_cast<std::size_t>(graph.outputs[i].value)].as<float>();
            for (std::size_t k = 0; k < wanted.size(); ++k)
                CHECK(std::abs(engine.output(i)[k] - wanted[k]) <= 1e-5f * (1 + std::abs(wanted[k])));
        }
    };
    over_calls(run, [&] {
        engine.reset();
        states = initial_states(graph);
    });
}

void check_integer_engine(const default_graph& integer, memory_use use, isa set) {
    integer_engine<rule::affine_int8, default_graph> engine(integer, use, set);
    auto states = initial_states(integer);
    const auto run_on = [&](auto& on, std::uint32_t call) {
        std::vector<std::vector<float>> sample;
        for (const constant& each : sample_for(integer, call)) sample.push_back(each.as<float>());
        for (std::size_t i = 0; i < sample.size(); ++i) on.set_input(i, sample[i]);
        on.run();
        const auto expected = evaluate<rule::affine_int8>(integer, testing::as_inputs(integer, sample), states);
        for (std::size_t i = 0; i < integer.outputs.size(); ++i)
            CHECK(same_elements(on.output_tensor(i), expected[static_cast<std::size_t>(integer.outputs[i].value)]));
    };
    over_calls([&](std::uint32_t call) { run_on(engine, call); },
               [&] {
                   engine.reset();
                   states = initial_states(integer);
               });
    auto copy = engine; // begins anew
    states = initial_states(integer);
    run_on(copy, 3);
}

} // namespace

TEST_CASE("states: the float engine equals evaluate over a sequence, and after a reset") {
    for (const named_graph& each : graphs_with_states()) {
        CAPTURE(each.name);
        check_float_engine(each.graph, memory_use::kept);
        check_float_engine(each.graph, memory_use::reused);
    }
}

TEST_CASE("states: the integer engine equals evaluate bit for bit over a sequence, and after a reset") {
    for (const named_graph& each : graphs_with_states()) {
        CAPTURE(each.name);
        const auto ranges = ranges_from(evaluate(each.graph, sample_for(each.graph, 11)));
        for (const std::size_t island : {0U, 1U, 2U}) { // none, and every second node, from the first or the second
            flags keep_float(each.graph.nodes.size(), false);
            for (std::size_t i = 0; i < keep_float.size(); ++i) keep_float[i] = island != 0 && (i + island) % 2 == 0;
            const auto integer = annotated<rule::affine_int8>(each.graph, ranges, keep_float);
            CHECK_NOTHROW(validate(integer));
            for (const isa set : all_isas)
                for (const memory_use use : {memory_use::kept, memory_use::reused})
                    if (runs(set)) check_integer_engine(integer, use, set);
        }
    }
}

TEST_CASE("states: calibration and comparison begin anew with each sample") {
    const default_graph graph = prepare(testing::accumulating_network(), default_registry);
    const std::vector<dataset> data = datasets_for(graph, 70);
    calibration_options on_one, on_three;
    on_one.threads = 1;
    on_three.threads = 3;
    const calibration_result result = run_calibration(graph, data, on_one);
    CHECK(run_calibration(graph, data, on_three).table == result.table);
    CHECK(result.warnings.empty());
    // What is written to the state is observed; each sample is in [-2, 2], the initial values are in [-0.25, 2].
    const auto written = result.table.tensors.find(graph.value_at(graph.states[0].written).name.view());
    REQUIRE(written != result.table.tensors.end());
    CHECK(written->second.max() <= 4.0f);
    CHECK(written->second.min() >= -2.25f);

    const auto ranges = ranges_of<calibration::minmax>(graph, result.table, grid_of<rule::affine_int8>());
    const auto integer = annotated<rule::affine_int8>(graph, ranges, flags(graph.nodes.size(), false));
    comparison_options compare_on_one, compare_on_three;
    compare_on_one.threads = 1;
    compare_on_three.threads = 3;
    const comparison one = compare<rule::affine_int8>(graph, integer, data, {}, compare_on_one);
    const comparison three = compare<rule::affine_int8>(graph, integer, data, {}, compare_on_three);
    REQUIRE(one.layers.size() == three.layers.size());
    for (std::size_t i = 0; i < one.layers.size(); ++i) {
        CHECK(one.layers[i].noise == three.layers[i].noise);
        CHECK(one.layers[i].sqnr() > 30);
    }
}

TEST_CASE("states: a fingerprint knows them") {
    const default_graph graph = testing::counting_network();
    default_graph other = graph;
    std::swap(other.states[0].written, other.states[1].written);
    CHECK(fingerprint(other) != fingerprint(graph));
    other = graph;
    other.states[0].name = "another";
    CHECK(fingerprint(other) != fingerprint(graph));
}

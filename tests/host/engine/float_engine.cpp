#include "graphs.hpp"

#include <ctq/host/engine/float_engine.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;

namespace {

void fill(float_engine<default_graph>& engine, const std::vector<constant>& sample) {
    for (std::size_t i = 0; i < sample.size(); ++i)
        std::copy(sample[i].as<float>().begin(), sample[i].as<float>().end(), engine.input(i).begin());
}

double largest_difference(std::span<const float> a, const std::vector<float>& b) {
    REQUIRE(a.size() == b.size());
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
        largest = difference > largest || std::isnan(difference) ? difference : largest;
    }
    return largest;
}

} // namespace

TEST_CASE("every value equals the operators' definitions within 1e-5, on every instruction set") {
    for (const named_graph& each : graphs())
        for (const isa set : all_isas) {
            if (!runs(set)) continue;
            CAPTURE(each.name);
            CAPTURE(name_of(set));
            float_engine engine(each.graph, memory_use::kept, set);
            for (std::uint32_t seed = 1; seed <= 2; ++seed) {
                const auto sample = sample_for(each.graph, seed);
                const auto expected = evaluate(each.graph, sample);
                fill(engine, sample);
                engine.run();
                for (std::size_t v = 0; v < expected.size(); ++v) {
                    if (each.graph.values[v].constant >= 0) continue;
                    CAPTURE(each.graph.values[v].name.view());
                    CHECK(largest_difference(engine.value(static_cast<int>(v)), expected[v].as<float>()) < 1e-5);
                }
            }
        }
}

TEST_CASE("every instruction set gives the same bits, the portable layers included") {
    std::vector<named_graph> all = graphs();
    for (const int outputs : {1, 4, 5, 8, 9, 16, 17, 33}) { // rows of one: where sums are split
        random_builder b;
        all.push_back(
            {"dense " + std::to_string(outputs), b.plain.finish(b.dense(b.plain.input("row", {1, 71}), 71, outputs))});
    }
    for (const named_graph& each : all) {
        CAPTURE(each.name);
        const auto sample = sample_for(each.graph, 5);
        float_engine portable(each.graph, memory_use::kept, isa::native);
        fill(portable, sample);
        portable.run();
        for (const isa set : all_isas) {
            if (!runs(set)) continue;
            CAPTURE(name_of(set));
            float_engine engine(each.graph, memory_use::kept, set);
            fill(engine, sample);
            engine.run();
            for (std::size_t v = 0; v < each.graph.values.size(); ++v) {
                CAPTURE(each.graph.values[v].name.view());
                const auto wanted = portable.value(static_cast<int>(v)), made = engine.value(static_cast<int>(v));
                CHECK(std::memcmp(wanted.data(), made.data(), made.size_bytes()) == 0);
            }
        }
    }
}

TEST_CASE("a sum of products is rounded once for each, in the order of the weights, from the bias on") {
    random_builder b;
    layer x = b.plain.input("image", {1, 5, 4, 3});
    const default_graph graph = b.plain.finish(b.conv(x, 3, 7, {.kernel = {2, 2}}));
    const auto sample = sample_for(graph, 6);
    const std::vector<int> inputs = graph.nodes[0].inputs;
    const auto weights = graph.constant_of(inputs[1]).as<float>(), bias = graph.constant_of(inputs[2]).as<float>();
    for (const isa set : all_isas) {
        if (!runs(set)) continue;
        CAPTURE(name_of(set));
        float_engine engine(graph, memory_use::kept, set);
        fill(engine, sample);
        engine.run();
        for (std::size_t i = 0; i < engine.output(0).size(); ++i) {
            const std::size_t channel = i % 7, column = i / 7 % 3, row = i / 21;
            float sum = bias[channel];
            for (std::size_t tap = 0; tap < 12; ++tap) {
                const std::size_t at = ((row + tap / 6) * 4 + column + tap / 3 % 2) * 3 + tap % 3;
                sum = std::fma(sample[0].as<float>()[at], weights[channel * 12 + tap], sum);
            }
            CHECK(engine.output(0)[i] == sum);
        }
    }
}

TEST_CASE("reused memory gives the bits that kept memory gives, in less of it") {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        float_engine kept(each.graph, memory_use::kept), reused(each.graph, memory_use::reused);
        CHECK(reused.arena_bytes() <= kept.arena_bytes());
        const auto sample = sample_for(each.graph, 3);
        fill(kept, sample);
        fill(reused, sample);
        kept.run();
        reused.run([&](std::size_t node) {
            const int output = each.graph.nodes[node].output();
            const auto a = kept.value(output), b = reused.value(output);
            CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
        });
        for (std::size_t i = 0; i < each.graph.outputs.size(); ++i)
            CHECK(std::equal(kept.output(i).begin(), kept.output(i).end(), reused.output(i).begin()));
    }
}

TEST_CASE("a copy has activations of its own") {
    const default_graph graph = prepare(residual(), default_registry);
    float_engine first(graph);
    float_engine second(first);
    const auto a = sample_for(graph, 1), b = sample_for(graph, 2);
    fill(first, a);
    fill(second, b);
    first.run();
    const std::vector<float> alone(first.output(0).begin(), first.output(0).end());
    second.run();
    CHECK(std::equal(alone.begin(), alone.end(), first.output(0).begin()));
    CHECK_FALSE(std::equal(alone.begin(), alone.end(), second.output(0).begin()));
}

TEST_CASE("several images at once, and weights that are not constant") {
    random_builder b;
    layer x = b.plain.input("images", {3, 6, 5, 4});
    x = b.conv(x, 4, 9, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = bounds::relu()});
    x = b.plain.max_pool(x, {.kernel = {2, 2}, .stride = {2, 2}});
    x = b.conv(x, 9, 9, {.kernel = {2, 2}, .groups = 9});
    const layer weights = b.plain.input("weights", {2, 1, 1, 9});
    x = b.plain.apply(op::conv2d{}, {x, weights});
    const default_graph graph = b.plain.finish(x);
    const auto sample = sample_for(graph, 4);
    const auto expected = evaluate(graph, sample);
    float_engine engine(graph);
    fill(engine, sample);
    engine.run();
    CHECK(largest_difference(engine.output(0), expected[static_cast<std::size_t>(graph.outputs[0].value)].as<float>()) <
          1e-5);
}

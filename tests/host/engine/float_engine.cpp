#include "graphs.hpp"

#include <ctq/host/engine/float_engine.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;

namespace {

void fill(const float_engine<default_graph>& engine, const std::vector<constant>& sample) {
    for (std::size_t i = 0; i < sample.size(); ++i)
        std::copy(sample[i].reals.begin(), sample[i].reals.end(), engine.input(i).begin());
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
            const float_engine engine(each.graph, memory_use::kept, set);
            for (std::uint32_t seed = 1; seed <= 2; ++seed) {
                const auto sample = sample_for(each.graph, seed);
                const auto expected = evaluate<three_step>(each.graph, sample);
                fill(engine, sample);
                engine.run();
                for (std::size_t v = 0; v < expected.size(); ++v) {
                    if (each.graph.values[v].constant >= 0) continue;
                    CAPTURE(each.graph.values[v].name.view());
                    CHECK(largest_difference(engine.value(static_cast<int>(v)), expected[v].reals) < 1e-5);
                }
            }
        }
}

TEST_CASE("reused memory gives the bits that kept memory gives, in less of it") {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        const float_engine kept(each.graph, memory_use::kept), reused(each.graph, memory_use::reused);
        CHECK(reused.arena_bytes() <= kept.arena_bytes());
        const auto sample = sample_for(each.graph, 3);
        fill(kept, sample);
        fill(reused, sample);
        kept.run();
        reused.run([&](std::size_t node) {
            const int output = each.graph.nodes[node].output;
            const auto a = kept.value(output), b = reused.value(output);
            CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
        });
        for (std::size_t i = 0; i < each.graph.outputs.size(); ++i)
            CHECK(std::equal(kept.output(i).begin(), kept.output(i).end(), reused.output(i).begin()));
    }
}

TEST_CASE("a copy has activations of its own") {
    const default_graph graph = prepare(residual(), default_registry);
    const float_engine first(graph);
    const float_engine second(first);
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
    x = b.conv(x, 4, 9, {.kernel = {3, 3}, .padding = {1, 1, 1, 1}, .activation = relu});
    x = b.plain.max_pool(x, {.kernel = {2, 2}, .stride = {2, 2}});
    x = b.conv(x, 9, 9, {.kernel = {2, 2}, .groups = 9});
    const layer weights = b.plain.input("weights", {2, 1, 1, 9});
    x = b.plain.apply(conv2d{}, {x, weights});
    const default_graph graph = b.plain.finish(x);
    const auto sample = sample_for(graph, 4);
    const auto expected = evaluate<three_step>(graph, sample);
    const float_engine engine(graph);
    fill(engine, sample);
    engine.run();
    CHECK(largest_difference(engine.output(0), expected[static_cast<std::size_t>(graph.outputs[0].value)].reals) <
          1e-5);
}

#include "../scratch.hpp"
#include "graphs.hpp"

#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/calibration_run.hpp>

#include <doctest/doctest.h>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;
using ctq::test::outcome_of;

TEST_CASE("minmax over samples is what the values span, moved values included") {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        const auto data = datasets_for(each.graph, 1);
        std::vector<constant> sample;
        for (const dataset& input : data) {
            std::vector<float> values(input.sample_size());
            input.sample(0, values);
            sample.emplace_back(std::move(values));
        }
        const auto spanned = ranges_from(evaluate(each.graph, sample));
        const auto table = run_calibration(each.graph, data).table;
        const auto ranges = ranges_of(each.graph, table, grid_of<rule::affine_int8>(), calibration::minmax{});
        REQUIRE(ranges.size() == spanned.size());
        const observed_values observed(each.graph);
        for (std::size_t v = 0; v < ranges.size(); ++v) {
            if (observed.source_of(static_cast<int>(v)) < 0) continue;
            CHECK(ranges[v].low == doctest::Approx(spanned[v].low).epsilon(1e-5));
            CHECK(ranges[v].high == doctest::Approx(spanned[v].high).epsilon(1e-5));
        }
        const auto by_name = ranges_by_name(each.graph, table, grid_of<rule::affine_int8>(), "naive", default_registry);
        CHECK(std::equal(ranges.begin(), ranges.end(), by_name.begin()));
        const auto narrower =
            ranges_by_name(each.graph, table, grid_of<rule::affine_int8>(), "percentile=90", default_registry);
        CHECK_FALSE(std::equal(ranges.begin(), ranges.end(), narrower.begin()));
    }
}

TEST_CASE("no strategy cuts a customary range") {
    random_builder b;
    const layer x = b.plain.input("row", {1, 40});
    const default_graph graph = b.plain.finish({{"shares", b.plain.softmax(x).value}, {"gate", x.value}});
    const auto data = datasets_for(graph, 1);
    const auto table = run_calibration(graph, data).table;
    const auto ranges_by = [&](const char* strategy) {
        return ranges_by_name(graph, table, grid_of<rule::affine_int8>(), strategy, default_registry);
    };
    const auto whole = ranges_by("minmax"), cut = ranges_by("percentile=90");
    const auto input = static_cast<std::size_t>(x.value), shares = static_cast<std::size_t>(graph.outputs[0].value);
    CHECK(cut[input].high < whole[input].high);
    CHECK(cut[shares].high == whole[shares].high);
}

TEST_CASE("tensors that the table lacks are listed") {
    const default_graph graph = prepare(residual(), default_registry);
    auto table = run_calibration(graph, datasets_for(graph, 1)).table;
    table.tensors.erase("image");
    table.tensors.erase(std::string(graph.value_at(graph.nodes[1].output()).name.view()));
    const auto outcome = outcome_of([&] {
        static_cast<void>(
            ranges_by_name(graph, table, grid_of<rule::affine_int8>(), "minmax", default_registry, "t.json"));
    });
    CHECK(outcome.code == exit_code::malformed);
    CHECK(outcome.says("t.json: has no values of tensor 'image'"));
    CHECK(outcome.says("conv_2"));
}

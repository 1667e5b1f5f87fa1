#include "../scratch.hpp"
#include "graphs.hpp"

#include <ctq/host/engine/calibration_run.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;
using ctq::test::outcome_of;

namespace {

/// Some of the rows of a dataset, in the given order.
dataset rows_of(const dataset& from, const std::vector<std::size_t>& rows) {
    std::vector<float> values(rows.size() * from.sample_size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        from.sample(rows[i], std::span(values).subspan(i * from.sample_size(), from.sample_size()));
    array data;
    data.shape = {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(from.sample_size())};
    data.bytes.resize(values.size() * sizeof(float));
    std::memcpy(data.bytes.data(), values.data(), data.bytes.size());
    return dataset(std::move(data), "test");
}

std::vector<dataset> rows_of_all(const std::vector<dataset>& from, const std::vector<std::size_t>& rows) {
    std::vector<dataset> all;
    for (const dataset& each : from) all.push_back(rows_of(each, rows));
    return all;
}

calibration_options on_threads(std::size_t threads) {
    calibration_options options;
    options.threads = threads;
    return options;
}

} // namespace

TEST_CASE("the table depends on neither threads nor order, and merges exactly") {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        const auto data = datasets_for(each.graph, 12);
        const calibration::table whole = run_calibration(each.graph, data, on_threads(1)).table;
        CHECK(whole.samples == 12);
        CHECK(whole.model == fingerprint(each.graph));
        for (const std::size_t threads : {2U, 3U})
            CHECK(run_calibration(each.graph, data, on_threads(threads)).table == whole);
        CHECK(run_calibration(each.graph, rows_of_all(data, {11, 3, 5, 0, 1, 9, 2, 10, 4, 8, 7, 6}), on_threads(2))
                  .table == whole);
        calibration::table merged = run_calibration(each.graph, rows_of_all(data, {6, 7, 8, 9, 10, 11})).table;
        CHECK(merged.merge(run_calibration(each.graph, rows_of_all(data, {0, 1, 2, 3, 4, 5})).table) ==
              calibration::merge_result::merged);
        CHECK(merged == whole);
    }
}

TEST_CASE("what is observed is what the values were") {
    const default_graph graph = prepare(residual(), default_registry);
    const auto data = datasets_for(graph, 3);
    const calibration::table table = run_calibration(graph, data).table;
    calibration::observation expected;
    std::vector<float> sample(data[0].sample_size());
    for (std::size_t i = 0; i < 3; ++i) {
        data[0].sample(i, sample);
        expected.observe(sample);
    }
    CHECK(table.tensors.at("image") == expected);
    CHECK(table.tensors.size() == observed_values(graph).count());
    CHECK(table.tensors.at(std::string(graph.value_at(graph.nodes[0].output()).name.view())).min() >= 0);
}

TEST_CASE("only the first samples, and a progress report") {
    const default_graph graph = prepare(dense_layers(), default_registry);
    const auto data = datasets_for(graph, 9);
    calibration_options options = on_threads(1);
    options.samples = 4;
    std::size_t reported = 0;
    options.progress = [&](std::size_t done) { reported = done; };
    const auto some = run_calibration(graph, data, options).table;
    CHECK(some == run_calibration(graph, rows_of_all(data, {0, 1, 2, 3})).table);
    CHECK(reported == 4);
}

TEST_CASE("faults of the samples are named") {
    const default_graph graph = prepare(residual(), default_registry);
    std::vector<float> values(2 * 256, 0.5f);
    values[256 + 7] = std::numeric_limits<float>::quiet_NaN();
    array bad;
    bad.shape = {2, 256};
    bad.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    const std::vector<dataset> data{dataset(std::move(bad), "test")};
    const auto not_finite = outcome_of([&] { static_cast<void>(run_calibration(graph, data)); });
    CHECK(not_finite.code == exit_code::malformed);
    CHECK(not_finite.says("test: sample 1: element 7 is nan"));

    const auto no_samples = outcome_of([&] { static_cast<void>(run_calibration(graph, std::span<const dataset>{})); });
    CHECK(no_samples.code == exit_code::malformed);

    const default_graph other = prepare(dense_layers(), default_registry);
    const auto wrong_size = outcome_of([&] { static_cast<void>(run_calibration(graph, datasets_for(other, 2))); });
    CHECK(wrong_size.code == exit_code::malformed);
    CHECK(wrong_size.says("has 70 elements, the model takes 256"));
}

TEST_CASE("a node that leaves the finite numbers is named") {
    builder b;
    layer x = b.input("row", {1, 4});
    const std::vector<float> large(4, 3e38f);
    const default_graph graph = b.finish(b.dense(x, {large}, bounds::none(), "burst"));
    const auto outcome = outcome_of([&] { static_cast<void>(run_calibration(graph, datasets_for(graph, 1))); });
    CHECK(outcome.code == exit_code::malformed);
    CHECK(outcome.says("node 'burst' (dense)"));
    CHECK(outcome.says("sample 0"));
}

TEST_CASE("infinity is no fault where a mask makes it, NaN is, and what stays float is not observed") {
    const float infinity = std::numeric_limits<float>::infinity();
    const auto masked = [](const std::vector<float>& mask) {
        random_builder b;
        const layer scores = b.dense(b.plain.input("row", {1, 4}), 4, 3);
        const layer sum = b.plain.add(scores, b.plain.constant("mask", {3}, mask));
        return b.plain.finish(b.dense(b.plain.softmax(sum), 3, 2));
    };
    const default_graph graph = masked({0, -infinity, 0});
    const auto result = run_calibration(graph, datasets_for(graph, 3));
    CHECK_FALSE(result.table.tensors.contains("add"));
    CHECK(result.table.tensors.size() == 4);
    for (const auto& [name, seen] : result.table.tensors) CHECK(seen.non_finite() == 0);
    const default_graph hidden = masked({-infinity, -infinity, -infinity});
    const auto outcome = outcome_of([&] { static_cast<void>(run_calibration(hidden, datasets_for(hidden, 1))); });
    CHECK(outcome.code == exit_code::malformed);
    CHECK(outcome.says("makes infinity or NaN of sample 0"));
    builder b;
    const std::vector<float> zeros(2, 0.0f), mask{-infinity, 0};
    const layer sum = b.add(b.input("row", {2}), b.constant("mask", {2}, mask));
    const default_graph times_zero = b.finish(b.apply(op::tanh{}, {b.multiply(sum, b.constant("k", {2}, zeros))}));
    CHECK(outcome_of([&] {
              static_cast<void>(run_calibration(times_zero, datasets_for(times_zero, 1)));
          }).says("node 'multiply' (multiply): makes infinity or NaN of sample 0"));
}

TEST_CASE("tensors of one value are warned about") {
    const default_graph graph = prepare(dense_layers(), default_registry);
    array zeros;
    zeros.shape = {2, 70};
    zeros.bytes.assign(2 * 70 * sizeof(float), '\0');
    const std::vector<dataset> data{dataset(std::move(zeros), "test")};
    const auto result = run_calibration(graph, data);
    REQUIRE(result.warnings.size() == 1);
    CHECK(result.warnings[0].find("tensor 'row' is 0 in all 2 samples") != std::string::npos);
    CHECK(run_calibration(graph, datasets_for(graph, 2)).warnings.empty());
}

TEST_CASE("threads are bounded by what their observations take") {
    CHECK(calibration_threads(2, 100, 10, 1000) == 2);
    CHECK(calibration_threads(64, 1000, 100, 0) < 33);
    CHECK(calibration_threads(8, 1000, 100000, 0) == 1);
    CHECK(calibration_threads(8, 1, 1, 0) == 1);
}

#include "../scratch.hpp"
#include "graphs.hpp"

#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/compare.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace ctq;
using namespace ctq::host;
using namespace engine_test;
using dims = std::vector<std::int64_t>;
using ctq::test::outcome_of;

namespace {

default_graph calibrated_integers(const default_graph& graph, const std::vector<dataset>& data,
                                  const flags& keep_float) {
    return annotated<rule::affine_int8>(
        graph,
        ranges_of(graph, run_calibration(graph, data).table, grid_of<rule::affine_int8>(), calibration::minmax{}),
        keep_float);
}

bool same(const comparison& a, const comparison& b) {
    bool equal = a.samples == b.samples && a.agreements == b.agreements && a.real.top1 == b.real.top1 &&
                 a.integer.top5 == b.integer.top5 && a.layers.size() == b.layers.size();
    for (std::size_t i = 0; equal && i < a.layers.size(); ++i)
        equal = a.layers[i].signal == b.layers[i].signal && a.layers[i].noise == b.layers[i].noise &&
                a.layers[i].largest == b.layers[i].largest && a.layers[i].saturated == b.layers[i].saturated;
    return equal;
}

} // namespace

TEST_CASE("errors are small, the same for any number of threads, and nothing that was calibrated saturates") {
    for (const named_graph& each : graphs()) {
        CAPTURE(each.name);
        const auto data = datasets_for(each.graph, 70);
        const default_graph integer = calibrated_integers(each.graph, data, flags(each.graph.nodes.size(), false));
        comparison_options options;
        options.threads = 1;
        const comparison one = compare<rule::affine_int8>(each.graph, integer, data, {}, options);
        options.threads = 3;
        CHECK(same(one, compare<rule::affine_int8>(each.graph, integer, data, {}, options)));
        CHECK(one.samples == 70);
        CHECK(one.output == each.graph.outputs[0].name.view());
        REQUIRE(one.layers.size() >= each.graph.nodes.size());
        CHECK(one.layers[0].op == "input");
        for (const layer_error& layer : one.layers) {
            CAPTURE(layer.name);
            CHECK(layer.sqnr() > 20);
            const bool clipped_by_design = layer.op == "sigmoid" || layer.op == "tanh" || layer.op == "softmax";
            if (!clipped_by_design && layer.op != "multiply" && layer.op != "concat") CHECK(layer.saturated == 0);
        }
    }
}

TEST_CASE("scores under a mask are compared where they are finite again, and may be an output") {
    const float infinity = std::numeric_limits<float>::infinity();
    random_builder b;
    const std::vector<float> mask{0, -infinity, 0};
    const layer scores = b.dense(b.plain.input("row", {1, 4}), 4, 3);
    const layer sum = b.plain.add(scores, b.plain.constant("mask", {3}, mask));
    const layer mixed = b.dense(b.plain.softmax(sum), 3, 5);
    const default_graph graph = b.plain.finish({{"mixed", mixed.value}, {"sum", sum.value}});
    const auto data = datasets_for(graph, 8);
    const default_graph integer = calibrated_integers(graph, data, flags(graph.nodes.size(), false));
    const comparison result = compare<rule::affine_int8>(graph, integer, data);
    REQUIRE(result.layers.size() == 4);
    for (const layer_error& layer : result.layers) {
        CAPTURE(layer.name);
        CHECK(layer.op != "add");
        CHECK(layer.sqnr() > 20);
    }
}

TEST_CASE("top 1 and top 5 count both engines' outputs") {
    const default_graph graph = prepare(residual(), default_registry);
    const auto data = datasets_for(graph, 40);
    const default_graph integer = calibrated_integers(graph, data, flags(graph.nodes.size(), false));
    float_engine engine(graph);
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < 40; ++i) {
        data[0].sample(i, engine.input(0));
        engine.run();
        labels.push_back(static_cast<std::int64_t>(host::detail::top1_of(engine.output(0))));
    }
    const comparison right = compare<rule::affine_int8>(graph, integer, data, labels);
    CHECK(right.real.top1 == 40);
    CHECK(right.real.top5 == 40);
    CHECK(right.integer.top1 == right.agreements);
    CHECK(right.integer.top5 >= right.integer.top1);
    for (auto& label : labels) label = (label + 1) % 10;
    CHECK(compare<rule::affine_int8>(graph, integer, data, labels).real.top1 == 0);

    labels.resize(39);
    CHECK(outcome_of([&] { static_cast<void>(compare<rule::affine_int8>(graph, integer, data, labels)); }).code ==
          exit_code::malformed);
    labels.assign(40, 10);
    comparison_options options;
    options.labels = "y.npy";
    CHECK(outcome_of([&] {
              static_cast<void>(compare<rule::affine_int8>(graph, integer, data, labels, options));
          }).says("y.npy: label 0 is 10, the model has 10 classes"));
}

TEST_CASE("a graph that stays float has no error") {
    const default_graph graph = prepare(dense_layers(), default_registry);
    const auto data = datasets_for(graph, 5);
    const default_graph mixed = calibrated_integers(graph, data, flags(graph.nodes.size(), true));
    const comparison result = compare<rule::affine_int8>(graph, mixed, data);
    for (const layer_error& layer : result.layers) CHECK(layer.sqnr() > 100);
}

TEST_CASE("the sums of errors") {
    const std::vector<float> reals{1, 2, 3, -4, 5, 6, 7, 8, 9, 100}, read{1, 2, 3, -4, 5, 6, 7, 8, 8, 10};
    layer_error sum;
    host::detail::add_errors(reals, read, -3.5f, 10.5f, sum);
    CHECK(sum.values == 10);
    CHECK(sum.noise == doctest::Approx(1 + 8100));
    CHECK(sum.signal == doctest::Approx(1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 + 81 + 10000));
    CHECK(sum.largest == 90);
    CHECK(sum.saturated == 2);
    CHECK(sum.saturated_percent() == doctest::Approx(20));
    CHECK(host::detail::rank_of(reals, 9) == 0);
    CHECK(host::detail::rank_of(reals, 3) == 9);
}

TEST_CASE("an output of plain integers names classes, the best first") {
    const std::vector<std::int64_t> named{4, 2, 9};
    CHECK(host::detail::top1_of(named) == 4);
    CHECK(host::detail::rank_of(named, 9) == 2);
    CHECK(host::detail::rank_of(named, 5) > 1000);
    CHECK(host::detail::top1_of(std::vector<std::int64_t>{}) == -1);
}

TEST_CASE("labels are compared with what a network names") {
    random_builder b;
    const layer image = b.plain.input("image", {1, 4}), best = b.plain.input("best", {1, 6}, dtype::int64);
    const layer doubled = b.plain.add(best, best), scores = b.dense(image, 4, 5);
    const default_graph graph = b.plain.finish({{"classes", doubled.value}, {"scores", scores.value}});
    const std::vector<std::int64_t> classes{1, 2, 3, 4, 5, 50, 0, 0, 0, 0, 0, 0};
    const std::vector<host::dataset> data{
        host::dataset(host::npy::parse(host::npy::format<float>(dims{2, 4}, numbers(8, 1)), "x"), "x"),
        host::dataset(host::npy::parse(host::npy::format<std::int64_t>(dims{2, 6}, classes), "best"), "best")};
    const default_graph integer = calibrated_integers(graph, data, flags(graph.nodes.size(), false));
    const comparison result = compare<rule::affine_int8>(graph, integer, data, std::vector<std::int64_t>{10, 100});
    CHECK(result.agreements == 2);
    CHECK(result.real.top1 == 0);
    CHECK(result.real.top5 == 1);
    CHECK(result.integer.top5 == 1);
    CHECK(compare<rule::affine_int8>(graph, integer, data, std::vector<std::int64_t>{100, 0}).integer.top1 == 1);
    for (const layer_error& layer : result.layers) CHECK(layer.name != "classes");
}

TEST_CASE("booleans name no class") {
    random_builder b;
    const layer x = b.plain.input("x", {1, 4});
    const layer above = b.plain.apply(op::compare{op::relation::less}, {x, x});
    const default_graph graph = b.plain.finish({{"above", above.value}, {"scores", b.dense(x, 4, 3).value}});
    const auto data = datasets_for(graph, 2);
    const default_graph integer = calibrated_integers(graph, data, flags(graph.nodes.size(), false));
    CHECK(compare<rule::affine_int8>(graph, integer, data).samples == 2);
    const auto outcome = outcome_of([&] {
        static_cast<void>(compare<rule::affine_int8>(graph, integer, data, std::vector<std::int64_t>{0, 0}));
    });
    CHECK(outcome.says("the model's first output is of booleans, which name no class"));
}

TEST_CASE("NaN is never correct: a label that is NaN comes last, a rival that is NaN first") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(host::detail::rank_of(std::vector<float>{nan, nan, nan}, 0) >= 3);
    CHECK(host::detail::rank_of(std::vector<float>{nan}, 0) >= 1);
    CHECK(host::detail::rank_of(std::vector<float>{1, 5, nan}, 1) == 1);
    CHECK(host::detail::rank_of(std::vector<float>{5, 5, 5}, 1) == 1);
}

TEST_CASE("samples and outputs must be finite; the fault says where they are not") {
    const default_graph graph = prepare(dense_layers(), default_registry);
    const auto data = datasets_for(graph, 5);
    const default_graph integer = calibrated_integers(graph, data, flags(graph.nodes.size(), false));
    std::vector<float> values(3 * 70, 0.5f);
    values[2 * 70 + 9] = std::numeric_limits<float>::quiet_NaN();
    array bad;
    bad.shape = {3, 70};
    bad.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    const std::vector<dataset> broken{dataset(std::move(bad), "x.npy")};
    const auto sample = outcome_of([&] { static_cast<void>(compare<rule::affine_int8>(graph, integer, broken)); });
    CHECK(sample.code == exit_code::malformed);
    CHECK(sample.says("x.npy: sample 2: element 9 is nan"));

    builder b;
    const std::vector<float> large(8, 3e38f);
    const default_graph burst = b.finish({{"y", b.dense(b.input("row", {1, 4}), {large}).value}});
    const default_graph held = annotated<rule::affine_int8>(
        burst, std::vector<bounds>(burst.values.size(), bounds{-1, 1}), flags(burst.nodes.size(), false));
    comparison_options options;
    options.model = "burst.onnx";
    const auto output = outcome_of(
        [&] { static_cast<void>(compare<rule::affine_int8>(burst, held, datasets_for(burst, 1), {}, options)); });
    CHECK(output.code == exit_code::malformed);
    CHECK(output.says("burst.onnx: output 'y' of the float network: element 0 is "));
    CHECK(output.says(" for sample 0 of samples; check the scaling"));
}

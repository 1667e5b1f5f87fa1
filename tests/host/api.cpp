// ctq's C++ functions on xtensor's tensors: what the tool gives for the same files.

#include <ctq/host/api.hpp>

#include <doctest/doctest.h>
#include <host/run_tool.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xview.hpp>

#include <cstdint>
#include <string>

using namespace ctq::test;

namespace {

xt::xarray<float> random_samples(std::size_t count, std::size_t size) {
    xt::random::seed(3);
    return xt::random::rand<float>({count, size}, -2.0f, 2.0f);
}

/// A tensor as the tool reads it.
std::string put_tensor(const scratch_folder& folder, const std::string& name, const xt::xarray<float>& values) {
    const std::vector<std::int64_t> shape(values.shape().begin(), values.shape().end());
    return folder.put(name, ctq::host::npy::format<float>(shape, std::span(values.data(), values.size())));
}

} // namespace

TEST_CASE("api: load, calibrate, quantize, infer and emit give what the tool gives, bit for bit") {
    const scratch_folder folder;
    const std::string model = test_model("mlp.onnx"), header = folder / "mlp.hpp", table = folder / "table.json";
    const xt::xarray<float> samples = random_samples(40, 16);
    const std::string file = put_tensor(folder, "x.npy", samples);
    CHECK(run_tool({"calibrate", model, "--calibration", file, "-o", table}).code == 0);
    const words how{"--strategy", "percentile=99", "--exclude", "gemm2", "--rule", "gemm0=int16x8"};
    words quantize{"quantize", model, "--calibration", table, "-o", header},
        infer{"infer", model, "--inputs", file, "--outputs", folder / "y.npy", "--calibration", table};
    for (words* each : {&quantize, &infer}) each->insert(each->end(), how.begin(), how.end());
    CHECK(run_tool(quantize).code == 0);
    CHECK(run_tool(infer).code == 0);

    const auto network = ctq::load(model);
    const auto calibration = ctq::calibrate(network, samples);
    CHECK(ctq::host::to_text(calibration.table) == content_of(table));
    const auto integers =
        ctq::quantize(network, calibration.table,
                      {.layer_rules = {{"gemm0", "int16x8"}}, .excluded = {"gemm2"}, .strategy = "percentile=99"});
    const std::string text = content_of(header), made = ctq::emit(integers, {.name = "mlp"}).header;
    CHECK(made.substr(made.find("namespace mlp")) == text.substr(text.find("namespace mlp")));
    CHECK(ctq::infer(integers, samples).as() == ctq::load_tensor(folder / "y.npy"));
    CHECK(run_tool({"infer", model, "--inputs", file, "--outputs", folder / "z.npy", "--float"}).code == 0);
    CHECK(ctq::infer(network, samples).as() == ctq::load_tensor(folder / "z.npy"));
}

TEST_CASE("api: views, expressions, doubles; accuracy and agreement") {
    const auto network = ctq::load(test_model("mlp.onnx"));
    const xt::xarray<float> all = random_samples(60, 16);
    const auto half = xt::view(all, xt::range(0, 30), xt::all());
    const xt::xarray<double> doubles = half;
    const auto table = ctq::calibrate(network, half).table;
    CHECK(ctq::host::to_text(ctq::calibrate(network, doubles).table) == ctq::host::to_text(table));
    CHECK(ctq::host::to_text(ctq::calibrate(network, half * 2.0f / 2.0f).table) == ctq::host::to_text(table));
    const auto integers = ctq::quantize(network, table);
    const xt::xarray<std::size_t> labels = xt::argmax(ctq::infer(network, all).as(), 1);
    const auto compared = ctq::evaluate(network, integers, all, labels);
    CHECK(compared.samples == 60);
    CHECK(compared.real.top1 == 60);
    CHECK(compared.agreements == compared.integer.top1);
    CHECK(ctq::evaluate(network, integers, all).agreements == compared.agreements);
    CHECK(ctq::quantize(network, {.rule = "dynamic_int8"}).rules.all_dynamic());
}

TEST_CASE("api: several inputs by name, several outputs") {
    const auto network = ctq::load(test_model("two_inputs_two_outputs.onnx"));
    const std::string stem = "two_inputs_two_outputs.";
    const auto a = ctq::load_tensor(test_model(stem + "input_a.npy")),
               b = ctq::load_tensor(test_model(stem + "input_b.npy"));
    const auto given = ctq::infer(network, {{"b", b}, {"a", a}});
    CHECK(given.names() == std::vector<std::string>{"total", "scores"});
    for (const char* output : {"total", "scores"})
        CHECK(xt::allclose(given.as(output), ctq::load_tensor(test_model(stem + "output_" + output + ".npy"))));
}

TEST_CASE("api: what is refused, in one line") {
    const auto network = ctq::load(test_model("mlp.onnx"));
    const xt::xarray<float> samples = random_samples(4, 16);
    const auto says = [](auto call, std::string_view what) {
        return outcome_of([&] { static_cast<void>(call()); }).says(what);
    };
    CHECK(says([] { return ctq::load("none.onnx"); }, "none.onnx: cannot be opened"));
    CHECK(says([&] { return ctq::calibrate(network, random_samples(4, 17)); }, "has shape (4, 17), input 'x' (1, 16)"));
    CHECK(says([&] { return ctq::infer(network, {{"y", samples}}); }, "y: the network has no input of this name"));
    const auto infer_twice = [&] { return ctq::infer(network, {{"x", samples}, {"x", samples}}); };
    CHECK(says(infer_twice, "x: samples for an input must be given once"));
    const auto two = ctq::load(test_model("two_inputs_two_outputs.onnx"));
    const auto a = ctq::load_tensor(test_model("two_inputs_two_outputs.input_a.npy"));
    CHECK(says([&] { return ctq::infer(two, {{"a", a}}); }, "b: the input has no samples"));
    CHECK(says([&] { return ctq::quantize(network, ctq::calibration::table{}); }, "the calibration: is empty"));
    CHECK(says([&] { return ctq::infer(network, {{"x", samples}, {"z", samples}}); }, "z: the network has no input"));
    CHECK(says([&] { return ctq::infer(network, samples).as<std::int64_t>(); }, "is of float32, not of int64"));
    CHECK(says([&] { return ctq::infer(network, samples).as("z"); }, "no output is called 'z'"));
    CHECK(says([&] { return ctq::quantize(network, {.rule = "int8"}); }, "rule: no rule is called 'int8'"));
    CHECK(says([&] { return ctq::quantize(network, ctq::host::quantization_options{}); },
               "the rule 'affine_int8' takes its ranges from samples; give a calibration"));
    const auto table = ctq::calibrate(network, samples).table;
    CHECK(says([&] { return ctq::quantize(network, table, {.excluded = {"gem0"}}); },
               "exclude: no node is called 'gem0'; did you mean 'gemm0'?"));
    CHECK(says([&] { return ctq::quantize(ctq::load(test_model("residual.onnx")), table); }, "made for another model"));
    CHECK(says([&] { return ctq::emit(ctq::quantize(network, table), {.name = "a b"}); }, "a C++ namespace name"));
    const auto other = ctq::load(test_model("residual.onnx"));
    const auto others = ctq::quantize(other, {.rule = "dynamic_int8"});
    CHECK(says([&] { return ctq::evaluate(network, others, samples); },
               "evaluate: the integers were made of another network than"));
}

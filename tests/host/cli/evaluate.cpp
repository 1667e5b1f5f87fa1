#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>
#include <host/zip_builder.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <string>

using namespace ctq::test;

namespace {

/// 64 samples for mlp.onnx, calibrated, with the float network's own answers as labels but for the last 16.
struct labelled_samples {
    scratch_folder folder;
    std::string model = test_model("mlp.onnx"), inputs = put_samples(folder, "x.npy", {64, 16});
    std::string table = folder / "table.json", labels = folder / "labels.npy";

    labelled_samples() {
        CHECK(run_tool({"calibrate", model, "--calibration", inputs, "-o", table}).code == 0);
        CHECK(run_tool({"infer", model, "--float", "--inputs", inputs, "--outputs", folder / "y.npy"}).code == 0);
        const std::vector<float> scores = npy_floats(folder / "y.npy");
        std::vector<std::uint8_t> classes;
        for (auto row = scores.begin(); row != scores.end(); row += 4) {
            const auto best = static_cast<std::uint8_t>(std::max_element(row, row + 4) - row);
            classes.push_back(classes.size() < 48 ? best : static_cast<std::uint8_t>((best + 1) % 4));
        }
        folder.put("labels.npy", ctq::host::npy::format<std::uint8_t>(npy_shape{64}, classes));
    }

    tool_result evaluate(const words& more) const {
        words arguments{"evaluate", model, "--calibration", table};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_tool(arguments);
    }
};

} // namespace

TEST_CASE("accuracy of both networks and the error of each layer") {
    const labelled_samples set;
    const tool_result json = set.evaluate({"--inputs", set.inputs, "--labels", set.labels, "--json"});
    CHECK(json.code == 0);
    CHECK(json.error.empty());
    const auto result = nlohmann::json::parse(json.out);
    CHECK(result["samples"] == 64);
    CHECK(result["fp32_top1"] == 75.0);
    CHECK(result["fp32_top5"] == 100.0);
    CHECK(result["int8_top1"].get<double>() > 70.0);
    CHECK(result["same_top1"].get<double>() > 90.0);
    CHECK(result["layers"].size() == 4);
    for (const auto& layer : result["layers"]) CHECK(layer["sqnr_db"].get<double>() > 30.0);

    const tool_result text = set.evaluate({"--inputs", set.inputs, "--labels", set.labels});
    CHECK(text.code == 0);
    CHECK(text.says("          fp32     int8\ntop-1   75.00%"));
    CHECK(text.says("64 samples; the same top-1 in "));
    CHECK(text.out == set.evaluate({"--inputs", "x=" + set.inputs, "--labels", set.labels}).out);
    const std::string zipped = set.folder.put("labels.npz", zip_archive({{"arr_0.npy", content_of(set.labels), 8}}));
    CHECK(text.out == set.evaluate({"--inputs", set.inputs, "--labels", zipped}).out);
}

TEST_CASE("other rules and narrower weights, named by the type of their activations") {
    const labelled_samples set;
    const auto result = [&](const words& how) {
        return nlohmann::json::parse(
            set.evaluate({"--inputs", set.inputs, "--labels", set.labels, "--json", how[0], how[1]}).out);
    };
    const auto wide = result({"--rule", "int16x8"}), narrow = result({"--weights-bits", "4"});
    CHECK(wide["int16_top1"].get<double>() > 73.0);
    CHECK(wide["same_top1"].get<double>() > 95.0);
    CHECK(wide["layers"][0]["sqnr_db"].get<double>() > 90.0);
    CHECK(narrow["int8_top1"].get<double>() > 60.0);
    CHECK(result({"--rule", "gemm2=int16x8"})["integer_top1"].get<double>() > 73.0); // of several types
    CHECK(narrow["layers"][0]["sqnr_db"] == result({"--rule", "affine_int8"})["layers"][0]["sqnr_db"]);
}

TEST_CASE("of several outputs the first is compared, and named") {
    const scratch_folder folder;
    const std::string model = test_model("two_inputs_two_outputs.onnx");
    words arguments{
        "evaluate", model, "--labels",
        folder.put("labels.npy", ctq::host::npy::format<std::uint8_t>(npy_shape{1}, std::vector<std::uint8_t>{1}))};
    for (const std::string port : {"a", "b"}) {
        const std::string samples = "=" + test_model("two_inputs_two_outputs.input_" + port + ".npy");
        for (const char* option : {"--calibration", "--inputs"}) {
            arguments.emplace_back(option);
            arguments.push_back(port + samples);
        }
    }
    CHECK(run_tool(arguments).says("% (of output 'total', the first of 2)"));
    arguments.emplace_back("--json");
    CHECK(nlohmann::json::parse(run_tool(arguments).out)["output"] == "total");
}

TEST_CASE("what evaluate refuses") {
    const labelled_samples set;
    using bytes = std::vector<std::uint8_t>;
    const auto labels = [&](const bytes& classes) {
        const npy_shape shape{static_cast<std::int64_t>(classes.size())};
        return set.folder.put("wrong.npy", ctq::host::npy::format<std::uint8_t>(shape, classes));
    };
    CHECK(set.evaluate({"--inputs", set.inputs, "--labels", labels(bytes(63))}).fails(3, "63 labels for 64 samples"));
    CHECK(set.evaluate({"--inputs", set.inputs, "--labels", labels(bytes(64, 4))})
              .fails(3, "wrong.npy: label 0 is 4, the model has 4 classes"));
    CHECK(set.evaluate({"--inputs", set.inputs, "--labels", put_samples(set.folder, "f.npy", {64})})
              .fails(3, "labels are whole numbers from 0"));
    CHECK(set.evaluate({"--inputs", set.inputs}).fails(2, "--labels is required"));
    CHECK(set.evaluate({"--inputs", put_samples(set.folder, "wide.npy", {64, 17}), "--labels", set.labels})
              .fails(3, "has shape (64, 17)"));
    CHECK(set.evaluate({"--inputs", set.inputs, "--labels", set.folder / "none.npy"}).fails(3, "cannot be opened"));
    std::vector<float> values = random_floats(64 * 16);
    values[3 * 16 + 5] = std::numeric_limits<float>::quiet_NaN();
    CHECK(set.evaluate({"--inputs", put_npy(set.folder, "nan.npy", {64, 16}, values), "--labels", set.labels})
              .fails(3, "nan.npy: sample 3: element 5 is nan; samples must be finite"));
}

TEST_CASE("several samples in one call have no one label") {
    const scratch_folder folder;
    onnx_builder::graph_parts parts = onnx_builder::dense();
    parts.inputs[0] = onnx_builder::value("x", {4, 4});
    const std::string model = folder.put("batch.onnx", onnx_builder::model(onnx_builder::graph(parts)).str());
    const std::string x = put_samples(folder, "x.npy", {16, 4, 4}), labels = put_npy(folder, "l.npy", {16}, {});
    CHECK(run_tool({"evaluate", model, "--calibration", x, "--inputs", x, "--labels", labels})
              .fails(4, "the classes of 4 samples in one call; evaluate counts one a call"));
}

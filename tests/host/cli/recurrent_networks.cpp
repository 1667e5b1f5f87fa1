#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::test;

namespace {

/// An LSTM of 2 units that begins in the states h and c and gives every state, for sequences of so many steps.
std::string lstm_of(const scratch_folder& folder, std::int64_t steps) {
    namespace build = onnx_builder;
    const build::graph_parts parts{
        {build::node("n", "LSTM", {"x", "w", "r", "b", "", "h", "c"}, {"y", "last", "cell"})},
        {build::float_tensor("w", {1, 8, 3}, random_floats(24, 1)),
         build::float_tensor("r", {1, 8, 2}, random_floats(16, 2)),
         build::float_tensor("b", {1, 16}, random_floats(16, 3))},
        {build::value("x", {steps, 1, 3}), build::value("h", {1, 1, 2}), build::value("c", {1, 1, 2})},
        {build::value("y", {steps, 1, 1, 2}), build::value("last", {1, 1, 2}), build::value("cell", {1, 1, 2})},
        {}};
    return folder.put("lstm" + std::to_string(steps) + ".onnx", build::model(build::graph(parts)).str());
}

/// What the tool makes of a sequence and states, by the outputs' names.
std::string run_lstm(const scratch_folder& folder, const std::string& model, const std::string& x, const std::string& h,
                     const std::string& c, const std::string& to) {
    const tool_result ran = run_tool({"infer", model, "--float", "--inputs", "x=" + x, "--inputs", "h=" + h, "--inputs",
                                      "c=" + c, "--outputs", folder / to});
    CHECK(ran.code == 0);
    CHECK(ran.error.empty());
    return folder / to + "/";
}

} // namespace

TEST_CASE("a sequence step by step, by states that go out and in again, is the whole one bit for bit") {
    const scratch_folder folder;
    const std::vector<float> x = random_floats(15, 9);
    const std::string h = put_samples(folder, "h.npy", {1, 1, 1, 2}, 5),
                      c = put_samples(folder, "c.npy", {1, 1, 1, 2}, 6);
    const std::string whole =
        run_lstm(folder, lstm_of(folder, 5), put_npy(folder, "x.npy", {1, 5, 1, 3}, x), h, c, "whole");
    const std::vector<float> all = npy_floats(whole + "y.npy");
    REQUIRE(all.size() == 10);
    std::string last = h, cell = c;
    for (std::size_t step = 0; step < 5; ++step) {
        const std::vector<float> one(x.begin() + static_cast<std::ptrdiff_t>(3 * step),
                                     x.begin() + static_cast<std::ptrdiff_t>(3 * step + 3));
        const std::string made = run_lstm(folder, lstm_of(folder, 1), put_npy(folder, "step.npy", {1, 1, 1, 3}, one),
                                          last, cell, "step" + std::to_string(step));
        CHECK(npy_floats(made + "y.npy") == std::vector<float>{all[2 * step], all[2 * step + 1]});
        last = made + "last.npy";
        cell = made + "cell.npy";
    }
    CHECK(npy_floats(last) == npy_floats(whole + "last.npy"));
    CHECK(npy_floats(cell) == npy_floats(whole + "cell.npy"));
}

TEST_CASE("every verb takes a network with recurrent layers between others, which stay float") {
    const scratch_folder folder;
    const std::string model = test_model("recurrent_layers_opset14.onnx");
    const std::string samples = put_samples(folder, "x.npy", {64, 4, 12}), table = folder / "table.json";
    const std::string real = folder / "real.npy", made = folder / "made.npy";
    CHECK(run_tool({"inspect", model}).says("lstm3             lstm       12x1x6    12x2x1x4         424  3840"));
    CHECK(run_tool({"calibrate", model, "--calibration", samples, "-o", table}).code == 0);
    const tool_result quantized = run_tool({"quantize", model, "--calibration", table, "-o", folder / "net.hpp"});
    CHECK(quantized.code == 0);
    CHECK(content_of(folder / "net.hpp").find("ctq::op::gru{.linear_before_reset = true}") != std::string::npos);
    CHECK(run_tool({"infer", model, "--float", "--inputs", samples, "--outputs", real}).code == 0);
    CHECK(run_tool({"infer", model, "--calibration", table, "--inputs", samples, "--outputs", made}).code == 0);
    const std::vector<float> wanted = npy_floats(real), found = npy_floats(made);
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::fabs(found[i] - wanted[i]) < 0.05f);
    folder.put("labels.npy", ctq::host::npy::format<std::uint8_t>(npy_shape{64}, std::vector<std::uint8_t>(64, 1)));
    const tool_result evaluated = run_tool(
        {"evaluate", model, "--calibration", table, "--inputs", samples, "--labels", folder / "labels.npy", "--json"});
    CHECK(evaluated.code == 0);
    CHECK(nlohmann::json::parse(evaluated.out)["same_top1"].get<double>() > 90.0);
}

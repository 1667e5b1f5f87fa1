#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>

#include <string>

using namespace ctq::test;

namespace {

/// Quantizes mlp.onnx into the folder's net.hpp.
tool_result quantize(const scratch_folder& folder, const std::string& calibration, const words& more = {}) {
    words arguments{"quantize", test_model("mlp.onnx"), "--calibration", calibration, "-o", folder / "net.hpp"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}

/// x -> Relu -> y, in a file.
std::string relu_of(const scratch_folder& folder, const onnx_builder::dims& input) {
    namespace build = onnx_builder;
    build::graph_parts parts;
    parts.nodes = {build::node("r", "Relu", {"x"}, {"y"})};
    parts.inputs = {build::value("x", input)};
    parts.outputs = {build::value("y", input)};
    return folder.put("relu.onnx", build::model(build::graph(parts)).str());
}

} // namespace

TEST_CASE("unknown names are refused with the near misses, before any sample is read") {
    const scratch_folder folder;
    const std::string none = folder / "none.npy";
    CHECK(quantize(folder, none, {"--strategy", "entrop"})
              .fails(2, "called 'entrop'; did you mean 'entropy'? Known: min"));
    CHECK(quantize(folder, none, {"--strategy", "quantum"}).fails(2, "called 'quantum'; known: minmax, naive"));
    CHECK(quantize(folder, none, {"--rule", "affine_int"}).fails(2, "called 'affine_int'; did you mean 'affine_int8'"));
    for (const char* strategy : {"percentile=101", "percentile=0", "percentile=-1", "percentile=x",
                                 "percentile=", "minmax=1", "entropy=", "="}) {
        CAPTURE(strategy);
        CHECK(quantize(folder, none, {"--strategy", strategy}).fails(2, "strategy"));
    }
    CHECK(quantize(folder, none).fails(3, "none.npy: cannot be opened"));
    CHECK_FALSE(std::filesystem::exists(folder / "net.hpp"));
}

TEST_CASE("a table serves as the samples do, for the same model only") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {32, 16}), table = folder / "table.json";
    CHECK(run_tool({"calibrate", test_model("mlp.onnx"), "--calibration", samples, "-o", table}).code == 0);
    for (const char* strategy : {"minmax", "entropy", "percentile=99", "mse"}) {
        CAPTURE(strategy);
        CHECK(quantize(folder, samples, {"--strategy", strategy}).code == 0);
        const std::string direct = content_of(folder / "net.hpp");
        CHECK(quantize(folder, table, {"--strategy", strategy}).code == 0);
        CHECK(content_of(folder / "net.hpp") == direct);
        CHECK(direct.find(std::string("(affine_int8, ") + strategy + " over 32 samples)") != std::string::npos);
    }
    CHECK(quantize(folder, table, {"--samples", "5"}).fails(2, "a table has no samples to choose from"));
    CHECK(run_tool({"quantize", test_model("relu.onnx"), "--calibration", table, "-o", folder / "relu.hpp"})
              .fails(3, "was made for another model"));
    CHECK(quantize(folder, folder.put("wrong.json", "[]")).fails(3, "is not a calibration table"));
}

TEST_CASE("the rule and the strategy make a difference") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {32, 16});
    CHECK(quantize(folder, samples).code == 0);
    const std::string plain = content_of(folder / "net.hpp");
    CHECK(plain.find("ctq::rounding::three_step") != std::string::npos);
    CHECK(plain.find("ctq::rounding::double_rounding") == std::string::npos);
    CHECK(quantize(folder, samples, {"--rule", "affine_int8", "--strategy", "minmax"}).code == 0);
    CHECK(content_of(folder / "net.hpp") == plain);
    CHECK(quantize(folder, samples, {"--strategy", "percentile=90"}).code == 0);
    CHECK(content_of(folder / "net.hpp") != plain);
    CHECK(quantize(folder, samples, {"--rule", "tflite_int8"}).code == 0);
    const std::string exact = content_of(folder / "net.hpp");
    CHECK(exact.find("ctq::rounding::three_step") == std::string::npos);
    CHECK(exact.find("ctq::rounding::double_rounding") != std::string::npos);
}

TEST_CASE("a network of more activations than fit the memory is refused by every verb and under every rule") {
    const scratch_folder folder;
    const std::string model = relu_of(folder, {1, 32768, 32768}), net = folder / "net.hpp";
    const std::string samples = put_samples(folder, "x.npy", {3, 4});
    for (const words& verb : {words{"quantize", "--rule", "dynamic_int8", "-o", net},
                              {"quantize", "--rule", "int16x8", "--calibration", samples, "-o", net},
                              {"calibrate", "--calibration", samples, "-o", folder / "table.json"},
                              {"infer", "--float", "--inputs", samples, "--outputs", folder / "y.npy"},
                              {"inspect"}}) {
        words all = verb;
        all.insert(all.begin() + 1, model);
        CHECK(run_tool(all).fails(4, "relu.onnx: its activations have 2147483648 elements together, of which 'x' is "
                                     "1x32768x32768; at most 1073741824 are supported"));
    }
    CHECK_FALSE(std::filesystem::exists(net));
    const std::string large = relu_of(folder, {1, 8192, 8192});
    CHECK(run_tool({"inspect", large}).code == 0);
    CHECK(run_tool({"quantize", large, "--rule", "dynamic_int8", "-o", net})
              .fails(4, "relu.onnx: the header's golden vector, all inputs and outputs, would have 134217728 elements; "
                        "at most 33554432"));
    CHECK_FALSE(std::filesystem::exists(net));
}

TEST_CASE("a rule that measures ranges at run time takes no calibration, all others require it") {
    const scratch_folder folder;
    const std::string model = test_model("mlp.onnx"), samples = test_model("mlp.input.npy"), net = folder / "net.hpp";
    for (const std::string rule : {"dynamic_int8", "dynamic_uint8"}) {
        CAPTURE(rule);
        CHECK(run_tool({"quantize", model, "--rule", rule, "-o", net}).code == 0);
        const std::string header = content_of(net);
        CHECK(header.find("(" + rule + ", ranges measured at run time)") != std::string::npos);
        CHECK(header.find("ctq::op::dynamic_quantize{}") != std::string::npos);
        for (const words& more : {words{"--calibration", samples}, {"--strategy", "mse"}, {"--samples", "3"}}) {
            words all{"quantize", model, "--rule", rule, "-o", net};
            all.insert(all.end(), more.begin(), more.end());
            CHECK(run_tool(all).fails(2, "the rule '" + rule + "' measures ranges when the network runs"));
        }
        CHECK(run_tool({"infer", model, "--rule", rule, "--inputs", samples, "--outputs", folder / "y.npy"}).code == 0);
        CHECK(run_tool({"infer", model, "--rule", rule, "--inputs", samples, "--outputs", folder / "y.npy", "--float"})
                  .fails(2, "leave them out"));
    }
    for (const char* rule : {"affine_int8", "int16x8"})
        CHECK(run_tool({"quantize", model, "--rule", rule, "-o", net})
                  .fails(2, std::string("--calibration is required: the rule '") + rule + "' takes its ranges"));
}

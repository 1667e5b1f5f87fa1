#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>

#include <limits>
#include <string>
#include <string_view>

using namespace ctq::test;

namespace {

/// Quantizes a model into the folder's net.hpp.
tool_result quantize_model(const scratch_folder& folder, const std::string& model, const std::string& calibration,
                           const words& more) {
    words arguments{"quantize", model, "--calibration", calibration, "-o", folder / "net.hpp"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}

/// x -> Identity 'same' -> the operator 'f' -> y, in a file.
std::string identity_before(const scratch_folder& folder, std::string_view op) {
    namespace build = onnx_builder;
    build::graph_parts parts;
    parts.nodes = {build::node("same", "Identity", {"x"}, {"h"}), build::node("f", op, {"h"}, {"y"})};
    parts.inputs = {build::value("x", {1, 4})};
    parts.outputs = {build::value("y", {1, 4})};
    return folder.put("net.onnx", build::model(build::graph(parts)).str());
}

} // namespace

TEST_CASE("--rule NODE=RULE and --exclude: a name that no node has is refused with the near misses") {
    const scratch_folder folder;
    const std::string none = folder / "none.npy";
    const auto refused = [&](const words& how, std::string_view fragment) {
        CAPTURE(fragment);
        CHECK(quantize_model(folder, test_model("mlp.onnx"), none, how).fails(2, fragment));
    };
    refused({"--rule", "gem0=int16x8"}, "--rule: no node is called 'gem0'; did you mean 'gemm0'?");
    refused({"--exclude", "gem2"}, "--exclude: no node is called 'gem2'; did you mean 'gemm2'");
    refused({"--exclude", "gemm2", "--exclude", "softmax"}, "no node is called 'softmax'");
    refused({"--exclude", ""}, "--exclude");
    refused({"--rule", "gemm2=int16x8", "--exclude", "relu3"},
            "--exclude: the node 'relu3' has another rule, or float, by an option before; name it once");
    refused({"--rule", "gemm2=int16x8", "--rule", "gemm2=tflite_int8"}, "--rule: the node 'gemm2' has another rule");
    CHECK_FALSE(std::filesystem::exists(folder / "net.hpp"));
}

TEST_CASE("--rule NODE=RULE: a rule that has no integers for the node is refused, not taken for float") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {3, 4});
    const std::string shares = identity_before(folder, "Softmax");
    CHECK(quantize_model(folder, shares, samples, {"--rule", "f=int16x8"}).code == 0);
    CHECK(quantize_model(folder, shares, samples, {"--rule", "f=dynamic_int8"})
              .fails(2, "--rule: the node 'f' (softmax) has no integer meaning under the rule 'dynamic_int8' and would "
                        "stay float; leave it out, or exclude it"));
}

TEST_CASE("--rule NODE=RULE: a node that only moves what stays float is refused, not taken for float") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    build::graph_parts parts;
    parts.nodes = {build::node("t", "Tanh", {"x"}, {"h"}), build::node("r", "Relu", {"h"}, {"i"}),
                   build::node("s", "Softmax", {"i"}, {"y"})};
    parts.inputs = {build::value("x", {1, 4})};
    parts.outputs = {build::value("y", {1, 4})};
    const std::string model = folder.put("net.onnx", build::model(build::graph(parts)).str());
    const std::string samples = put_samples(folder, "x.npy", {3, 4});
    CHECK(quantize_model(folder, model, samples, {"--rule", "r=int16x8"}).code == 0);
    CHECK(quantize_model(folder, model, samples, {"--rule", "r=int16x8", "--exclude", "t"})
              .fails(2, "--rule: the node 'r' only moves what stays float, and would stay float too; leave it out"));
}

TEST_CASE("--rule NODE=RULE: a node that reads a mask is refused too") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    build::graph_parts parts;
    parts.nodes = {build::node("f", "Tanh", {"x"}, {"h"}), build::node("hide", "Add", {"h", "mask"}, {"m"}),
                   build::node("share", "Softmax", {"m"}, {"y"})};
    parts.initializers = {build::float_tensor("mask", {4}, {0, -std::numeric_limits<float>::infinity(), 0, 0})};
    parts.inputs = {build::value("x", {1, 4})};
    parts.outputs = {build::value("y", {1, 4})};
    const std::string model = folder.put("net.onnx", build::model(build::graph(parts)).str());
    const std::string samples = put_samples(folder, "x.npy", {3, 4});
    CHECK(quantize_model(folder, model, samples, {"--rule", "f=int16x8", "--exclude", "hide"}).code == 0);
    CHECK(quantize_model(folder, model, samples, {"--rule", "hide=int16x8"})
              .fails(2, "--rule: the node 'hide' (add) reads what may be infinite, 'mask', and would stay float; leave "
                        "it out, or exclude it"));
    CHECK(quantize_model(folder, model, samples, {"--rule", "share=int16x8"}).fails(2, "may be infinite, 'm'"));
}

TEST_CASE("--exclude keeps nodes in float; a fused node goes by any of its names") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {32, 16});
    CHECK(quantize_model(folder, test_model("mlp.onnx"), samples, {"--exclude", "gemm2"})
              .says("gemm2              dense       1x12    float32"));
    const std::string header = content_of(folder / "net.hpp");
    CHECK(header.find("float gemm2_weights[]") != std::string::npos);
    CHECK(header.find("std::int8_t gemm0_weights[]") != std::string::npos);
    CHECK(quantize_model(folder, test_model("mlp.onnx"), samples, {"--exclude", "relu3"}).code == 0);
    CHECK(content_of(folder / "net.hpp") == header);
}

TEST_CASE("--exclude: a node that the passes removed is told from one that the model does not have") {
    const scratch_folder folder;
    const std::string model = identity_before(folder, "Relu"), samples = put_samples(folder, "x.npy", {3, 4});
    const auto without = [&](const char* name) { return quantize_model(folder, model, samples, {"--exclude", name}); };
    CHECK(without("f").code == 0);
    CHECK(without("same").fails(2, "--exclude: the node 'same' of " + model + " is computed, removed or merged"));
    CHECK(without("ff").fails(2, "--exclude: no node is called 'ff'; did you mean 'f'?"));
}

TEST_CASE("--exclude: nodes of a local function go by the call's name and theirs") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    build::graph_parts parts;
    parts.nodes = {build::call("c", "pair", {"x"}, {"y"})};
    parts.inputs = {build::value("x", {1, 4})};
    parts.outputs = {build::value("y", {1, 4})};
    const build::message pair = build::function(
        "pair", {"a"}, {"b"}, {build::node("same", "Identity", {"a"}, {"h"}), build::node("f", "Relu", {"h"}, {"b"})});
    const std::string model = folder.put("net.onnx", build::model(build::graph(parts), {pair}).str());
    const std::string samples = put_samples(folder, "x.npy", {3, 4});
    const auto without = [&](const char* name) { return quantize_model(folder, model, samples, {"--exclude", name}); };
    CHECK(without("c/f").code == 0);
    CHECK(without("c/same").fails(2, "--exclude: the node 'c/same' of " + model + " is computed, removed or merged"));
    CHECK(without("f").fails(2, "--exclude: no node is called 'f'"));
}

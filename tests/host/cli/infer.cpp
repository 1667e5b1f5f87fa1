#include <ctq/host/npz.hpp>

#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>
#include <host/zip_builder.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace ctq::test;

namespace {

/// The largest difference, or infinity when the numbers of elements differ.
float difference(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.size() != b.size()) return std::numeric_limits<float>::infinity();
    float largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

std::string raw_bytes(const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

/// A model, samples for each input, and how its header is to be made.
struct header_case {
    std::string name, model;
    std::vector<std::pair<std::string, npy_shape>> inputs;
    std::vector<std::string> outputs;
    words options;

    [[nodiscard]] std::string path(const scratch_folder& folder, const std::string& port) const {
        return folder / (name + "." + port);
    }

    /// Writes samples, the header NAME.hpp and the tool's results NAME.out/PORT.npy.
    void make(const scratch_folder& folder) const {
        words quantize{"quantize", test_model(model), "-o", folder / (name + ".hpp")};
        words infer{"infer", test_model(model), "--outputs", folder / (name + ".out/")};
        unsigned seed = 7;
        for (const auto& [port, shape] : inputs) {
            const std::string file = put_samples(folder, name + "." + port + ".npy", shape, ++seed);
            folder.put(name + "." + port, raw_bytes(npy_floats(file)));
            for (words* each : {&quantize, &infer}) each->insert(each->end(), {"--calibration", port + "=" + file});
            infer.insert(infer.end(), {"--inputs", port + "=" + file});
        }
        for (words* each : {&quantize, &infer}) each->insert(each->end(), options.begin(), options.end());
        CHECK(run_tool(quantize).code == 0);
        CHECK(run_tool(infer).code == 0);
    }

    /// C++ that runs the header over the samples and writes what comes out.
    [[nodiscard]] std::string program(const scratch_folder& folder) const {
        std::string text = "{\n    static " + name + "::executor net;\n    bool more = true;\n", ranges;
        for (const auto& [port, shape] : inputs) {
            std::size_t size = 1;
            for (std::size_t i = 1; i < shape.size(); ++i) size *= static_cast<std::size_t>(shape[i]);
            text += "    std::ifstream " + port + "_file(\"" + path(folder, port) + "\", std::ios::binary);\n";
            text += "    static std::array<float, " + std::to_string(size) + "> " + port + ";\n";
            ranges += (ranges.empty() ? "" : ", ") + port;
        }
        for (const std::string& port : outputs) {
            const std::size_t size = npy_floats(folder / (name + ".out/" + port + ".npy")).size() /
                                     static_cast<std::size_t>(inputs.front().second.front());
            text += "    std::ofstream " + port + "_file(\"" + path(folder, port) + "\", std::ios::binary);\n";
            text += "    static std::array<float, " + std::to_string(size) + "> " + port + ";\n";
            ranges += ", " + port;
        }
        text += "    for (;;) {\n";
        for (const auto& [port, shape] : inputs)
            text += "        more = more && take(" + port + "_file, " + port + ");\n";
        text += "        if (!more) break;\n        net.run(" + ranges + ");\n";
        for (const std::string& port : outputs) text += "        give(" + port + "_file, " + port + ");\n";
        return text + "    }\n    if (!" + name + "::selftest()) return 1;\n}\n";
    }
};

const char* const program_head = R"(
#include <array>
#include <fstream>
template <class Range> bool take(std::ifstream& from, Range& to) {
    return bool(from.read(reinterpret_cast<char*>(to.data()), std::streamsize(to.size() * sizeof(float))));
}
template <class Range> void give(std::ofstream& to, const Range& from) {
    to.write(reinterpret_cast<const char*>(from.data()), std::streamsize(from.size() * sizeof(float)));
}
)";

} // namespace

TEST_CASE("the float network gives what the reference gave, for every model of the test data") {
    const scratch_folder folder;
    for (const auto& each : std::filesystem::directory_iterator(test_model(""))) {
        const std::string path = each.path().string(), stem = each.path().stem().string();
        if (each.path().extension() != ".onnx" || !has_one_input(stem)) continue;
        CAPTURE(stem);
        const std::string output = folder / (stem + ".npy");
        const tool_result ran =
            run_tool({"infer", path, "--float", "--inputs", test_model(stem + ".input.npy"), "--outputs", output});
        CHECK(ran.code == 0);
        CHECK(ran.out.empty());
        CHECK(ran.error.empty());
        CHECK(difference(npy_floats(output), npy_floats(test_model(stem + ".output.npy"))) < 2e-6f);
        CHECK(ctq::host::npy::read(output).shape == ctq::host::npy::read(test_model(stem + ".output.npy")).shape);
    }
}

TEST_CASE("attention under a causal mask is right, in float and in integers") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    const float hidden = -std::numeric_limits<float>::infinity();
    const std::vector<float> identity{1, 0, 0, 0, 1, 0, 0, 0, 1}, mixing{0.5F, 1, -1, 0.25F, 2, 0};
    const build::graph_parts parts{
        {build::node("scores", "MatMul", {"x", "identity"}, {"s"}), build::node("hide", "Add", {"s", "mask"}, {"m"}),
         build::node("share", "Softmax", {"m"}, {"p"}), build::node("mix", "MatMul", {"p", "mixing"}, {"y"})},
        {build::float_tensor("identity", {3, 3}, identity), build::float_tensor("mixing", {3, 2}, mixing),
         build::float_tensor("mask", {3, 3}, {0, hidden, hidden, 0, 0, hidden, 0, 0, 0})},
        {build::value("x", {3, 3})},
        {build::value("y", {3, 2})},
        {}};
    const std::string model = folder.put("net.onnx", build::model(build::graph(parts)).str());
    const std::string samples = put_samples(folder, "x.npy", {20, 3, 3}), out = folder / "y.npy";
    const std::vector<float> x = npy_floats(samples);
    std::vector<float> wanted;
    for (std::size_t row = 0; row < x.size() / 3; ++row)
        for (std::size_t column = 0; column < 2; ++column) {
            float above = 0, below = 0;
            for (std::size_t i = 0; i <= row % 3; ++i) {
                above += std::exp(x[row * 3 + i]) * mixing[i * 2 + column];
                below += std::exp(x[row * 3 + i]);
            }
            wanted.push_back(above / below);
        }
    CHECK(run_tool({"infer", model, "--float", "--inputs", samples, "--outputs", out}).code == 0);
    CHECK(difference(npy_floats(out), wanted) < 1e-5F);
    CHECK(run_tool({"infer", model, "--calibration", samples, "--inputs", samples, "--outputs", out}).code == 0);
    CHECK(difference(npy_floats(out), wanted) < 0.05F);
}

TEST_CASE("several inputs by name, several outputs into a folder") {
    const scratch_folder folder;
    const std::string stem = "two_inputs_two_outputs.";
    const std::string a = "a=" + test_model(stem + "input_a.npy"), b = "b=" + test_model(stem + "input_b.npy");
    const std::string model = test_model(stem + "onnx"), out = folder / "new/folder";
    CHECK(run_tool({"infer", model, "--float", "--inputs", b, "--inputs", a, "--outputs", out}).code == 0);
    for (const char* port : {"total", "scores"}) {
        CAPTURE(port);
        const std::vector<float> wanted = npy_floats(test_model(stem + "output_" + port + ".npy"));
        CHECK(difference(npy_floats(out + "/" + port + ".npy"), wanted) < 2e-6f);
    }
    const words integers{"infer", model, "--calibration", a, "--calibration", b, "--inputs", a, "--inputs", b};
    words into = integers;
    into.insert(into.end(), {"--outputs", out});
    CHECK(run_tool(into).code == 0);
    const std::vector<float> total = npy_floats(test_model(stem + "output_total.npy"));
    CHECK(difference(npy_floats(out + "/total.npy"), total) < 0.1f);
    CHECK(difference(npy_floats(out + "/total.npy"), total) > 1e-4f);
}

TEST_CASE("several outputs are written together or not at all") {
    const scratch_folder folder;
    const std::string stem = "two_inputs_two_outputs.", out = folder / "out";
    const std::string a = "a=" + test_model(stem + "input_a.npy"), b = "b=" + test_model(stem + "input_b.npy");
    std::filesystem::create_directories(out + "/scores.npy"); // where the second file is to be
    CHECK(run_tool({"infer", test_model(stem + "onnx"), "--float", "--inputs", b, "--inputs", a, "--outputs", out})
              .fails(5, "scores.npy: cannot be written: it is a directory"));
    CHECK_FALSE(std::filesystem::exists(out + "/total.npy"));
    const words all{"infer", test_model(stem + "onnx"), "--float", "--inputs", b, "--inputs", a, "--outputs"};
    const auto into = [&](const std::string& outputs) {
        words arguments = all;
        arguments.push_back(outputs);
        return run_tool(arguments);
    };
    CHECK(into(folder / "y.npy").fails(2, "y.npy: the network has 2 outputs, and a .npy file holds one"));
    CHECK_FALSE(std::filesystem::exists(folder / "y.npy"));
    const std::string long_name = folder / ("new/" + std::string(250, 'n') + "/" + std::string(300, 'n'));
    CHECK(into(long_name).code == 5);
    CHECK_FALSE(std::filesystem::exists(folder / "new"));
}

TEST_CASE("a .npz for the inputs and one for the outputs hold what the files of a folder do") {
    const scratch_folder folder;
    const std::string stem = "two_inputs_two_outputs.", model = test_model(stem + "onnx");
    const std::string a = test_model(stem + "input_a.npy"), b = test_model(stem + "input_b.npy");
    const std::string in = folder.put("in.npz", zip_archive({{"b.npy", content_of(b), 8}, {"a.npy", content_of(a)}}));
    const std::string out = folder / "out.npz", files = folder / "out/";
    CHECK(run_tool({"infer", model, "--float", "--inputs", "a=" + a, "--inputs", "b=" + b, "--outputs", files}).code ==
          0);
    CHECK(run_tool({"infer", model, "--float", "--inputs", in, "--outputs", out}).code == 0);
    ctq::host::npz::archive made(content_of(out), "out.npz");
    CHECK(made.names() == words{"total", "scores"});
    for (std::size_t i = 0; i < made.names().size(); ++i) {
        const ctq::host::array array = made.read(i), wanted = ctq::host::npy::read(files + made.names()[i] + ".npy");
        CHECK(array.shape == wanted.shape);
        CHECK(array.bytes == wanted.bytes);
    }
    const std::string x = put_samples(folder, "x.npy", {3, 16}), y = folder / "y.npy", mlp = test_model("mlp.onnx");
    CHECK(run_tool({"infer", mlp, "--float", "--inputs", x, "--outputs", y}).code == 0);
    CHECK(run_tool({"infer", mlp, "--float", "--inputs", x, "--outputs", out}).code == 0);
    ctq::host::npz::archive one(content_of(out), "out.npz");
    REQUIRE(one.names().size() == 1);
    CHECK(one.read(0).bytes == ctq::host::npy::read(y).bytes);
    CHECK(run_tool({"infer", mlp, "--float", "--inputs", x, "--outputs", folder / "no/y.npz"})
              .fails(5, "does not exist"));
    CHECK(run_tool({"infer", model, "--float", "--inputs", in, "--outputs", in}).fails(2, "must be different files"));
}

TEST_CASE("outputs' files stay in their folder and are different ones, whatever the outputs' names") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    const build::graph_parts parts{
        {build::node("r", "Relu", {"x"}, {"../y"}), build::node("s", "Sigmoid", {"x"}, {".._y"}),
         build::node("t", "Tanh", {"x"}, {".."})},
        {},
        {build::value("x", {1, 2})},
        {build::value("../y", {1, 2}), build::value(".._y", {1, 2}), build::value("..", {1, 2})},
        {}};
    const std::string model = folder.put("names.onnx", build::model(build::graph(parts)).str());
    const std::string x = put_npy(folder, "x.npy", {1, 2}, {-2.0F, 2.0F}), out = folder / "out";
    CHECK(run_tool({"infer", model, "--float", "--inputs", x, "--outputs", out}).code == 0);
    CHECK(npy_floats(out + "/.._y.npy") == std::vector<float>{0.0F, 2.0F});
    CHECK(difference(npy_floats(out + "/.._y_2.npy"), {0.1192F, 0.8808F}) < 1e-3f);
    CHECK(difference(npy_floats(out + "/_.npy"), {-0.9640F, 0.9640F}) < 1e-3f);
}

TEST_CASE("what infer refuses") {
    const scratch_folder folder;
    const std::string model = test_model("mlp.onnx"), x = put_samples(folder, "x.npy", {3, 16}), y = folder / "y.npy";
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", y}).fails(2, "either --float or --calibration"));
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", y, "--float", "--calibration", x})
              .fails(2, "--float and --calibration exclude each other"));
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", y, "--float", "--rule", "tflite_int8"})
              .fails(2, "leave them out"));
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", y, "--float", "--samples", "1"})
              .fails(2, "leave them out"));
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", x, "--float"}).fails(2, "must be different files"));
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", folder / "no/y.npy", "--float"})
              .fails(5, "does not exist"));
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", folder / "x.npy/", "--float"})
              .fails(5, "cannot be made"));
    CHECK(run_tool({"infer", model, "--inputs", x, "--outputs", "/dev/full", "--float"}).fails(5, "No space left"));
    CHECK(run_tool({"infer", model, "--outputs", y, "--float"}).fails(2, "--inputs is required"));
    std::vector<float> values = random_floats(48);
    values[20] = std::numeric_limits<float>::quiet_NaN();
    const std::string bad = put_npy(folder, "bad.npy", {3, 16}, values);
    CHECK(run_tool({"infer", model, "--inputs", bad, "--outputs", y, "--float"})
              .fails(3, "bad.npy: sample 1: element 4 is nan"));
    CHECK(run_tool({"infer", model, "--inputs", bad, "--outputs", y, "--calibration", x})
              .fails(3, "bad.npy: sample 1: element 4 is nan"));
    CHECK_FALSE(std::filesystem::exists(y));
}

TEST_CASE("more results than fit the memory are refused before they are made") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    const build::graph_parts parts{{build::node("p", "Pad", {"x", "pads"}, {"y"})},
                                   {build::tensor_head("pads", 7, {4}).integers(7, {0, 0, 0, 1048575})},
                                   {build::value("x", {1, 1})},
                                   {build::value("y", {1, 1048576})},
                                   {}};
    const std::string model = folder.put("pad.onnx", build::model(build::graph(parts)).str());
    CHECK(run_tool({"infer", model, "--float", "--inputs", put_samples(folder, "x.npy", {513, 1}), "--outputs",
                    folder / "y.npy"})
              .fails(4, "the outputs have 4194304 bytes for each of 513 samples; at most 2147483648 are supported"));
    CHECK_FALSE(std::filesystem::exists(folder / "y.npy"));
}

TEST_CASE("the integer result is the compiled header's, bit for bit") {
    const scratch_folder folder;
    const std::vector<header_case> cases{
        {"residual", "residual.onnx", {{"x", {40, 1, 12, 12}}}, {"y"}, {}},
        {"depthwise",
         "depthwise_batch_normalization_relu6.onnx",
         {{"x", {40, 4, 6, 6}}},
         {"y"},
         {"--rule", "tflite_int8"}},
        {"recurrent", "recurrent_layers_opset14.onnx", {{"x", {40, 4, 12}}}, {"y"}, {}},
        {"island", "mlp.onnx", {{"x", {200, 16}}}, {"y"}, {"--exclude", "gemm2"}},
        {"ports",
         "two_inputs_two_outputs.onnx",
         {{"a", {40, 2, 5, 5}}, {"b", {40, 3, 5, 5}}},
         {"total", "scores"},
         {}}};
    std::string includes, body;
    for (const header_case& each : cases) {
        each.make(folder);
        includes += "#include \"" + each.name + ".hpp\"\n";
        body += each.program(folder);
    }
    folder.put("main.cpp", includes + program_head + "int main() {\n" + body + "return 0;\n}\n");
    const std::string program = folder / "program";
    const tool_result built =
        run_shell("exec g++ -std=c++20 -O1 -I " CTQ_SOURCE_DIR "/include " + folder / "main.cpp" + " -o " + program);
    REQUIRE_MESSAGE(built.code == 0, built.error);
    CHECK(run_shell("exec " + program).code == 0);
    for (const header_case& each : cases) {
        for (const std::string& port : each.outputs) {
            CAPTURE(each.name);
            CAPTURE(port);
            const std::string wanted = raw_bytes(npy_floats(folder / (each.name + ".out/" + port + ".npy")));
            CHECK(wanted.size() >= 40 * 3 * sizeof(float));
            CHECK((content_of(each.path(folder, port)) == wanted));
        }
    }
}

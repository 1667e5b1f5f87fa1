#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>
#include <host/zip_builder.hpp>

#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace ctq::test;

namespace {

/// y = Relu(x * w + b) whose input is [N, 4]; `rows`: what N is called.
std::string symbolic_model(const scratch_folder& folder, std::string_view rows = "N") {
    namespace build = ctq::test::onnx_builder;
    build::graph_parts parts = build::dense();
    build::message batch, channels, shape, tensor, type, input;
    shape.sub(1, batch.bytes(2, rows)).sub(1, channels.integer(1, 4));
    parts.inputs = {input.bytes(1, "x").sub(2, type.sub(1, tensor.integer(1, 1).sub(2, shape)))};
    parts.outputs = {build::message().bytes(1, "y")};
    return folder.put("symbolic.onnx", build::model(build::graph(parts)).str());
}

tool_result calibrate(const scratch_folder& folder, const words& data) {
    words arguments{"calibrate", test_model("mlp.onnx"), "-o", folder / "table.json"};
    arguments.insert(arguments.end(), data.begin(), data.end());
    return run_tool(arguments);
}

} // namespace

TEST_CASE("--dim gives symbolic dimensions their size") {
    const scratch_folder folder;
    const std::string model = symbolic_model(folder);
    CHECK(run_tool({"inspect", model}).fails(4, "--dim N="));
    CHECK(run_tool({"inspect", model, "--dim", "N=1"}).says("input  x float32 1x4"));
    CHECK(run_tool({"inspect", model, "--dim", "N=0"}).fails(2, "'N=0': the size must be a whole number from 1"));
    for (const char* wrong : {"N=-1", "N=1.5", "N=", "N=1x", "N=99999999999999999999", "N= 1"}) {
        CAPTURE(wrong);
        CHECK(run_tool({"inspect", model, "--dim", wrong}).fails(2, "the size must be a whole number from 1"));
    }
    CHECK(run_tool({"inspect", model, "--dim", "N"}).fails(2, "a name and a size are required"));
    CHECK(run_tool({"inspect", model, "--dim", "N=1", "--dim", "N=2"}).fails(2, "'N' is given twice"));
    CHECK(run_tool({"inspect", model, "--dim", "M=1"}).fails(2, "no such dimension"));
    CHECK(run_tool({"inspect", test_model("mlp.onnx"), "--dim", "N=1"}).fails(2, "all theirs are fixed"));
}

TEST_CASE("samples that cannot serve, and what they are told") {
    const scratch_folder folder;
    const auto refused = [&](const std::string& path, std::string_view fragment) {
        CAPTURE(path);
        CHECK(calibrate(folder, {"--calibration", path}).fails(3, fragment));
        CHECK_FALSE(std::filesystem::exists(folder / "table.json"));
    };
    std::vector<float> values = random_floats(64);
    refused(put_npy(folder, "none.npy", {0, 16}, {}), "holds no samples");
    refused(put_samples(folder, "wide.npy", {4, 17}), "has shape (4, 17), input 'x' (1, 16)");
    refused(put_samples(folder, "deep.npy", {4, 4, 4}), "has shape (4, 4, 4)");
    refused(put_samples(folder, "flat.npy", {64}), "has shape (64");
    values[35] = std::numeric_limits<float>::infinity();
    refused(put_npy(folder, "infinite.npy", {4, 16}, values), "sample 2: element 3 is inf");
    values.assign(64, std::numeric_limits<float>::quiet_NaN());
    refused(put_npy(folder, "nan.npy", {4, 16}, values), "sample 0: element 0 is nan");
    refused(folder.put("text.npy", "hello"), "is no .npy, .npz or IDX file");
    refused(folder.put("empty.npy", ""), "is empty");
    refused(folder / "missing.npy", "cannot be opened");
    refused(folder.path().string(), "is a directory");
}

TEST_CASE("one sample and equal samples are enough; the latter are told of") {
    const scratch_folder folder;
    const tool_result one = calibrate(folder, {"--calibration", put_samples(folder, "one.npy", {1, 16})});
    CHECK(one.code == 0);
    CHECK(one.error.empty());
    const std::string equal = put_npy(folder, "equal.npy", {4, 16}, std::vector<float>(64, 1.0f));
    const tool_result constant = calibrate(folder, {"--calibration", equal});
    CHECK(constant.code == 0);
    CHECK(constant.out.empty());
    CHECK(constant.error == "ctq: warning: tensor 'x' is 1 in all 4 samples; calibrate with samples that differ\n");
}

TEST_CASE("inputs are named") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {4, 16});
    CHECK(calibrate(folder, {"--calibration", "x=" + samples}).code == 0);
    CHECK(calibrate(folder, {"--calibration", "z=" + samples}).fails(3, "the model has no input 'z'; its inputs: 'x'"));
    CHECK(calibrate(folder, {"--calibration", samples, "--calibration", "x=" + samples})
              .fails(2, "input 'x' is given twice"));

    const std::string a = put_samples(folder, "a.npy", {3, 2, 5, 5}), b = put_samples(folder, "b.npy", {3, 3, 5, 5});
    const auto both = [&](const words& data) {
        words arguments{"calibrate", test_model("two_inputs_two_outputs.onnx"), "-o", folder / "table.json"};
        for (const std::string& each : data) arguments.insert(arguments.end(), {"--calibration", each});
        return run_tool(arguments);
    };
    CHECK(both({"a=" + a, "b=" + b}).code == 0);
    CHECK(both({"b=" + b, "a=" + a}).code == 0);
    CHECK(both({"a=" + a}).fails(3, "input 'b' has no data; add --calibration b=FILE. The model's inputs: 'a', 'b'"));
    CHECK(both({a, b}).fails(3, "write --calibration NAME=FILE for each of 'a', 'b'"));
    CHECK(both({"a=" + a, "c=" + b}).fails(3, "the model has no input 'c'; its inputs: 'a', 'b'"));
    CHECK(both({"a=" + a, "b=" + put_samples(folder, "four.npy", {4, 3, 5, 5})}).fails(3, "holds 4 samples and"));
}

TEST_CASE("names of inputs and dimensions may hold a '='; the longest name of an input is taken") {
    namespace build = ctq::test::onnx_builder;
    const scratch_folder folder;
    const auto put_model = [&](const std::vector<std::string>& names) {
        std::string last = names.front();
        build::graph_parts parts{{}, {}, {}, {build::value("y", {1, 2})}, {}};
        for (std::size_t i = 0; i < names.size(); ++i) {
            parts.inputs.push_back(build::value(names[i], {1, 2}));
            const std::string sum = i + 1 == names.size() ? "y" : "sum" + std::to_string(i);
            parts.nodes.push_back(build::node("add" + std::to_string(i), "Add", {last, names[i]}, {sum}));
            last = sum;
        }
        return folder.put("net.onnx", build::model(build::graph(parts)).str());
    };
    const std::string x = put_npy(folder, "x.npy", {1, 2}, {1, 2}), z = put_npy(folder, "z=.npy", {1, 2}, {30, 40});
    const auto infer = [&](const std::string& model, const words& items) {
        words arguments{"infer", model, "--float", "--outputs", folder / "y.npy"};
        for (const std::string& each : items) arguments.insert(arguments.end(), {"--inputs", each});
        return run_tool(arguments);
    };
    const std::string one = put_model({"a=b"});
    CHECK(infer(one, {"a=b=" + x}).code == 0);
    CHECK(npy_floats(folder / "y.npy") == std::vector<float>{2, 4});
    CHECK(infer(one, {"a=b=" + z}).code == 0);
    CHECK(infer(one, {z}).code == 0);
    CHECK(infer(one, {"a=" + x}).fails(3, "the model has no input 'a'; its inputs: 'a=b'"));
    CHECK(infer(one, {"a=b=" + x, "a=b=" + x}).fails(2, "input 'a=b' is given twice"));
    CHECK(run_tool({"infer", one, "--float", "--inputs", "a=b=" + x, "--outputs", x})
              .fails(2, "must be different files"));
    CHECK(run_tool({"inspect", symbolic_model(folder, "a=b"), "--dim", "a=b=1"}).says("input  x float32 1x4"));
    const std::string two = put_model({"a", "a=b"});
    CHECK(infer(two, {"a=b=" + x, "a=" + z}).code == 0); // 2 a + "a=b"
    CHECK(npy_floats(folder / "y.npy") == std::vector<float>{61, 82});
}

TEST_CASE("a .npz gives an input its one array, and several inputs the arrays of their names") {
    const scratch_folder folder;
    const auto put_npz = [&](std::string_view name, const std::vector<std::pair<std::string, npy_shape>>& arrays) {
        std::vector<zip_member> members;
        for (const auto& [array, shape] : arrays)
            members.push_back({array + ".npy", content_of(put_samples(folder, "part.npy", shape)), 8});
        return folder.put(name, zip_archive(members));
    };
    const std::string table = folder / "table.json";
    CHECK(calibrate(folder, {"--calibration", put_samples(folder, "x.npy", {4, 16})}).code == 0);
    const std::string wanted = content_of(table);
    const std::string one = put_npz("one.npz", {{"arr_0", {4, 16}}}),
                      x = put_npz("x.npz", {{"y", {4}}, {"x", {4, 16}}});
    for (const std::string& each : {one, "x=" + one, "x=" + x}) {
        CAPTURE(each);
        std::filesystem::remove(table);
        CHECK(calibrate(folder, {"--calibration", each}).code == 0);
        CHECK(content_of(table) == wanted);
    }
    CHECK(calibrate(folder, {"--calibration", x})
              .fails(3,
                     "array 'y': the model has no input of this name; its inputs: 'x': write --calibration NAME=FILE"));
    CHECK(calibrate(folder, {"--calibration", "x=" + put_npz("ab.npz", {{"a", {4, 16}}, {"b", {4, 16}}})})
              .fails(3, "ab.npz: holds no array 'x'; its arrays: 'a', 'b'"));

    const auto both = [&](const words& data) {
        words arguments{"calibrate", test_model("two_inputs_two_outputs.onnx"), "-o", table};
        for (const std::string& each : data) arguments.insert(arguments.end(), {"--calibration", each});
        return run_tool(arguments);
    };
    const std::pair<std::string, npy_shape> a{"a", {3, 2, 5, 5}}, b{"b", {3, 3, 5, 5}};
    const std::string a_alone = put_samples(folder, "a.npy", a.second),
                      b_alone = put_samples(folder, "b.npy", b.second);
    CHECK(both({"a=" + a_alone, "b=" + b_alone}).code == 0);
    const std::string of_both = content_of(table);
    const std::string ba = put_npz("ba.npz", {b, a}), just_a = put_npz("a.npz", {a});
    for (const words& each : {words{ba}, {"a=" + ba, "b=" + ba}, {just_a, "b=" + b_alone}, {"b=" + b_alone, just_a}}) {
        std::filesystem::remove(table);
        CHECK(both(each).code == 0);
        CHECK(content_of(table) == of_both);
    }
    CHECK(both({just_a}).fails(3, "input 'b' has no data; add --calibration b=FILE. The model's inputs: 'a', 'b'"));
    CHECK(both({ba, just_a}).fails(2, "input 'a' is given twice"));
    CHECK(both({put_npz("c.npz", {a, b, {"c", {1}}})})
              .fails(3, "c.npz: array 'c': the model has no input of this name; its inputs: 'a', 'b'"));
    CHECK(
        both({put_npz("wide.npz", {a, {"b", {3, 3, 5, 6}}})}).fails(3, "wide.npz: array 'b': has shape (3, 3, 5, 6)"));
    CHECK(both({put_npz("four.npz", {a, {"b", {4, 3, 5, 5}}})}).fails(3, "four.npz: array 'b': holds 4 samples and"));
    CHECK(both({a_alone}).fails(3, "or give a .npz with an array for each"));
}

TEST_CASE("samples may have the input's shape with or without its batch axis, and any scale") {
    const scratch_folder folder;
    CHECK(calibrate(folder, {"--calibration", put_samples(folder, "with.npy", {4, 1, 16})}).code == 0);
    const std::string with = content_of(folder / "table.json");
    const std::string bare = put_samples(folder, "bare.npy", {4, 16});
    CHECK(calibrate(folder, {"--calibration", bare}).code == 0);
    CHECK(content_of(folder / "table.json") == with);
    CHECK(calibrate(folder, {"--calibration", bare, "--scale", "2", "--shift", "-0.5"}).code == 0);
    CHECK(content_of(folder / "table.json") != with);
    for (const char* wrong : {"nan", "inf", "1e400"}) {
        CAPTURE(wrong);
        CHECK(calibrate(folder, {"--calibration", bare, "--scale", wrong}).fails(2, "finite numbers"));
    }
}

TEST_CASE("one sample may have the input's own shape") {
    namespace build = ctq::test::onnx_builder;
    const scratch_folder folder;
    const build::graph_parts parts{
        {build::node("r", "Relu", {"x"}, {"y"})}, {}, {build::value("x", {4, 3})}, {build::value("y", {4, 3})}, {}};
    const std::string model = folder.put("net.onnx", build::model(build::graph(parts)).str());
    const std::string x = put_samples(folder, "x.npy", {4, 3}), y = folder / "y.npy";
    CHECK(run_tool({"infer", model, "--float", "--inputs", x, "--outputs", y}).code == 0);
    CHECK(ctq::host::npy::read(y).shape == npy_shape{1, 4, 3});
    CHECK(run_tool({"infer", model, "--float", "--inputs", put_samples(folder, "many.npy", {5, 4, 3}), "--outputs", y})
              .code == 0);
    CHECK(ctq::host::npy::read(y).shape == npy_shape{5, 4, 3});
    CHECK(run_tool({"infer", model, "--float", "--inputs", put_samples(folder, "wrong.npy", {3, 4}), "--outputs", y})
              .fails(3, "after the axis of samples the shapes must agree"));
}

TEST_CASE("--samples takes the first ones") {
    const scratch_folder folder;
    const std::vector<float> values = random_floats(128);
    const std::string eight = put_npy(folder, "eight.npy", {8, 16}, values);
    const std::string three = put_npy(folder, "three.npy", {3, 16}, {values.begin(), values.begin() + 48});
    CHECK(calibrate(folder, {"--calibration", three}).code == 0);
    const std::string wanted = content_of(folder / "table.json");
    CHECK(calibrate(folder, {"--calibration", eight, "--samples", "3"}).code == 0);
    CHECK(content_of(folder / "table.json") == wanted);
    for (const char* wrong : {"0", "-3", "x", "1.5", "99999999999999999999"}) {
        CAPTURE(wrong);
        CHECK(calibrate(folder, {"--calibration", eight, "--samples", wrong})
                  .fails(2, std::string("--samples: '") + wrong + "' is not a whole number from 1"));
    }
}

// A model whose inputs and outputs are of every element type that ONNX's exporters write, through every verb and into a
// header that is compiled and run.

#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::test;
using ctq::boolean;

namespace {

constexpr std::int64_t float32 = 1, uint8 = 2, int32 = 6, int64 = 7, bool8 = 9;
constexpr std::int64_t sample_number = 5;

/// ValueInfoProto of [N, size].
onnx_builder::message of_batch(std::string_view name, std::int64_t size, std::int64_t type) {
    onnx_builder::message batch, extent, shape, tensor, kind, out;
    shape.sub(1, batch.bytes(2, "N")).sub(1, extent.integer(1, size));
    return out.bytes(1, name).sub(2, kind.sub(1, tensor.integer(1, type).sub(2, shape)));
}

/// Reals through a layer; token ids doubled, a mask and bytes joined with themselves, counts multiplied by 3.
std::string put_model(const scratch_folder& folder) {
    namespace build = onnx_builder;
    const build::graph_parts parts{
        {build::node("fc", "Gemm", {"image", "w"}, {"scores"}),
         build::node("twice", "Add", {"ids", "ids"}, {"doubled"}),
         build::node("both", "Concat", {"mask", "mask"}, {"masks"}).sub(5, build::attribute("axis", 2).integer(3, 1)),
         build::node("join", "Concat", {"bytes", "bytes"}, {"joined"})
             .sub(5, build::attribute("axis", 2).integer(3, 1)),
         build::node("times", "Mul", {"counts", "three"}, {"tripled"})},
        {build::float_tensor("w", {4, 3}, random_floats(12)),
         build::tensor_head("three", int32, {1}).raw(std::string("\x2a\x01\x03"))},
        {of_batch("image", 4, float32), of_batch("ids", 3, int64), of_batch("mask", 2, bool8),
         of_batch("bytes", 2, uint8), of_batch("counts", 2, int32)},
        {of_batch("scores", 3, float32), of_batch("doubled", 3, int64), of_batch("masks", 4, bool8),
         of_batch("joined", 4, uint8), of_batch("tripled", 2, int32)},
        {}};
    return folder.put("typed.onnx", build::model(build::graph(parts)).str());
}

/// NAME=FILE of an input of these elements.
template <class T>
std::string put(const scratch_folder& folder, const std::string& input, const std::vector<T>& all,
                const std::string& file = "") {
    const npy_shape shape{sample_number, static_cast<std::int64_t>(all.size()) / sample_number};
    return input + "=" + folder.put((file.empty() ? input : file) + ".npy", ctq::host::npy::format<T>(shape, all));
}

/// All inputs. The mask as bytes, the counts in another width than the model's.
words put_inputs(const scratch_folder& folder) {
    std::vector<std::int64_t> ids(15), counts(10);
    std::vector<std::uint8_t> mask(10), bytes(10);
    for (std::size_t i = 0; i < 15; ++i) ids[i] = static_cast<std::int64_t>(i) * 1234567891011 - 5;
    for (std::size_t i = 0; i < 10; ++i) {
        counts[i] = static_cast<std::int64_t>(i) - 4;
        mask[i] = i % 3 == 0 ? 1 : 0;
        bytes[i] = static_cast<std::uint8_t>(250 + i);
    }
    return {"image=" + put_samples(folder, "image.npy", {sample_number, 4}), put(folder, "ids", ids),
            put(folder, "mask", mask), put(folder, "bytes", bytes), put(folder, "counts", counts)};
}

words with(words first, std::string_view option, const words& values) {
    for (const std::string& each : values) first.insert(first.end(), {std::string(option), each});
    return first;
}

/// The array of a file, and whether it has this type and these elements.
template <class T> bool holds(const std::string& path, const std::vector<T>& wanted) {
    const ctq::host::array data = ctq::host::npy::read(path);
    if (data.type != ctq::dtype_of<T> || data.size() != wanted.size() || data.shape.front() != sample_number)
        return false;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (data.at<T>()(i) != wanted[i]) return false;
    return true;
}

void check_results(const std::string& folder) {
    std::vector<std::int64_t> doubled(15);
    for (std::size_t i = 0; i < 15; ++i) doubled[i] = 2 * (static_cast<std::int64_t>(i) * 1234567891011 - 5);
    CHECK(holds(folder + "/doubled.npy", doubled));
    std::vector<boolean> masks(20);
    std::vector<std::uint8_t> joined(20);
    for (std::size_t i = 0; i < 20; ++i) {
        const std::size_t from = i / 4 * 2 + i % 2;
        masks[i] = from % 3 == 0 ? boolean::yes : boolean::no;
        joined[i] = static_cast<std::uint8_t>(250 + from);
    }
    CHECK(holds(folder + "/masks.npy", masks));
    CHECK(holds(folder + "/joined.npy", joined));
    std::vector<std::int32_t> tripled(10);
    for (std::int32_t i = 0; i < 10; ++i) tripled[static_cast<std::size_t>(i)] = 3 * (i - 4);
    CHECK(holds(folder + "/tripled.npy", tripled));
}

} // namespace

TEST_CASE("every element type through inspect, calibrate, infer and quantize") {
    const scratch_folder folder;
    const std::string model = put_model(folder), table = folder / "table.json", out = folder / "out";
    const words inputs = put_inputs(folder);
    CHECK(run_tool({"inspect", model, "--dim", "N=1"}).says("input  ids int64 1x3\ninput  mask boolean 1x2\n"));
    const tool_result json = run_tool({"inspect", model, "--dim", "N=1", "--json"});
    CHECK(nlohmann::json::parse(json.out)["outputs"][3]["type"] == "uint8");

    const words float_network{"infer", model, "--dim", "N=1", "--float", "--outputs", out};
    CHECK(run_tool(with(float_network, "--inputs", inputs)).code == 0);
    check_results(out);

    CHECK(run_tool(with({"calibrate", model, "--dim", "N=1", "-o", table}, "--calibration", inputs)).code == 0);
    const words integers{"infer", model, "--dim", "N=1", "--calibration", table, "--outputs", folder / "integers"};
    CHECK(run_tool(with(integers, "--inputs", inputs)).code == 0);
    check_results(folder / "integers");
    CHECK(holds(folder / "integers/scores.npy", npy_floats(folder / "integers/scores.npy")));

    const std::string header = folder / "typed.hpp";
    CHECK(run_tool({"quantize", model, "--dim", "N=1", "--calibration", table, "-o", header}).code == 0);
    CHECK(content_of(header).find("// float[4], std::int64_t[3], ctq::boolean[2], std::uint8_t[2], std::int32_t[2], "
                                  "float[3], std::int64_t[3], ctq::boolean[4]") != std::string::npos);
    folder.put("main.cpp", R"(
#include "typed.hpp"
int main() {
    static typed::executor net;
    const float image[4] = {1, -1, 2, -2};
    const std::int64_t ids[3] = {1, -2, 1234567891011};
    const bool mask[2] = {true, false};
    const std::uint8_t bytes[2] = {255, 7};
    const std::int32_t counts[2] = {-5, 6};
    float scores[3];
    std::int64_t doubled[3];
    bool masks[4];
    std::uint8_t joined[4];
    std::int32_t tripled[2];
    net.run(image, ids, mask, bytes, counts, scores, doubled, masks, joined, tripled);
    const bool right = doubled[2] == 2469135782022 && masks[2] && !masks[3] && joined[2] == 255 && tripled[0] == -15;
    return right && typed::selftest() ? 0 : 1;
}
)");
    const std::string program = folder / "program";
    const tool_result built =
        run_shell("exec g++ -std=c++20 -O1 -Wall -Wextra -Wconversion -Werror -I " CTQ_SOURCE_DIR "/include " +
                  folder / "main.cpp" + " -o " + program);
    REQUIRE_MESSAGE(built.code == 0, built.error);
    CHECK(run_shell("exec " + program).code == 0);
}

TEST_CASE("evaluate counts the classes that a network names") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    const build::graph_parts parts{
        {build::node("twice", "Add", {"ids", "ids"}, {"classes"}), build::node("act", "Relu", {"x"}, {"y"})},
        {},
        {build::value("x", {1, 2}), build::value("ids", {1, 2}, int64)},
        {build::value("classes", {1, 2}, int64), build::value("y", {1, 2})},
        {}};
    const std::string model = folder.put("classes.onnx", build::model(build::graph(parts)).str());
    const words inputs{"x=" + put_samples(folder, "x.npy", {5, 2}),
                       put<std::int64_t>(folder, "ids", {0, 1, 1, 0, 2, 3, 4, 5, 6, 7})};
    const std::string labels = folder.put(
        "labels.npy", ctq::host::npy::format<std::int64_t>(npy_shape{5}, std::vector<std::int64_t>{0, 2, 6, 11, 14}));
    const words evaluate = with({"evaluate", model, "--labels", labels}, "--calibration", inputs);
    const tool_result text = run_tool(with(evaluate, "--inputs", inputs));
    CHECK(text.code == 0);
    CHECK(text.says("top-1  40.00%"));
    CHECK(text.says("top-5  80.00%"));
}

TEST_CASE("what an input of integers refuses") {
    const scratch_folder folder;
    const std::string model = put_model(folder), out = folder / "out";
    words inputs = put_inputs(folder);
    const auto refused = [&](std::size_t input, const std::string& file, std::string_view why) {
        words changed = inputs;
        changed[input] = file;
        const words arguments{"infer", model, "--dim", "N=1", "--float", "--outputs", out};
        return run_tool(with(arguments, "--inputs", changed)).fails(3, why);
    };
    CHECK(refused(1, "ids=" + put_samples(folder, "reals.npy", {sample_number, 3}),
                  "the input takes whole numbers that int64"));
    CHECK(refused(2, put<std::int8_t>(folder, "mask", {0, 1, 0, 1, 2, 0, 0, 0, 0, 0}, "two"),
                  "sample 2: element 0 is 2"));
    CHECK(refused(4, put<std::int64_t>(folder, "counts", {0, 1, 0, 1, 2, 0, 0, 0, 0, 3'000'000'000}, "wide"),
                  "element 1 is 3000000000; the input takes whole numbers that int32 holds"));
}

TEST_CASE("token ids that a table has no entry for are refused by each verb that reads samples") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    const build::graph_parts parts{
        {build::node("look", "Gather", {"table", "ids"}, {"rows"}), build::node("act", "Relu", {"rows"}, {"y"})},
        {build::float_tensor("table", {8, 4}, random_floats(32))},
        {build::value("ids", {1, 3}, int64)},
        {build::value("y", {1, 3, 4})},
        {}};
    const std::string model = folder.put("look.onnx", build::model(build::graph(parts)).str()), out = folder / "y.npy";
    std::vector<std::int64_t> ids{0, 1, 2, 3, 4, 5, 6, 7, -8, -1, 3, 2, 0, 0, 0};
    const std::string good = put(folder, "ids", ids), table = folder / "table.json";
    ids[10] = 8;
    const std::string bad = put(folder, "ids", ids, "bad");
    const std::string_view why = "bad.npy: sample 3: element 1 is 8; it is looked up among 8 entries: give -8 to 7";
    CHECK(run_tool({"infer", model, "--float", "--inputs", good, "--outputs", out}).code == 0);
    CHECK(run_tool({"infer", model, "--float", "--inputs", bad, "--outputs", out}).fails(3, why));
    CHECK(run_tool({"calibrate", model, "--calibration", bad, "-o", table}).fails(3, why));
    CHECK(run_tool({"calibrate", model, "--calibration", good, "-o", table}).code == 0);
    CHECK(run_tool({"infer", model, "--calibration", table, "--inputs", bad, "--outputs", out}).fails(3, why));
    const std::string labels =
        folder.put("labels.npy", ctq::host::npy::format<std::int64_t>(npy_shape{5}, std::vector<std::int64_t>(5)));
    const words evaluate{"evaluate", model, "--calibration", table, "--labels", labels};
    CHECK(run_tool(with(evaluate, "--inputs", {good})).code == 0);
    CHECK(run_tool(with(evaluate, "--inputs", {bad})).fails(3, why));
}

TEST_CASE("nothing to scale where no input is of reals") {
    namespace build = onnx_builder;
    const scratch_folder folder;
    const build::graph_parts parts{{build::node("twice", "Add", {"ids", "ids"}, {"doubled"})},
                                   {},
                                   {build::value("ids", {1, 2}, int64)},
                                   {build::value("doubled", {1, 2}, int64)},
                                   {}};
    const std::string model = folder.put("ids.onnx", build::model(build::graph(parts)).str());
    const std::string ids = put<std::int64_t>(folder, "ids", {0, 1, 1, 0, 2, 3, 4, 5, 6, 7});
    const words arguments{"infer", model, "--float", "--inputs", ids, "--outputs", folder / "y.npy"};
    CHECK(run_tool(with(arguments, "--scale", {"2"})).fails(2, "no input of the model is of reals"));
    CHECK(run_tool(arguments).code == 0);
    CHECK(holds(folder / "y.npy", std::vector<std::int64_t>{0, 2, 2, 0, 4, 6, 8, 10, 12, 14}));
}

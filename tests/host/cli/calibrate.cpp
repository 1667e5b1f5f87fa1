#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/run_tool.hpp>

#include <csignal>
#include <fstream>
#include <string>

using namespace ctq::test;

TEST_CASE("a table is made, whole or not at all, the same in every run") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {16, 1, 12, 12}), table = folder / "table.json";
    const words arguments{"calibrate", test_model("residual.onnx"), "--calibration", samples, "-o", table};
    const tool_result made = run_tool(arguments);
    CHECK(made.code == 0);
    CHECK(made.out.empty());
    CHECK(made.error.empty());
    const std::string text = content_of(table);
    CHECK(text.find("\"format\": \"ctq calibration table\"") != std::string::npos);
    CHECK(text.find("\"samples\": 16") != std::string::npos);
    CHECK(run_tool(arguments).code == 0);
    CHECK(content_of(table) == text);
    CHECK(no_leftovers(folder.path()));
}

TEST_CASE("--strategy prints the ranges that it chooses and leaves the table as it is") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {8, 16}), model = test_model("mlp.onnx");
    CHECK(run_tool({"calibrate", model, "--calibration", samples, "-o", folder / "plain.json"}).code == 0);
    for (const char* strategy : {"minmax", "naive", "entropy", "percentile=99.5", "mse"}) {
        CAPTURE(strategy);
        const tool_result made = run_tool(
            {"calibrate", model, "--calibration", samples, "-o", folder / "table.json", "--strategy", strategy});
        CHECK(made.code == 0);
        CHECK(made.out.rfind("tensor ", 0) == 0);
        CHECK(std::count(made.out.begin(), made.out.end(), '\n') == 5);
        CHECK(content_of(folder / "table.json") == content_of(folder / "plain.json"));
    }
}

TEST_CASE("--resume adds samples to a table, in place too") {
    const scratch_folder folder;
    const std::vector<float> values = random_floats(10 * 16);
    const std::string whole = put_npy(folder, "whole.npy", {10, 16}, values);
    const std::string first = put_npy(folder, "first.npy", {4, 16}, {values.begin(), values.begin() + 64});
    const std::string rest = put_npy(folder, "rest.npy", {6, 16}, {values.begin() + 64, values.end()});
    const std::string model = test_model("mlp.onnx"), table = folder / "table.json";
    CHECK(run_tool({"calibrate", model, "--calibration", whole, "-o", folder / "wanted.json"}).code == 0);
    CHECK(run_tool({"calibrate", model, "--calibration", first, "-o", table}).code == 0);
    CHECK(run_tool({"calibrate", model, "--calibration", rest, "--resume", table, "-o", table}).code == 0);
    CHECK(content_of(table) == content_of(folder / "wanted.json"));
    const std::string other = test_model("flatten_gemm.onnx"), samples = test_model("flatten_gemm.input.npy");
    CHECK(run_tool({"calibrate", other, "--calibration", samples, "--resume", table, "-o", folder / "other.json"})
              .fails(3, "was made for another model"));
    CHECK_FALSE(std::filesystem::exists(folder / "other.json"));
}

TEST_CASE("what calibrate refuses") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {8, 16}), model = test_model("mlp.onnx");
    CHECK(run_tool({"calibrate", model, "--calibration", "t.json", "-o", folder / "t.json"})
              .fails(2, "samples are required, not a table; use ctq merge-calibration"));
    CHECK(run_tool({"calibrate", model, "--calibration", samples, "-o", samples}).fails(2, "must be different files"));
    CHECK(run_tool({"calibrate", model, "--calibration", "x=" + samples, "-o", folder / "./x.npy"})
              .fails(2, "must be different files"));
    CHECK(run_tool({"calibrate", model, "--calibration", samples, "-o", folder / "no/t.json"})
              .fails(5, "does not exist; make it"));
    CHECK(run_tool({"calibrate", model, "--calibration", samples, "-o", folder.path()}).fails(5, "is a directory"));
    CHECK(run_tool({"calibrate", model, "--calibration", samples, "-o", "/dev/full"}).fails(5, "No space left"));
    CHECK(run_tool({"calibrate", folder / "none.onnx", "--calibration", samples, "-o", folder / "t.json"})
              .fails(3, "cannot be opened"));
}

TEST_CASE("an interrupt ends the run with 130 and leaves nothing") {
    const scratch_folder folder;
    constexpr std::int64_t count = 1'000'000; // minutes of work; a file with a hole takes no room
    const std::vector<std::uint8_t> none;
    std::string head = ctq::host::npy::format<std::uint8_t>(npy_shape{0, 1, 12, 12}, none);
    head.replace(head.find("(0, 1, 12, 12), }      "), 23, "(1000000, 1, 12, 12), }");
    const std::string samples = folder.put("x.npy", head);
    std::filesystem::resize_file(samples, head.size() + static_cast<std::uintmax_t>(count * 144));
    for (const int signal : {SIGINT, SIGTERM}) {
        CAPTURE(signal);
        shell_process process("exec " + tool_command({"calibrate", test_model("residual.onnx"), "--calibration",
                                                      samples, "-o", folder / "table.json"}));
        ::usleep(1'500'000);
        ::kill(process.id(), signal);
        const tool_result ended = process.wait();
        CHECK(ended.code == 128 + signal);
        CHECK(ended.out.empty());
        CHECK_FALSE(std::filesystem::exists(folder / "table.json"));
        CHECK(no_leftovers(folder.path()));
    }
}

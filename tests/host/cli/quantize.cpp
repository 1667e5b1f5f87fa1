#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/run_tool.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace ctq::test;

namespace {

const std::string mlp = test_model("mlp.onnx"), samples = test_model("mlp.input.npy");

words to(const std::string& output, const words& more = {}) {
    words arguments{"quantize", mlp, "--calibration", samples, "-o", output};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

} // namespace

TEST_CASE("a header, a report, and the layers on stdout") {
    const scratch_folder folder;
    const tool_result made = run_tool(to(folder / "net.hpp", {"--report", folder / "net.json", "--name", "kws"}));
    CHECK(made.code == 0);
    CHECK(made.error.empty());
    CHECK(made.says("gemm0  dense     1x24    int8"));
    CHECK(made.says("weights 1000 bytes, RAM 40 bytes"));
    CHECK(content_of(folder / "net.hpp").find("\nnamespace kws {\n") != std::string::npos);
    const auto report = nlohmann::json::parse(content_of(folder / "net.json"));
    CHECK(report["weight_bytes"] == 1000);
    CHECK(report["macs"] == 720);
    CHECK(report["layers"].size() == 3);
    CHECK(no_leftovers(folder.path()));
}

TEST_CASE("every model of the test data becomes a header") {
    const scratch_folder folder;
    int made = 0;
    for (const auto& each : std::filesystem::directory_iterator(test_model(""))) {
        const std::string path = each.path().string(), stem = each.path().stem().string();
        if (each.path().extension() != ".onnx" || !has_one_input(stem)) continue;
        CAPTURE(stem);
        CHECK(run_tool({"quantize", path, "--calibration", test_model(stem + ".input.npy"), "-o", folder / "net.hpp"})
                  .code == 0);
        CHECK(content_of(folder / "net.hpp").find("namespace net {") != std::string::npos);
        ++made;
    }
    CHECK(made > 127);
}

TEST_CASE("the namespace: the output's name, or --name") {
    const scratch_folder folder;
    CHECK(run_tool(to(folder / "My-Net 2.hpp")).code == 0);
    CHECK(content_of(folder / "My-Net 2.hpp").find("\nnamespace my_net_2 {\n") != std::string::npos);
    for (const char* wrong : {"1x", "class", "namespace", "a-b", "a::b", "a__b", "_a", "std", "ctq", "a b", "x;"}) {
        CAPTURE(wrong);
        CHECK(run_tool(to(folder / "net.hpp", {"--name", wrong})).fails(2, "a C++ namespace name is required"));
    }
    CHECK_FALSE(std::filesystem::exists(folder / "net.hpp"));
}

TEST_CASE("inputs and outputs are different files") {
    const scratch_folder folder;
    const std::string model = folder.put("net.onnx", content_of(mlp)), data = folder.put("x.npy", content_of(samples));
    const auto refused = [&](const words& more) {
        words arguments{"quantize", model, "--calibration", data};
        arguments.insert(arguments.end(), more.begin(), more.end());
        CHECK(run_tool(arguments).fails(2, "must be different files"));
        CHECK(content_of(model) == content_of(mlp));
        CHECK(content_of(data) == content_of(samples));
    };
    refused({"-o", model});
    refused({"-o", data});
    refused({"-o", folder.path().string() + "/./net.onnx"});
    std::filesystem::create_symlink(model, folder / "link.hpp");
    refused({"-o", folder / "link.hpp"});
    refused({"-o", folder / "net.hpp", "--report", folder / "net.hpp"});
    refused({"-o", folder / "net.hpp", "--report", model});
    refused({"-o", folder / "net.weights", "--weights", "file"});
    refused({"-o", folder / "net.hpp", "--weights", "file", "--report", folder / "net.weights"});
}

TEST_CASE("a table is not scaled once more") {
    const scratch_folder folder;
    const std::string table = folder / "table.json";
    CHECK(run_tool({"calibrate", mlp, "--calibration", samples, "-o", table}).code == 0);
    CHECK(run_tool({"quantize", mlp, "--calibration", table, "--scale", "2", "-o", folder / "net.hpp"})
              .fails(2, "--scale and --shift: a table has no samples to scale"));
    CHECK_FALSE(std::filesystem::exists(folder / "net.hpp"));
}

TEST_CASE("what cannot be written is exit code 5, and no half file is left") {
    const scratch_folder folder;
    CHECK(run_tool(to(folder / "none/net.hpp")).fails(5, "does not exist; make it"));
    CHECK(run_tool(to("/proc/net.hpp")).fails(5, "/proc/net.hpp: cannot be written"));
    CHECK(run_tool(to("/dev/full")).fails(5, "/dev/full: cannot be written: No space left on device"));
    CHECK(run_tool(to(folder.path())).fails(5, "is a directory; give a file name"));
    CHECK(run_tool(to("")).fails(5, "the name is empty"));
    CHECK(run_tool(to(folder / "net.hpp", {"--report", "/proc/net.json", "--weights", "file"}))
              .fails(5, "/proc/net.json"));
    for (const char* name : {"net.hpp", "net.weights"}) CHECK_FALSE(std::filesystem::exists(folder / name));
    // Like a disk that is full after 2 KiB. The old file stays as it was.
    folder.put("net.hpp", "old");
    const std::string limited = "ulimit -f 4; exec ";
    CHECK(run_shell(limited + tool_command(to(folder / "net.hpp"))).fails(5, "cannot be written: File too large"));
    CHECK(content_of(folder / "net.hpp") == "old");
    CHECK(no_leftovers(folder.path()));
    if (::geteuid() != 0) {
        std::filesystem::permissions(folder.path(),
                                     std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
        CHECK(run_tool(to(folder / "other.hpp")).fails(5, "Permission denied"));
        std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    }
}

TEST_CASE("the same bytes from every run, locale, time zone and folder") {
    const scratch_folder folder;
    const std::string model = test_model("residual.onnx"), data = test_model("residual.input.npy");
    const auto header_of = [&](const std::string& before, const std::string& model_path) {
        const words arguments{"quantize", model_path,         "--calibration", data,
                              "-o",       folder / "net.hpp", "--weights",     "file"};
        std::filesystem::remove(folder / "net.hpp");
        CHECK(run_shell(before + tool_command(arguments)).code == 0);
        return content_of(folder / "net.hpp") + content_of(folder / "net.weights");
    };
    const std::string wanted = header_of("", model);
    CHECK(wanted.size() > 5000);
    CHECK(header_of("", model) == wanted);
    for (const char* before : {"LC_ALL=de_DE.UTF-8 ", "LC_ALL=C LANG=C ", "LANG=tr_TR.UTF-8 LC_NUMERIC=fr_FR.UTF-8 ",
                               "TZ=Asia/Kathmandu ", "env -i "}) {
        CAPTURE(before);
        CHECK(header_of(before, model) == wanted);
    }
    CHECK(header_of("cd " CTQ_TEST_DATA "/models && ", "residual.onnx") == wanted);
    CHECK(header_of("cd / && taskset -c 0 ", model) == wanted);
}

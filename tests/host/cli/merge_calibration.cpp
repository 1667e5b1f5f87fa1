#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/run_tool.hpp>

#include <string>

using namespace ctq::test;

namespace {

/// Calibrates residual.onnx with a file of samples; gives the table's path.
std::string table_of(const scratch_folder& folder, const std::string& name, const std::vector<float>& values) {
    const auto count = static_cast<std::int64_t>(values.size() / 144);
    const std::string samples = put_npy(folder, name + ".npy", {count, 1, 12, 12}, values);
    CHECK(
        run_tool({"calibrate", test_model("residual.onnx"), "--calibration", samples, "-o", folder / (name + ".json")})
            .code == 0);
    return folder / (name + ".json");
}

} // namespace

TEST_CASE("the tables of parts merge to the table of the whole, in any order") {
    const scratch_folder folder;
    const std::vector<float> values = random_floats(20 * 144);
    const std::string whole = table_of(folder, "whole", values);
    const std::string a = table_of(folder, "a", {values.begin(), values.begin() + 7 * 144});
    const std::string b = table_of(folder, "b", {values.begin() + 7 * 144, values.begin() + 8 * 144});
    const std::string c = table_of(folder, "c", {values.begin() + 8 * 144, values.end()});
    for (const words& order : {words{a, b, c}, words{c, a, b}}) {
        words arguments{"merge-calibration"};
        arguments.insert(arguments.end(), order.begin(), order.end());
        arguments.insert(arguments.end(), {"-o", folder / "merged.json"});
        const tool_result merged = run_tool(arguments);
        CHECK(merged.code == 0);
        CHECK(merged.out.empty());
        CHECK(merged.error.empty());
        CHECK(content_of(folder / "merged.json") == content_of(whole));
    }
    CHECK(run_tool({"merge-calibration", a, "-o", folder / "copy.json"}).code == 0);
    CHECK(content_of(folder / "copy.json") == content_of(a));
}

TEST_CASE("what merge-calibration refuses") {
    const scratch_folder folder;
    const std::string a = table_of(folder, "a", random_floats(2 * 144)), out = folder / "out.json";
    const std::string other = folder / "other.json";
    CHECK(run_tool({"calibrate", test_model("mlp.onnx"), "--calibration", test_model("mlp.input.npy"), "-o", other})
              .code == 0);
    CHECK(run_tool({"merge-calibration", a, other, "-o", out}).fails(3, "is of another model than"));
    CHECK(run_tool({"merge-calibration", a, folder / "a.npy", "-o", out}).fails(3, "is not JSON"));
    CHECK(run_tool({"merge-calibration", a, folder.put("no.json", "{}"), "-o", out})
              .fails(3, "is not a calibration table"));
    CHECK(run_tool({"merge-calibration", a, folder / "missing.json", "-o", out}).fails(3, "cannot be opened"));
    CHECK(run_tool({"merge-calibration", a, a, "-o", a}).fails(2, "must be different files"));
    CHECK(run_tool({"merge-calibration", "-o", out}).fails(2, "TABLES"));
    CHECK(run_tool({"merge-calibration", a}).fails(2, "--output is required"));
    CHECK_FALSE(std::filesystem::exists(out));
    std::string cut = content_of(a);
    cut.resize(cut.size() / 2);
    CHECK(run_tool({"merge-calibration", a, folder.put("cut.json", cut), "-o", out}).fails(3, "cut.json"));
}

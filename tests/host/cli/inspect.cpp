#include <doctest/doctest.h>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace ctq::test;

TEST_CASE("a table of the layers") {
    const tool_result table = run_tool({"inspect", test_model("mlp.onnx")});
    CHECK(table.code == 0);
    CHECK(table.error.empty());
    CHECK(table.out == "input  x float32 1x16\n"
                       "output y float32 1x4\n"
                       "layer  operator  inputs  output  parameters  MACs\n"
                       "gemm0  dense     1x16    1x24           408   384\n"
                       "gemm2  dense     1x24    1x12           300   288\n"
                       "gemm4  dense     1x12    1x4             52    48\n"
                       "total                                   760   720\n");
}

TEST_CASE("the same as JSON") {
    const tool_result json = run_tool({"inspect", test_model("two_inputs_two_outputs.onnx"), "--json"});
    CHECK(json.code == 0);
    const auto parsed = nlohmann::json::parse(json.out);
    CHECK(parsed["inputs"].size() == 2);
    CHECK(parsed["inputs"][0]["name"] == "a");
    CHECK(parsed["outputs"].size() == 2);
    CHECK(parsed["parameters"] == 4 * 2 * 9 + 4 + 4 * 3 + 4 + 3 * 4 + 3);
}

TEST_CASE("everything unsupported at once, one line each") {
    namespace build = ctq::test::onnx_builder;
    const scratch_folder folder;
    build::graph_parts parts = build::dense();
    parts.nodes = {build::node("first", "NonZero", {"x"}, {"h"}), build::node("second", "Einsum", {"h"}, {"y"})};
    const std::string model = folder.put("strange.onnx", build::model(build::graph(parts)).str());
    const tool_result refused = run_tool({"inspect", model});
    CHECK(refused.code == 4);
    CHECK(refused.out.empty());
    CHECK(std::count(refused.error.begin(), refused.error.end(), '\n') == 2);
    CHECK(refused.error.find("node 'first' (NonZero)") != std::string::npos);
    CHECK(refused.error.find("node 'second' (Einsum)") != std::string::npos);
}

TEST_CASE("files that are no models") {
    const scratch_folder folder;
    CHECK(run_tool({"inspect", folder / "none.onnx"}).fails(3, "none.onnx: cannot be opened"));
    CHECK(run_tool({"inspect", folder.put("empty.onnx", "")}).fails(3, "empty.onnx: is empty"));
    CHECK(run_tool({"inspect", folder.path()}).fails(3, "is a directory"));
    CHECK(run_tool({"inspect", folder.put("picture.onnx", "\x89PNG\r\n\x1a\n and more")}).fails(3, "PNG"));
    CHECK(run_tool({"inspect", "/dev/zero"}).fails(3, "is a device"));
}

#include <doctest/doctest.h>
#include <host/run_tool.hpp>

#include <sstream>
#include <string>

using namespace ctq::test;

TEST_CASE("operators, rules, strategies and passes of the registry") {
    const tool_result list = run_tool({"supported-ops"});
    CHECK(list.code == 0);
    CHECK(list.error.empty());
    for (const char* name : {"Conv", "Gemm, MatMul", "MaxPool", "Softmax", "BatchNormalization", "Constant"}) {
        CAPTURE(name);
        CHECK(list.says(std::string("| ") + name + " |"));
    }
    CHECK(list.says("rules (--rule): affine_int8, tflite_int8\n"));
    CHECK(list.says("calibration strategies (--strategy): minmax (naive), entropy (kl), percentile, mse\n"));
    CHECK(list.says("passes, in order: "));
}

TEST_CASE("the operators are a Markdown table of three columns") {
    std::istringstream lines(run_tool({"supported-ops"}).out);
    int rows = 0;
    for (std::string line; std::getline(lines, line) && !line.empty(); ++rows) {
        CAPTURE(line);
        CHECK(std::count(line.begin(), line.end(), '|') == 4);
    }
    CHECK(rows > 15);
}

#include <ctq/host/cli/supported_ops.hpp>

#include <doctest/doctest.h>
#include <host/run_tool.hpp>

#include <algorithm>
#include <sstream>
#include <string>

using namespace ctq::test;

TEST_CASE("operators, rules, strategies and passes of the registry") {
    const tool_result list = run_tool({"supported-ops"});
    CHECK(list.code == 0);
    CHECK(list.error.empty());
    for (const char* name : {"Conv", "Gemm", "MatMul", "MaxPool", "Softmax", "BatchNormalization"}) {
        CAPTURE(name);
        CHECK(list.says(std::string("| ") + name + " |"));
    }
    CHECK(list.says("| Constant, Mod, Shape, Size, ConstantOfShape, Range, ReduceProd | (a constant) | folded |"));
    CHECK(list.says("| If | (the graph that its condition, a constant, asks for) | inlined |"));
    CHECK(
        list.says("rules (--rule): affine_int8, tflite_int8, int16x8, affine_int8_w4, dynamic_int8, dynamic_uint8\n"));
    CHECK(list.says("calibration strategies (--strategy): minmax (naive), entropy (kl), percentile, mse\n"));
    CHECK(list.says("\ncanonical passes, in order: fold_constants, "));
    CHECK(list.says("\nthen fusing passes, in order: absorb_pad, fuse_activation\n"));
    CHECK(list.says("\nannotated passes, in order: fuse_residual\n"));
}

TEST_CASE("a rounding has its name, a user's own one its number") {
    using ctq::rounding;
    CHECK(ctq::host::cli::detail::rounding_text(rounding::three_step) == "three_step");
    CHECK(ctq::host::cli::detail::rounding_text(rounding::own) == "own+0");
    CHECK(ctq::host::cli::detail::rounding_text(static_cast<rounding>(static_cast<int>(rounding::own) + 7)) == "own+7");
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

TEST_CASE("--signatures: for each operator the element types and accumulators that the rules' nodes have") {
    const tool_result list = run_tool({"supported-ops", "--signatures"});
    CHECK(list.code == 0);
    CHECK(list.error.empty());
    CHECK(list.says("| conv2d | int8*int8->int8 in int32 three_step, int8*int8->int8 in int32 double_rounding, "
                    "int16*int8->int16 in int64 single_rounding, int16*int8->int16 in int32 single_rounding, "
                    "int8*int4->int8 in int32 three_step, int8*int8->float32 in int32 unrounded, "
                    "uint8*int8->float32 in int32 unrounded |\n"));
    CHECK(list.says("| add | int8*int8->int8 three_step, int8*int8->int8 double_rounding, "
                    "int16*int16->int16 double_rounding |\n"));
    CHECK(list.says("| matrix_product | int8*int8->int8 in int32 three_step, int8*int8->int8 in int32 double_rounding, "
                    "int16*int16->int16 in int64 single_rounding |\n"));
    CHECK(list.says("| softmax | int8->int8 three_step, int8->int8 double_rounding, int16->int16 double_rounding |\n"));
    CHECK(list.says("| quantize | float32->int8 three_step, float32->int8 double_rounding, "
                    "float32->int16 double_rounding |\n")); // under known scales only
    CHECK(list.says("| dynamic_quantize | float32->int8 unrounded, float32->uint8 unrounded |\n"));
    CHECK(list.says("int16->int8 three_step")); // requantize: where layers of two rules meet
    CHECK_FALSE(list.says("batch_normalization"));
}

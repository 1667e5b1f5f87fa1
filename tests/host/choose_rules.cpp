#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/run_tool.hpp>

#include <cmath>
#include <string>

using namespace ctq::test;

namespace {

/// Quantizes mlp.onnx into the folder's net.hpp.
tool_result quantize_mlp(const scratch_folder& folder, const std::string& calibration, const words& more) {
    words arguments{"quantize", test_model("mlp.onnx"), "--calibration", calibration, "-o", folder / "net.hpp"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}

} // namespace

TEST_CASE("--rule and --weights-bits: activations of 16 bits, and weights of 4") {
    const scratch_folder folder;
    const std::string samples = test_model("mlp.input.npy");
    CHECK(quantize_mlp(folder, samples, {"--rule", "int16x8"}).code == 0);
    const std::string wide = content_of(folder / "net.hpp");
    CHECK(wide.find("ctq::dtype::int16") != std::string::npos);
    CHECK(wide.find("ctq::rounding::single_rounding") != std::string::npos);
    CHECK(quantize_mlp(folder, samples, {"--weights-bits", "8"}).code == 0);
    const std::string usual = content_of(folder / "net.hpp");
    CHECK(quantize_mlp(folder, samples, {}).code == 0);
    CHECK(content_of(folder / "net.hpp") == usual);
    CHECK(quantize_mlp(folder, samples, {"--weights-bits", "4"}).code == 0);
    const std::string narrow = content_of(folder / "net.hpp");
    CHECK(narrow.find("ctq::int4_pair gemm0_weights[]") != std::string::npos);
    CHECK(quantize_mlp(folder, samples, {"--weights-bits", "3"}).fails(2, "--weights-bits"));
    CHECK(quantize_mlp(folder, samples, {"--weights-bits", "4", "--rule", "int16x8"})
              .fails(2, "the rule 'int16x8' has weights of 8 bits and no such form"));
    for (const words& same : {words{"--rule", "affine_int8_w4"}, {"--rule", "affine_int8_w4", "--weights-bits", "4"}}) {
        CHECK(quantize_mlp(folder, samples, same).code == 0);
        CHECK(content_of(folder / "net.hpp") == narrow);
    }
    const auto inferred = [&](const words& how) {
        words arguments{"infer",     test_model("mlp.onnx"), "--calibration", samples, "--inputs", samples,
                        "--outputs", folder / "y.npy"};
        arguments.insert(arguments.end(), how.begin(), how.end());
        CHECK(run_tool(arguments).code == 0);
        return content_of(folder / "y.npy");
    };
    CHECK(inferred({"--weights-bits", "4"}) == inferred({"--rule", "affine_int8_w4"}));
    CHECK(inferred({"--weights-bits", "4"}) != inferred({}));
    CHECK(quantize_mlp(folder, samples, {"--weights-bits", "8", "--rule", "affine_int8_w4"})
              .fails(2, "the rule 'affine_int8_w4' has weights of 4 bits and no such form"));
}

TEST_CASE("--rule NODE=RULE gives a layer a rule of its own, through every verb") {
    const scratch_folder folder;
    const std::string model = test_model("mlp.onnx"), samples = test_model("mlp.input.npy");
    const words mixed{"--rule", "gemm2=int16x8", "--rule", "affine_int8", "--rule", "gemm0=affine_int8_w4"};
    CHECK(quantize_mlp(folder, samples, mixed).code == 0);
    const std::string header = content_of(folder / "net.hpp");
    CHECK(header.find("(affine_int8 and int16x8 and affine_int8_w4, minmax over ") != std::string::npos);
    CHECK(header.find("ctq::int4_pair gemm0_weights[]") != std::string::npos);
    CHECK(header.find("ctq::dtype::int16") != std::string::npos);
    CHECK(header.find("ctq::op::requantize{}") != std::string::npos);
    CHECK(quantize_mlp(folder, samples, {"--rule", "relu3=int16x8", "--rule", "gemm0=affine_int8_w4"}).code == 0);
    CHECK(content_of(folder / "net.hpp") == header); // a fused node goes by any of its names
    const auto inferred = [&](words more) {
        words arguments{"infer", model, "--inputs", samples, "--outputs", folder / "y.npy"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        CHECK(run_tool(arguments).code == 0);
        return npy_floats(folder / "y.npy");
    };
    words calibrated = mixed;
    calibrated.insert(calibrated.end(), {"--calibration", samples});
    const auto integers = inferred(calibrated), reals = inferred({"--float"});
    CHECK(integers != inferred({"--calibration", samples}));
    for (std::size_t i = 0; i < reals.size(); ++i)
        CHECK(std::abs(integers[i] - reals[i]) < 0.1f * (1 + std::abs(reals[i])));
}

TEST_CASE("--rule NODE=RULE: a layer may measure its ranges in a network that is calibrated, and the other way round") {
    const scratch_folder folder;
    const std::string model = test_model("mlp.onnx"), samples = test_model("mlp.input.npy"), net = folder / "net.hpp";
    CHECK(quantize_mlp(folder, samples, {"--rule", "gemm2=dynamic_int8"}).code == 0);
    CHECK(content_of(net).find("ctq::op::dynamic_quantize{}") != std::string::npos);
    CHECK(content_of(net).find("(affine_int8 and dynamic_int8, minmax over ") != std::string::npos);
    CHECK(quantize_mlp(folder, samples, {"--rule", "dynamic_int8", "--rule", "gemm2=affine_int8"}).code == 0);
    CHECK(run_tool({"quantize", model, "-o", net, "--rule", "dynamic_int8", "--rule", "gemm2=affine_int8"})
              .fails(2, "--calibration is required: the rule 'affine_int8' takes its ranges from samples"));
    CHECK(run_tool({"quantize", model, "-o", net, "--rule", "dynamic_int8", "--rule", "gemm2=dynamic_uint8"}).code ==
          0);
}

TEST_CASE("--rule NODE=RULE: each value's range is cut as the integers of its own rule ask for") {
    const scratch_folder folder;
    const std::string samples = put_samples(folder, "x.npy", {32, 16});
    const auto model_under = [&](words more) {
        more.insert(more.end(), {"--strategy", "percentile=80"}); // that of a symmetric rule cuts both ends alike
        CHECK(quantize_mlp(folder, samples, more).code == 0);
        const std::string header = content_of(folder / "net.hpp");
        return header.substr(header.find("namespace net")); // what the comment says of rules is before
    };
    const std::string wide = model_under({"--rule", "int16x8"});
    CHECK(model_under({"--rule", "gemm0=int16x8", "--rule", "gemm2=int16x8", "--rule", "gemm4=int16x8"}) == wide);
}

TEST_CASE("--rule NODE=RULE: a range of what floats make is cut as the integers that read it ask for") {
    const scratch_folder folder;
    std::vector<float> values = random_floats(400 * 16);
    for (float& each : values) each = each / (2.01f - std::abs(each)); // few are far out, which few integers cut off
    const std::string samples = put_npy(folder, "x.npy", {400, 16}, values);
    const auto model_under = [&](words more) {
        more.insert(more.end(), {"--strategy", "entropy", "--exclude", "gemm0", "--exclude", "gemm4"});
        CHECK(quantize_mlp(folder, samples, more).code == 0);
        const std::string header = content_of(folder / "net.hpp");
        return header.substr(header.find("namespace net"));
    };
    const std::string wide = model_under({"--rule", "int16x8"});
    CHECK(wide.find("ctq::dtype::int16") != std::string::npos);
    CHECK(model_under({"--rule", "gemm2=int16x8"}) == wide);
    CHECK(model_under({"--rule", "dynamic_int8", "--rule", "gemm2=int16x8"}) == wide);
    CHECK(model_under({"--rule", "gemm2=affine_int8"}) != wide);
}

TEST_CASE("--rule: what is not understood is refused in one line") {
    const scratch_folder folder;
    const std::string none = folder / "none.npy";
    CHECK(quantize_mlp(folder, none, {"--rule", "affine_int8", "--rule", "int16x8"})
              .fails(2, "--rule: the network's rule is given twice, as 'affine_int8' and 'int16x8'; give it once"));
    CHECK(quantize_mlp(folder, none, {"--rule", ""}).fails(2, "--rule: no rule is called ''; known: affine_int8, "));
    CHECK(quantize_mlp(folder, none, {"--rule", "gemm0="}).fails(2, "--rule 'gemm0=': a node and a rule are required"));
    CHECK(quantize_mlp(folder, none, {"--rule", "=int16x8"}).fails(2, "write --rule NODE=RULE"));
    CHECK(quantize_mlp(folder, none, {"--rule", "gemm0=int16"}).fails(2, "no rule is called 'int16'; did you mean"));
    CHECK(run_tool({"infer", test_model("mlp.onnx"), "--float", "--rule", "gemm0=int16x8", "--inputs",
                    test_model("mlp.input.npy"), "--outputs", folder / "y.npy"})
              .fails(2, "--float: the float network has no --rule"));
    CHECK_FALSE(std::filesystem::exists(folder / "net.hpp"));
}

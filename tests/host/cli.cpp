#include <doctest/doctest.h>
#include <host/run_tool.hpp>

#include <string>

using namespace ctq::test;

TEST_CASE("without a verb") {
    CHECK(run_tool({}).fails(2, "a verb is required: inspect, calibrate, merge-calibration, quantize, infer"));
    CHECK(run_tool({}).fails(2, "see ctq --help"));
    CHECK(run_tool({"quantise"}).fails(2, "no verb is called 'quantise'; did you mean 'quantize'? See ctq --help"));
    CHECK(run_tool({"gibberish"}).fails(2, "no verb is called 'gibberish'; see ctq --help"));
    CHECK(run_tool({"--verbose"}).fails(2, "unknown option '--verbose'"));
}

TEST_CASE("the version and the help go to stdout") {
    const tool_result version = run_tool({"--version"});
    CHECK(version.code == 0);
    CHECK(std::count(version.out.begin(), version.out.end(), '.') == 2);
    CHECK(version.error.empty());
    const tool_result help = run_tool({"--help"});
    CHECK(help.code == 0);
    CHECK(help.error.empty());
    CHECK(help.says("merge-calibration"));
}

TEST_CASE("each verb's help has an example") {
    for (const char* verb :
         {"inspect", "calibrate", "merge-calibration", "quantize", "infer", "evaluate", "supported-ops"}) {
        CAPTURE(verb);
        const tool_result help = run_tool({verb, "--help"});
        CHECK(help.code == 0);
        CHECK(help.error.empty());
        CHECK(help.says(std::string("Example:\n  ctq ") + verb));
    }
}

TEST_CASE("a command line that cannot be parsed is one line and exit code 2") {
    const std::string model = test_model("mlp.onnx");
    CHECK(run_tool({"inspect"}).fails(2, "MODEL is required; see ctq inspect --help"));
    CHECK(run_tool({"inspect", model, "--jsno"}).fails(2, "unknown option '--jsno'; did you mean '--json'?"));
    CHECK(run_tool({"inspect", model, "--bits", "7"}).fails(2, "unknown option '--bits'; see ctq inspect --help"));
    CHECK(run_tool({"inspect", model, model}).fails(2, "unexpected argument"));
    CHECK(run_tool({"inspect", model, "--dim"}).fails(2, "--dim: 1 required"));
    CHECK(run_tool({"inspect", "--evil\nctq: error: forged"}).fails(2, "'--evil\\x0actq: error: forged'"));
    CHECK(run_tool({"quantize", model, "-o"}).fails(2, "--output: 1 required"));
    CHECK(run_tool({"quantize", model, "-o", "x.hpp"}).fails(2, "--calibration is required"));
    CHECK(run_tool({"quantize", model, "--calibration", "x.npy", "-o", "x.hpp", "--weights", "flash"})
              .fails(2, "--weights: flash not in {header,file}"));
    CHECK(run_tool({"quantize", model, "--calibration", "x.npy", "-o", "x.hpp", "--scale", "big"}).fails(2, "--scale"));
}

TEST_CASE("results that cannot be written to stdout are a fault") {
    const std::string full = " > /dev/full";
    for (const words& arguments : {words{"inspect", test_model("mlp.onnx")}, words{"--help"}, words{"supported-ops"}}) {
        CAPTURE(arguments.front());
        CHECK(run_shell("exec " + tool_command(arguments) + full).fails(5, "standard output cannot be written"));
    }
}

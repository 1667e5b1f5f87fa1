// Outputs of which only as many rows are there as the data fill: what infer writes, and what a header gives.

#include <doctest/doctest.h>
#include <host/npy_samples.hpp>
#include <host/run_tool.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::test;

TEST_CASE("boxes that are chosen: as many rows as there are, and a header that counts them") {
    const scratch_folder folder;
    const std::string stem = "non_max_suppression_opset11.", model = test_model(stem + "onnx"), out = folder / "y.npy";
    const auto one_sample = [&](const std::string& input) {
        const std::string file = test_model(stem + "input_" + input + ".npy");
        npy_shape shape = ctq::host::npy::read(file).shape;
        shape.insert(shape.begin(), 1);
        return input + "=" + put_npy(folder, input + ".npy", shape, npy_floats(file));
    };
    const std::string boxes = one_sample("boxes"), scores = one_sample("scores");
    const ctq::host::array wanted = ctq::host::npy::read(test_model(stem + "output_y.npy"));
    const auto check = [&](words arguments) {
        arguments.insert(arguments.end(), {"--inputs", boxes, "--inputs", scores, "--outputs", out});
        CHECK(run_tool(arguments).code == 0);
        const ctq::host::array rows = ctq::host::npy::read(out);
        CHECK(rows.type == ctq::dtype::int64);
        CHECK(rows.shape == npy_shape{1, wanted.shape[0], 3});
        CHECK(npy_floats(out) == npy_floats(test_model(stem + "output_y.npy")));
    };
    check({"infer", model, "--float"});
    check({"infer", model, "--calibration", boxes, "--calibration", scores});

    const std::string header = folder / "chosen.hpp";
    CHECK(run_tool({"quantize", model, "--calibration", boxes, "--calibration", scores, "-o", header}).code == 0);
    const std::string text = content_of(header);
    CHECK(text.find("net.run(boxes, scores, y, y_count);") != std::string::npos);
    CHECK(text.find("std::int64_t[1]") != std::string::npos);
}

#include <ctq/host/emit/report.hpp>

#include <doctest/doctest.h>
#include <emitted/networks.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <string>

using namespace ctq;
using namespace ctq::test;

TEST_CASE("a report counts what each layer costs") {
    const auto report = test::report_of(lenet());
    REQUIRE(report.layers.size() == 8);
    CHECK(report.layers[0].op == "conv2d");
    CHECK(report.layers[0].macs == 24 * 24 * 20 * 25);
    CHECK(report.layers[0].weight_bytes == 25 * 20 + 20 * (4 + 2 + 1));
    CHECK(report.layers[2].macs == 8 * 8 * 50 * 25 * 20);
    CHECK(report.layers[5].macs == 800 * 500);
    CHECK(report.layers[7].op == "softmax");
    CHECK(report.layers[7].weight_bytes == 1024);
    CHECK(report.macs == 288000 + 1600000 + 400000 + 5000);
    CHECK(report.ram_bytes == 24 * 24 * 20 + 12 * 12 * 20);
    CHECK(report.least_ram_bytes <= report.ram_bytes);
}

TEST_CASE("the table shows a measured quality only when there is one") {
    auto report = test::report_of(depthwise());
    const std::string plain = to_text(report);
    CHECK(plain.find("SQNR") == std::string::npos);
    CHECK(plain.find("layer one") != std::string::npos);
    report.layers[1].sqnr_db = 38.046;
    report.layers[2].sqnr_db = std::numeric_limits<double>::infinity();
    report.layers[3].sqnr_db = -0.5;
    const std::string measured = to_text(report);
    CHECK(measured.find("SQNR dB") != std::string::npos);
    CHECK(measured.find(" 38.05\n") != std::string::npos);
    CHECK(measured.find(" inf\n") != std::string::npos);
    CHECK(measured.find(" -0.50\n") != std::string::npos);
}

TEST_CASE("the JSON says the same") {
    auto report = test::report_of(branches());
    report.layers[0].sqnr_db = 40;
    const auto json = nlohmann::json::parse(to_json(report));
    CHECK(json["ram_bytes"] == report.ram_bytes);
    CHECK(json["weight_bytes"] == report.weight_bytes);
    CHECK(json["macs"] == report.macs);
    REQUIRE(json["layers"].size() == report.layers.size());
    CHECK(json["layers"][0]["sqnr_db"] == 40);
    CHECK_FALSE(json["layers"][1].contains("sqnr_db"));
    CHECK(json["layers"][0]["output_shape"] == std::vector<int>{1, 6, 6, 4});
    CHECK(json["layers"][0]["output_type"] == "int8");
    CHECK(json["layers"][0]["scale"].get<float>() == report.layers[0].output.quantization.scale);
}

TEST_CASE("scales that are measured at run time are not shown") {
    const auto report = test::report_of(of_dynamic());
    REQUIRE(report.layers[0].op == "dynamic_quantize");
    REQUIRE(report.layers[0].output.type == dtype::int8);
    const auto json = nlohmann::json::parse(to_json(report));
    CHECK_FALSE(json["layers"][0].contains("scale"));
    CHECK(json["layers"][0]["output_type"] == "int8");
    CHECK(json["layers"][1]["output_type"] == "float32");
    const std::string text = to_text(report), row = text.substr(text.find("dynamic_quantize"));
    CHECK(row.find("int8") != std::string::npos);
    CHECK(row.substr(0, row.find('\n')).back() == '0'); // the weight bytes end the line
}

TEST_CASE("hostile names break neither table nor JSON") {
    const auto report = test::report_of(hostile_names());
    const auto json = nlohmann::json::parse(to_json(report));
    CHECK(json["layers"].size() == report.layers.size());
    const std::string text = to_text(report);
    CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) == report.layers.size() + 2);
}

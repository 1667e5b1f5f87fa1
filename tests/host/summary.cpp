#include <ctq/default_registry.hpp>
#include <ctq/host/summary.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace ctq::host;

namespace {

ctq::default_graph network(const char* layer_name) {
    static constexpr std::array<float, 36> weights{};
    ctq::builder b;
    auto x = b.input("image", {1, 5, 5, 1});
    x = b.conv2d(x, {std::span(weights).first(18), std::span(weights).first(2)}, {.kernel = {3, 3}}, layer_name);
    const auto shared = b.constant("shared", {2}, std::span(weights).first(2));
    x = b.add(b.multiply(x, shared), shared);
    return b.finish(b.dense(x, {std::span(weights).first(36)}), "scores");
}

} // namespace

TEST_CASE("summary: layers, parameters and MACs; shared parameters count once") {
    const summary of = summarize(network("conv"));
    REQUIRE(of.layers.size() == 5);
    const layer_summary& conv = of.layers[0];
    CHECK(conv.name == "conv");
    CHECK(conv.operation == "conv2d");
    CHECK(conv.output_name == "conv");
    CHECK(conv.inputs == std::vector<ctq::shape>{{1, 5, 5, 1}});
    CHECK(conv.output == ctq::shape{1, 3, 3, 2});
    CHECK(conv.parameters == 20);
    CHECK(conv.macs == 9 * 18);
    CHECK(conv.origins == std::vector<std::string>{"conv"});
    CHECK(of.layers[1].parameters == 2);
    CHECK(of.layers[2].parameters == 2);
    CHECK(of.layers[4].macs == 36);
    CHECK(of.parameters == 20 + 2 + 36);
    CHECK(of.macs == 162 + 36);
    CHECK(of.inputs[0].name == "image");
    CHECK(of.outputs[0].name == "scores");
    CHECK(of.outputs[0].of == ctq::shape{1, 2});
}

TEST_CASE("summary: the table") {
    CHECK(table_of(summarize(network("conv"))) == "input  image float32 1x5x5x1\n"
                                                  "output scores float32 1x2\n"
                                                  "layer     operator  inputs   output   parameters  MACs\n"
                                                  "conv      conv2d    1x5x5x1  1x3x3x2          20   162\n"
                                                  "multiply  multiply  1x3x3x2  1x3x3x2           2     0\n"
                                                  "add       add       1x3x3x2  1x3x3x2           2     0\n"
                                                  "reshape   reshape   1x3x3x2  1x18              0     0\n"
                                                  "dense     dense     1x18     1x2              36    36\n"
                                                  "total                                         58   198\n");
}

TEST_CASE("summary: JSON, whatever the names hold") {
    const auto json = json_of(summarize(network("c\"\xFF\n")));
    CHECK(json["macs"] == 198);
    CHECK(json["parameters"] == 58);
    CHECK(json["inputs"][0]["shape"] == std::vector<int>{1, 5, 5, 1});
    CHECK(json["layers"][0]["operator"] == "conv2d");
    CHECK(json["layers"][0]["name"] == "c\"\\xff\\x0a");
    CHECK(json["layers"][0]["output"] == std::vector<int>{1, 3, 3, 2});
    CHECK(json["layers"][0]["origins"].size() == 1);
    CHECK(json.dump().find("\"value\"") != std::string::npos);
}

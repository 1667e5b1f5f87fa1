// Element types that no shipped rule makes, and accumulators of two widths under one that is, each through the verbs of
// a tool with such rules, and through the header that it emits: which signatures the header's nodes have, and that it
// computes what the tool computed.
#include <ctq/host/cli.hpp>

#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <host/npy_samples.hpp>
#include <host/onnx_builder.hpp>
#include <host/run_tool.hpp>
#include <laws/rules.hpp>

#include <cmath>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

/// ctq's registry without its rules, and the laws' that make other element types.
constexpr auto other_types = hana::unpack(hana::filter(default_registry.members,
                                                       [](auto each) {
                                                           using type = typename decltype(each)::type;
                                                           return hana::bool_c<!registered_as<type, rule_tag>>;
                                                       }),
                                          [](auto... each) { return registry<typename decltype(each)::type...>{}; })
                                 .with<laws::auto_int8>()
                                 .with<laws::auto_int8_sums>()
                                 .with<laws::int16_in_32_bits>()
                                 .with<laws::int32_in_64_bits>();

/// What a verb prints of that tool, or of the one that was built for the rules that ctq ships; it must succeed.
std::string run_verb(const words& arguments, bool shipped = false) {
    const tool_result ended = shipped ? run_tool(arguments) : run_in_process(cli<other_types>, arguments);
    CAPTURE(arguments[0]);
    CAPTURE(ended.error);
    CHECK(ended.code == 0);
    return ended.out;
}

onnx_builder::message with_integers(std::string_view name, const std::vector<std::int64_t>& values) {
    onnx_builder::message made = onnx_builder::attribute(name, 7);
    for (const std::int64_t each : values) made.integer(8, each);
    return made;
}

std::vector<float> small_floats(std::size_t count, unsigned seed) {
    std::vector<float> values = random_floats(count, seed);
    for (float& each : values) each /= 4;
    return values;
}

/// Values of both signs, and values that a ReLU keeps from being negative, in every operator of two operands; pools, a
/// mean, a softmax, a dense layer at the end, and a layer whose weights are next to nothing beside its bias.
std::string both_signs(const scratch_folder& folder) {
    namespace build = onnx_builder;
    const auto windowed = [](build::message node) { return node.sub(5, with_integers("kernel_shape", {2, 2})); };
    const auto along_channels = [](build::message node) {
        build::message axis = build::attribute("axis", 2);
        return node.sub(5, axis.integer(3, 1));
    };
    build::graph_parts parts;
    parts.nodes = {build::node("signed", "Conv", {"x", "w"}, {"s"}),
                   build::node("positive", "Conv", {"s", "v", "b"}, {"c"}),
                   build::node("relu", "Relu", {"c"}, {"p"}),
                   build::node("turned", "Conv", {"p", "v"}, {"t"}),
                   build::node("kept", "Conv", {"p", "v", "b"}, {"k"}),
                   build::node("relu_of_kept", "Relu", {"k"}, {"q"}),
                   build::node("level", "Conv", {"s", "z", "b"}, {"level_out"}),
                   build::node("sum", "Add", {"p", "t"}, {"sum_out"}),
                   build::node("product", "Mul", {"t", "q"}, {"product_out"}),
                   windowed(build::node("largest", "MaxPool", {"q"}, {"largest_out"})),
                   windowed(build::node("average", "AveragePool", {"sum_out"}, {"average_out"})),
                   build::node("logistic", "Sigmoid", {"q"}, {"logistic_out"}),
                   build::node("bounded", "Tanh", {"q"}, {"bounded_out"}),
                   along_channels(build::node("shares_of_kept", "Softmax", {"q"}, {"kept_shares_out"})),
                   along_channels(build::node("shares", "Softmax", {"product_out"}, {"shares_out"})),
                   along_channels(build::node("joined", "Concat", {"shares_out", "s"}, {"joined_out"})),
                   build::node("mean", "GlobalAveragePool", {"joined_out"}, {"mean_out"}),
                   along_channels(build::node("flat", "Flatten", {"mean_out"}, {"flat_out"})),
                   build::node("scores", "Gemm", {"flat_out", "g", "h"}, {"y"})};
    parts.initializers = {build::float_tensor("w", {3, 2, 1, 1}, small_floats(6, 2)),
                          build::float_tensor("v", {3, 3, 1, 1}, small_floats(9, 3)),
                          build::float_tensor("z", {3, 3, 1, 1}, std::vector<float>(9, 1e-4F)),
                          build::float_tensor("b", {3}, {0.5F, 0.25F, -0.25F}),
                          build::float_tensor("g", {6, 4}, small_floats(24, 5)),
                          build::float_tensor("h", {4}, {0.5F, -0.5F, 0.25F, 0.0F})};
    parts.inputs = {build::value("x", {1, 2, 4, 4})};
    parts.outputs = {build::value("y", {1, 4}),
                     build::value("largest_out", {1, 3, 3, 3}),
                     build::value("average_out", {1, 3, 3, 3}),
                     build::value("level_out", {1, 3, 4, 4}),
                     build::value("logistic_out", {1, 3, 4, 4}),
                     build::value("bounded_out", {1, 3, 4, 4}),
                     build::value("kept_shares_out", {1, 3, 4, 4})};
    return folder.put("net.onnx", build::model(build::graph(parts)).str());
}

/// Prints "operator x*w->y sum rounding" for each node of `net`, and fails where the self-test does.
constexpr const char* program = R"(
#include "net.hpp"
#include <cstdio>
#include <type_traits>
template <std::size_t I> void show() {
    using node = ctq::node_constants<net::model, I>;
    constexpr ctq::signature s = node::types;
    const auto name = [](ctq::dtype type) { return ctq::name_of(type).data(); };
    std::printf("%s %s*%s->%s %s %s\n", std::remove_cvref_t<decltype(node::source.op)>::name.data(), name(s.x),
                name(s.w), name(s.y), name(s.sum), ctq::name_of(s.how).data());
}
template <std::size_t... I> void show_all(std::index_sequence<I...>) { (show<I>(), ...); }
int main() {
    show_all(std::make_index_sequence<ctq::node_count<net::model>>{});
    return net::selftest() ? 0 : 1;
}
)";

/// Runs the network through every verb under a rule, of those that ctq ships if `shipped`; gives the lines that the
/// header's program prints.
std::set<std::string> signatures_in_header(const std::string& rule, bool shipped) {
    const scratch_folder folder;
    const std::string network = both_signs(folder), samples = put_samples(folder, "x.npy", {16, 2, 4, 4});
    const std::string table = folder / "table.json", labels = folder / "labels.npy";
    folder.put("labels.npy", host::npy::format<std::int64_t>(npy_shape{16}, std::vector<std::int64_t>(16, 1)));
    run_verb({"calibrate", network, "--calibration", samples, "-o", table}, shipped);
    const std::string report =
        run_verb({"quantize", network, "--calibration", table, "--rule", rule, "-o", folder / "net.hpp"}, shipped);
    CHECK(report.find("scores") != std::string::npos);
    run_verb({"infer", network, "--calibration", table, "--rule", rule, "--inputs", samples, "--outputs",
              folder / "integer"},
             shipped);
    run_verb({"infer", network, "--float", "--inputs", samples, "--outputs", folder / "float"}, shipped);
    const std::vector<float> integers = npy_floats(folder / "integer/y.npy"),
                             reals = npy_floats(folder / "float/y.npy");
    REQUIRE(integers.size() == reals.size());
    for (std::size_t i = 0; i < reals.size(); ++i) CHECK(std::abs(integers[i] - reals[i]) < 0.1f);
    run_verb({"evaluate", network, "--calibration", table, "--rule", rule, "--inputs", samples, "--labels", labels},
             shipped);
    folder.put("main.cpp", program);
    std::set<std::string> found;
    for (const compiler& each : compilers()) {
        if (!each.makes_programs) continue;
        const run_result made = run_command("cd " + folder.path().string() + " && " + each.command + strict_flags +
                                                own_headers + "main.cpp -o program && ./program",
                                            folder);
        CAPTURE(made.text);
        CHECK(made.exit_code == 0);
        std::istringstream lines(made.text);
        for (std::string line; std::getline(lines, line);) found.insert(line);
    }
    return found;
}

void check_signatures(const std::string& rule, const std::vector<std::string>& wanted, bool shipped = false) {
    CAPTURE(rule);
    const std::set<std::string> found = signatures_in_header(rule, shipped);
    for (const std::string& each : wanted) {
        CAPTURE(each);
        CHECK(found.count(each) == 1);
    }
}

} // namespace

TEST_CASE("uint8 and int8 in one network: each operator reads and makes either") {
    check_signatures("auto_int8",
                     {"conv2d int8*int8->int8 int32 three_step", "conv2d int8*int8->uint8 int32 three_step",
                      "dense int8*int8->int8 int32 three_step", "add uint8*int8->int8 int32 three_step",
                      "multiply int8*uint8->int8 int32 three_step", "max_pool uint8*uint8->uint8 int32 three_step",
                      "average_pool int8*int8->int8 int32 three_step", "softmax int8*int8->uint8 int32 three_step",
                      "softmax uint8*uint8->uint8 int32 three_step", "sigmoid uint8*uint8->uint8 int32 three_step",
                      "tanh uint8*uint8->int8 int32 three_step", "requantize uint8*uint8->int8 int32 three_step",
                      "concat int8*int8->int8 int32 three_step"});
}

TEST_CASE("sums of products stay accumulators") {
    check_signatures("auto_int8_sums",
                     {"conv2d int8*int8->int32 int32 unrounded", "conv2d uint8*int8->int32 int32 unrounded",
                      "dense int8*int8->int32 int32 unrounded", "requantize int32*int32->int8 int32 three_step",
                      "requantize int32*int32->uint8 int32 three_step", "add uint8*int8->int8 int32 three_step"});
}

TEST_CASE("int16 in sums of 32 bits, and int32 by int32") {
    check_signatures("int16_in_32_bits", {"conv2d int16*int8->int16 int32 double_rounding",
                                          "dense int16*int8->int16 int32 double_rounding"});
    check_signatures(
        "int32_in_64_bits",
        {"conv2d int32*int32->int32 int64 single_rounding", "dense int32*int32->int32 int64 single_rounding",
         "add int32*int32->int32 int32 double_rounding", "multiply int32*int32->int32 int32 double_rounding",
         "average_pool int32*int32->int32 int32 double_rounding", "max_pool int32*int32->int32 int32 double_rounding",
         "concat int32*int32->int32 int32 double_rounding"});
}

TEST_CASE("int16x8: sums of 32 bits where they are proved to fit, of 64 bits elsewhere") {
    check_signatures("int16x8",
                     {"conv2d int16*int8->int16 int32 single_rounding",
                      "conv2d int16*int8->int16 int64 single_rounding",
                      "dense int16*int8->int16 int32 single_rounding"},
                     true);
}

TEST_CASE("the matrix of signatures follows from the registered rules") {
    const std::string matrix = run_verb({"supported-ops", "--signatures"});
    for (const char* cell : {"int8*int8->uint8 in int32 three_step", "uint8*int8->int8 in int32 three_step",
                             "uint8*int8->uint8 in int32 three_step", "int8*int8->int32 in int32 unrounded",
                             "uint8*int8->int32 in int32 unrounded", "int16*int8->int16 in int32 double_rounding",
                             "int32*int32->int32 in int64 single_rounding"}) {
        CAPTURE(cell);
        CHECK(
            matrix.substr(matrix.find("| conv2d |"), matrix.find("| dense |") - matrix.find("| conv2d |")).find(cell) !=
            std::string::npos);
    }
}

#include <ctq/host/emit/header.hpp>

#include <doctest/doctest.h>
#include <emitted/networks.hpp>
#include <host/scratch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>

using namespace ctq;
using namespace ctq::test;

namespace {

host::emit::emit_options options_for(const std::string& name) {
    host::emit::emit_options options;
    options.name = name;
    options.source = "some/folder/" + name + ".onnx";
    options.method = "affine_int8, minmax over 1 sample";
    return options;
}

std::string text_of(const graph& source) {
    return emitted_header(source, options_for("net")).header;
}

/// The node of this name in a header.
std::string node_of(const std::string& header, std::string_view name) {
    const std::size_t at = header.find(host::message("ctq::node(", host::emit::string_literal(name)));
    REQUIRE(at != header.npos);
    const std::size_t end = header.find("ctq::node(", at + 1);
    return header.substr(at, std::min(end, header.find(';', at)) - at);
}

} // namespace

// With CTQ_ACCEPT=1 in the environment the file is written instead.
TEST_CASE("the header of a small network, to the byte, whatever the compiler of this test") {
    const std::string path = CTQ_TEST_DATA "/emitted/tiny.hpp.txt";
    const std::string made = emitted_header(tiny(), options_for("tiny")).header;
    if (std::getenv("CTQ_ACCEPT") != nullptr) std::ofstream(path, std::ios::binary) << made;
    CHECK(made == content_of(path));
}

TEST_CASE("the same bytes in every run and locale") {
    struct commas : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
        char do_thousands_sep() const override { return '.'; }
        std::string do_grouping() const override { return "\3"; }
    };
    const graph source = branches();
    const std::string made = text_of(source);
    CHECK(made == text_of(source));
    const std::locale before = std::locale::global(std::locale(std::locale(), new commas));
    CHECK(made == text_of(source));
    std::locale::global(before);
}

TEST_CASE("a header is text of short lines that says nothing of this machine") {
    for (const graph& source : {lenet(), branches(), island(), hostile_names()}) {
        const std::string made = text_of(source);
        CHECK(made.find("some/folder") == std::string::npos);
        CHECK(made.find('\0') == std::string::npos);
        CHECK(made.find('\r') == std::string::npos);
        std::istringstream lines(made);
        std::size_t longest = 0;
        for (std::string line; std::getline(lines, line);) {
            if (line.size() > longest) longest = line.size();
            if (!line.empty()) CHECK(line.back() != '\\');
            if (!line.empty()) CHECK(line.back() != ' ');
        }
        CHECK(longest <= 140);
    }
}

TEST_CASE("one fact for one port, a list for several") {
    const std::string one = text_of(lenet()), several = text_of(branches());
    CHECK(one.find("constexpr std::size_t input_size = 784;") != std::string::npos);
    CHECK(one.find("constexpr std::int32_t output_zero_point = -128;") != std::string::npos);
    CHECK(several.find("constexpr std::size_t input_sizes[] = {144, 144};") != std::string::npos);
    CHECK(several.find("constexpr std::size_t output_sizes[] = {6, 144};") != std::string::npos);
    CHECK(several.find("input_size =") == std::string::npos);
}

TEST_CASE("scales and zero points are facts of reals: plain integers and booleans have none") {
    graph source;
    const int x = source.add_value("x", {dtype::int64, {3}});
    source.inputs.push_back({"x", x});
    source.outputs.push_back({"y", source.add_node("twice", op::add{}, {x, x})});
    const std::string plain = text_of(source), mixed = text_of(typed_ports()), real = text_of(branches());
    CHECK(plain.find("constexpr std::size_t input_size = 3;") != std::string::npos);
    CHECK(plain.find("constexpr std::size_t output_size = 3;") != std::string::npos);
    CHECK(plain.find("put_scale") == std::string::npos);
    CHECK(plain.find("put_zero_point") == std::string::npos);
    for (const std::string_view fact : {"input_scales", "input_zero_points", "output_scales", "output_zero_points"}) {
        CAPTURE(fact);
        const auto says_so = [&](const std::string& text) {
            const std::size_t at = text.find(fact);
            REQUIRE(at != text.npos);
            return text.substr(at, text.find('\n', at) - at).ends_with("; // 0 of plain integers and booleans");
        };
        CHECK(says_so(mixed));
        CHECK_FALSE(says_so(real));
    }
}

TEST_CASE("an activation says which integers can occur, where these are not all of its type") {
    const std::string clamped = text_of(depthwise()), mixed = text_of(island());
    const auto line_of = [](const std::string& text, std::string_view value) {
        const std::size_t at = text.find(host::message("ctq::activation(", host::emit::string_literal(value)));
        REQUIRE(at != text.npos);
        return text.substr(at, text.find('\n', at) - at);
    };
    // The range [-3, 3] in 255 steps: -0.5 and 1.5 are -22 and 63 (steps, from the zero point of -1).
    CHECK(line_of(clamped, "layer one") ==
          "ctq::activation(\"layer one\", {1, 6, 6, 16}, ctq::dtype::int8, 0.023529412f, "
          "-1, {.low = -22, .high = 63}),");
    CHECK(line_of(clamped, "image") ==
          "ctq::activation(\"image\", {1, 12, 12, 3}, ctq::dtype::int8, 0.023529412f, -1),");
    CHECK(line_of(mixed, "in float") == "ctq::activation(\"in float\", {1, 16}),");
}

// What the tool's proof knows of an operand, the compiler's must know too: else it refuses what was proved.
TEST_CASE("a constant operand says which integers can occur, in the header and in the file") {
    graph source = branches();
    for (value& each : source.values) {
        if (!(each.name == "shift") || each.facts.type != dtype::int8) continue;
        each.facts.range = {-127, 126};
        for (std::int8_t& integer : source.constants[static_cast<std::size_t>(each.constant)].as<std::int8_t>())
            integer = static_cast<std::int8_t>(each.facts.range.clamp(integer));
    }
    auto options = options_for("net");
    const auto line_of = [&](std::string_view made) {
        const std::string text = emitted_header(source, options).header;
        const std::size_t at = text.find(host::message(made, "(\"shift\""));
        REQUIRE(at != text.npos);
        return text.substr(at, text.find('\n', at) - at);
    };
    CHECK(line_of("ctq::constant_value").ends_with(", {.low = -127, .high = 126}),"));
    options.weights_file = "net.weights";
    options.least_in_file = 1;
    CHECK(line_of("ctq::constant_in_file").ends_with(", {.low = -127, .high = 126}),"));
}

TEST_CASE("each integer node says how it rounds, and a float node does not") {
    const std::string two = emitted_two_roundings(two_roundings(), options_for("net")).header;
    for (const std::string_view name : {"first", "body", "last"}) {
        CAPTURE(name);
        CHECK(node_of(two, name).find(" ctq::rounding::three_step)") != std::string::npos);
    }
    CHECK(node_of(two, "exact").find(" ctq::rounding::double_rounding)") != std::string::npos);
    CHECK(two.find("ctq::op::requantize{}, {.scale = ") != std::string::npos); // where the two meet
    CHECK(node_of(text_of(island()), "in float").find("rounding") == std::string::npos);
    CHECK(host::emit::detail::rounding_text(rounding::unrounded) == "ctq::rounding::unrounded");
    CHECK(host::emit::detail::rounding_text(static_cast<rounding>(130)) == "static_cast<ctq::rounding>(130)");
    CHECK_THROWS_AS(text_of(two_roundings()), model_error); // under one of its rules only
}

TEST_CASE("what lowering made of a node follows its operator") {
    const std::string two = emitted_two_roundings(two_roundings(), options_for("net")).header;
    CHECK(node_of(two, "body").find("{.residual = 8192},") != std::string::npos);
    CHECK(node_of(two, "first").find(".activation = ctq::bounds::relu()}, {},") != std::string::npos);
}

TEST_CASE("a user's operator brings its header") {
    CHECK(text_of(island()).find("#include \"emitted/scaled_gelu.hpp\"\n") != std::string::npos);
    CHECK(text_of(lenet()).find("scaled_gelu") == std::string::npos);
}

TEST_CASE("a golden vector that is given is the one in the header") {
    const graph source = tiny();
    auto options = options_for("tiny");
    std::vector<constant> inputs{constant(std::vector<std::int8_t>(16, std::int8_t{77}))};
    options.golden = host::emit::make_golden<rule::affine_int8>(source, inputs);
    CHECK(emitted_header(source, options).header.find("77, 77, 77, 77, 77") != std::string::npos);
    options.golden->outputs.clear();
    CHECK_THROWS_AS(static_cast<void>(emitted_header(source, options)), model_error);
}

TEST_CASE("what cannot be emitted is a failure") {
    CHECK_THROWS_AS(static_cast<void>(emitted_header(tiny(), {.name = "1x"})), model_error);
    // A bias with which the lowered accumulator starts just below the end of 32 bits.
    graph source = tiny();
    const auto lowered = lower_graph<rule::affine_int8>(source);
    const std::int32_t start =
        lowered.constant_of(lowered.nodes.back().inputs[op::weighted::bias]).as<std::int32_t>()[1];
    for (std::size_t i = 0; i < source.values.size(); ++i)
        if (source.values[i].name == "dense.bias")
            source.constants[static_cast<std::size_t>(source.values[i].constant)].as<std::int32_t>()[1] +=
                2147483640 - start;
    CHECK_THROWS_WITH_AS(
        static_cast<void>(emitted_header(source, {.name = "tiny"})),
        "node 'dense' (dense): its accumulators are not proved to keep within 32 bits (1x8 of -1 to 127 "
        "makes 1x3); keep it in float: --exclude dense, or state its bound where the operator is yours: "
        "never_overflows",
        model_error);
}

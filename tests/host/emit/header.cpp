#include <ctq/host/emit/header.hpp>

#include <doctest/doctest.h>
#include <emitted/networks.hpp>
#include <host/scratch.hpp>

#include <cstdlib>
#include <fstream>
#include <locale>
#include <sstream>
#include <string>

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

TEST_CASE("a user's operator brings its header") {
    CHECK(text_of(island()).find("#include \"emitted/scaled_gelu.hpp\"\n") != std::string::npos);
    CHECK(text_of(lenet()).find("scaled_gelu") == std::string::npos);
}

TEST_CASE("a golden vector that is given is the one in the header") {
    const graph source = tiny();
    auto options = options_for("tiny");
    std::vector<constant> inputs{constant(std::vector<std::int8_t>(16, std::int8_t{77}))};
    options.golden = host::emit::make_golden<three_step>(source, inputs);
    CHECK(emitted_header(source, options).header.find("77, 77, 77, 77, 77") != std::string::npos);
    options.golden->outputs.clear();
    CHECK_THROWS_AS(static_cast<void>(emitted_header(source, options)), model_error);
}

TEST_CASE("what cannot be emitted is a failure") {
    CHECK_THROWS_AS(static_cast<void>(emitted_header(tiny(), {.name = "1x"})), model_error);
    graph source = tiny();
    for (std::size_t i = 0; i < source.values.size(); ++i)
        if (source.values[i].name == "dense.bias")
            source.constants[static_cast<std::size_t>(source.values[i].constant)].int32s[1] = 2147483647;
    const auto how = outcome_of([&] { static_cast<void>(emitted_header(source, {.name = "tiny"})); });
    CHECK(how.code == host::exit_code::unsupported);
    CHECK(how.says("node 'dense'"));
    CHECK(how.says("--exclude"));
}

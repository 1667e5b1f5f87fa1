#include <ctq/host/emit/literals.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <locale>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace ctq;
using namespace ctq::host::emit;

TEST_CASE("a float comes back with the same bits") {
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        const auto bits = static_cast<std::uint32_t>(random());
        const float value = std::bit_cast<float>(bits);
        if (std::isnan(value) || std::isinf(value)) continue;
        const std::string text = literal(value);
        REQUIRE(text.back() == 'f');
        CHECK(text.find_first_of(".e") != std::string::npos);
        CHECK(std::bit_cast<std::uint32_t>(std::strtof(text.c_str(), nullptr)) == bits);
    }
    CHECK(literal(0.1f) == "0.1f");
    CHECK(literal(1.0f) == "1.0f");
    CHECK(literal(-0.0f) == "-0.0f");
    CHECK(literal(std::numeric_limits<float>::infinity()) == "std::numeric_limits<float>::infinity()");
    CHECK(literal(-std::numeric_limits<float>::infinity()) == "-std::numeric_limits<float>::infinity()");
    CHECK(literal(std::numeric_limits<float>::quiet_NaN()) == "std::numeric_limits<float>::quiet_NaN()");
}

TEST_CASE("ctq's own types are written as one writes them") {
    CHECK(literal(true) == "true");
    CHECK(literal(std::int8_t{-7}) == "-7");
    CHECK(literal(shape{1, 28, 28}) == "{1, 28, 28}");
    CHECK(literal(shape{}) == "{}");
    CHECK(literal(std::array<std::int32_t, 2>{3, 5}) == "{3, 5}");
    CHECK(literal(bounds::relu()) == "ctq::bounds::relu()");
    CHECK(literal(bounds::relu6()) == "ctq::bounds::relu6()");
    CHECK(literal(bounds::none()) == "ctq::bounds::none()");
    CHECK(literal(bounds{-0.5f, 1.0f}) == "{.low = -0.5f, .high = 1.0f}");
    CHECK(literal(limits{-128, 5}) == "{.low = -128, .high = 5}");
    CHECK(literal(scaling{16384, -3}) == "{.multiplier = 16384, .shift = -3}");
    CHECK(literal(op::axis_set{{false, true, true}}) == "{{false, true, true, false, false, false}}");
}

TEST_CASE("nothing breaks out of a string literal") {
    CHECK(string_literal("conv 1") == "\"conv 1\"");
    CHECK(string_literal("a\"b\\c") == "\"a\\\"b\\\\c\"");
    CHECK(string_literal("a\nb") == "\"a\\\\x0ab\"");
    CHECK(string_literal("?\?/") == "\"\\?\\?/\"");
    CHECK(string_literal(std::string(1 << 20, 'x')).size() < 100);
    std::mt19937 random(2);
    for (int i = 0; i < 2000; ++i) {
        std::string name(random() % 30, ' ');
        for (char& c : name) c = static_cast<char>(random() % 256);
        const std::string text = string_literal(name);
        for (std::size_t at = 1; at + 1 < text.size(); ++at) {
            const auto c = static_cast<unsigned char>(text[at]);
            REQUIRE((c >= 32 && c != 127));
            REQUIRE(c != '"');
            if (c == '\\') ++at;
            REQUIRE(at + 1 < text.size());
        }
    }
}

TEST_CASE("nothing breaks out of a comment") {
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
        std::string name(random() % 30, ' ');
        for (char& c : name) c = i % 2 == 0 ? static_cast<char>(random() % 256) : "\\?/*\n "[random() % 6];
        const std::string text = commented(name);
        CHECK(text.find_first_of("\\\n\r\v\f") == std::string::npos);
        CHECK(text.find("?\?/") == std::string::npos);
    }
}

TEST_CASE("lists keep within 120 columns and lose nothing") {
    std::vector<std::int32_t> values;
    std::mt19937 random(4);
    for (int i = 0; i < 1000; ++i) values.push_back(static_cast<std::int32_t>(random()));
    std::string text = "x[] = ";
    append_list(text, std::span<const std::int32_t>(values));
    std::istringstream lines(text.substr(text.find('\n') + 1));
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);) {
        CHECK(line.size() <= 120);
        std::istringstream numbers(line);
        for (std::string number; std::getline(numbers, number, ',');) {
            if (number.find_first_of("0123456789") == std::string::npos) continue;
            REQUIRE(count < values.size());
            CHECK(std::strtol(number.c_str(), nullptr, 10) == values[count++]);
        }
    }
    CHECK(count == values.size());
    std::string one;
    append_list(one, std::span<const std::int32_t>(values.data(), 1));
    CHECK(one == "{" + std::to_string(values[0]) + "};\n");
}

TEST_CASE("no locale changes a number") {
    struct commas : std::numpunct<char> {
        char do_decimal_point() const override { return ','; }
        char do_thousands_sep() const override { return '.'; }
        std::string do_grouping() const override { return "\3"; }
    };
    const std::locale before = std::locale::global(std::locale(std::locale(), new commas));
    CHECK(literal(1234.5f) == "1234.5f");
    CHECK(literal(1234567) == "1234567");
    std::locale::global(before);
}

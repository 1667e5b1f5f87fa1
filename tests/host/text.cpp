#include <ctq/core/text.hpp>
#include <ctq/host/text.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace ctq::host;

TEST_CASE("text: a NaN is printed without a sign, in every width") {
    CHECK(message(-std::nanf(""), " ", -std::nan(""), " ", std::nanf("")) == "nan nan nan");
    CHECK(std::signbit(printed(-0.0F)));
    CHECK(printed(7) == 7);
}

TEST_CASE("text: messages hold texts and numbers, whatever the locale") {
    CHECK(message("a ", 1, " b ", -2.5F, " c ", std::string("d")) == "a 1 b -2.5 c d");
    CHECK(message(1e23) == "1e+23");
    CHECK(message(0.1F, " ", 0.1, " ", 100000.0F) == "0.1 0.1 100000");
    CHECK(message(std::int8_t{-7}, ",", std::uint8_t{65}, ",", std::size_t{18446744073709551615U}) ==
          "-7,65,18446744073709551615");
    CHECK(message(ctq::text("a name"), std::string_view("!")) == "a name!");
    CHECK(message().empty());
}

TEST_CASE("text: names from files cannot disturb the line") {
    CHECK(printable("conv1/weight") == "conv1/weight");
    CHECK(printable(std::string_view("a\nb\0c", 5)) == "a\\x0ab\\x00c");
    CHECK(printable("\x1b[31mred") == "\\x1b[31mred");
    CHECK(printable("gr\xC3\xB6\xC3\x9F"
                    "e") == "gr\xC3\xB6\xC3\x9F"
                            "e");
    CHECK(printable("\xC3") == "\\xc3");                         // cut sequence
    CHECK(printable("\xC0\xAF") == "\\xc0\\xaf");                // overlong
    CHECK(printable("\xED\xA0\x80") == "\\xed\\xa0\\x80");       // surrogate
    CHECK(printable("\xE2\x80\xAEgnp") == "\\xe2\\x80\\xaegnp"); // right-to-left override
    CHECK(printable(std::string(1'000'000, 'n')) == std::string(64, 'n') + "...");
    CHECK(in_quotes("x") == "'x'");
}

#include <ctq/host/failure.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace ctq::host;

TEST_CASE("failure: messages hold texts and numbers, whatever the locale") {
    CHECK(message("a ", 1, " b ", -2.5F, " c ", std::string("d")) == "a 1 b -2.5 c d");
    CHECK(message(1e23) == "1e+23");
}

TEST_CASE("failure: names from files cannot disturb the line") {
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

TEST_CASE("failure: at most twenty faults are kept, the rest are counted") {
    fault_list faults;
    CHECK_NOTHROW(faults.throw_if_any());
    for (int i = 0; i < 25; ++i) faults.add(exit_code::unsupported, message("fault ", i));
    CHECK(faults.total() == 25);
    std::ostringstream out;
    failure(faults.code(), faults).print(out);
    const std::string text = out.str();
    CHECK(text.starts_with("ctq: error: fault 0\nctq: error: fault 1\n"));
    CHECK(text.ends_with("ctq: error: fault 19\nctq: error: \xE2\x80\xA6"
                         "and 5 more\n"));
}

TEST_CASE("failure: malformed outranks unsupported, whichever comes first") {
    fault_list faults;
    faults.add(exit_code::unsupported, "u");
    CHECK(faults.code() == exit_code::unsupported);
    faults.add(exit_code::malformed, "m");
    CHECK(faults.code() == exit_code::malformed);
    faults.add(exit_code::unsupported, "u");
    CHECK(faults.code() == exit_code::malformed);
    CHECK_THROWS_AS(faults.throw_if_any(), failure);
}

TEST_CASE("failure: a malformed input is told with its path") {
    try {
        fail_malformed("a\tb.onnx", "is short: ", 3, " bytes");
    } catch (const failure& error) {
        CHECK(error.code == exit_code::malformed);
        CHECK(std::string(error.what()) == "a\\x09b.onnx: is short: 3 bytes");
    }
}

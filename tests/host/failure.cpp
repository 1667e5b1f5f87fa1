#include <ctq/host/failure.hpp>

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace ctq::host;

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

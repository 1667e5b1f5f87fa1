#include <ctq/host/onnx/session.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace ctq::host;

TEST_CASE("session: faults and warnings carry the file's name, fit to print") {
    onnx::detail::session s;
    s.path = "a\nb.onnx";
    s.malformed("is short by ", 3);
    CHECK(s.faults.lines()[0] == "a\\x0ab.onnx: is short by 3");
    CHECK(s.faults.code() == exit_code::malformed);
    for (int i = 0; i < 100; ++i) s.warn("w", i);
    CHECK(s.warnings.size() == fault_list::kept);
}

TEST_CASE("session: fields are counted up to the limit") {
    onnx::detail::session s;
    s.path = "m.onnx";
    s.allowed.max_fields = 10;
    CHECK_NOTHROW(s.spend_fields(10));
    CHECK_THROWS_AS(s.spend_fields(1), failure);
}

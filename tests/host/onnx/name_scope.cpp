#include <ctq/host/onnx/name_scope.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using ctq::host::onnx::name_scope;

TEST_CASE("name_scope: a name is what the innermost graph says that defines it") {
    const name_scope whole;
    name_scope outer(&whole, "then_branch of node #3 (If)");
    CHECK(outer.define("a", "a_2"));
    CHECK(outer.define("b", "y"));
    CHECK_FALSE(outer.define("a", "other"));
    name_scope inner(&outer, "");
    CHECK(inner.define("a", "a_3"));
    CHECK(whole.place().empty());
    CHECK(outer.place() == "then_branch of node #3 (If)");
    CHECK(inner.of("a") == "a_3");
    CHECK(inner.of("b") == "y");
    CHECK(inner.of("x") == "x");
    CHECK(inner.of(std::string()).empty());
    CHECK(outer.of("a") == "a_2");
    CHECK(whole.of("a") == "a");
    CHECK(inner.of(std::vector<std::string>{"b", "", "a", "x"}) == std::vector<std::string>{"y", "", "a_3", "x"});
}

#include <ctq/core/text.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

using ctq::text;

static_assert(text().empty() && text("").empty() && text("conv").view() == "conv");
static_assert(text("conv") + ".weights" == "conv.weights" && text("a") == text("a") && !(text("a") == text("ab")));

TEST_CASE("text: a copy has characters of its own") {
    text first("long enough not to fit any small buffer");
    const text copy = first;
    first = text("other");
    CHECK(copy == "long enough not to fit any small buffer");
    const text moved = std::move(first);
    CHECK(moved == "other");
}

TEST_CASE("text: it is read as a string_view") {
    const text name("node");
    CHECK(std::string(std::string_view(name)) == "node");
    const text joined = name + "_" + name;
    CHECK(joined.view() == "node_node");
    CHECK(name == "node");
}

TEST_CASE("text: numbers in decimal digits") {
    static_assert(ctq::decimal_text(0) == "0");
    static_assert(ctq::decimal_text(7) == "7");
    static_assert(ctq::decimal_text(2147483647) == "2147483647");
    CHECK(ctq::decimal_text(1230).view() == "1230");
}

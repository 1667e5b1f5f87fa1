#include <ctq/graph/unique_name.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

constexpr bool compiler_counts_on() {
    const auto given =
        ctq::unique_name("conv", [](std::string_view name) { return name != "conv" && name != "conv_2"; });
    return given == "conv_3" && ctq::unique_name("x", [](std::string_view) { return true; }) == "x";
}
static_assert(compiler_counts_on());

} // namespace

TEST_CASE("unique_name: what was given is taken, however the names came about") {
    std::set<std::string> taken;
    const auto next = [&](std::string_view wanted) {
        return std::string(
            ctq::unique_name(wanted, [&](std::string_view name) { return taken.emplace(name).second; }).view());
    };
    CHECK(next("conv") == "conv");
    CHECK(next("conv_2") == "conv_2");
    CHECK(next("conv") == "conv_3");
    CHECK(next("conv_2") == "conv_2_2");
    CHECK(next("") == "");
    CHECK(next("") == "_2");
    CHECK(taken.size() == 6);
}

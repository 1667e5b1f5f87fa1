#include <ctq/graph/name_set.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

constexpr bool compiler_counts_on() {
    ctq::name_set names;
    names.take("conv");
    names.take("conv_2");
    return names.take_like("conv") == "conv_3" && names.take_like("x") == "x" && !names.take("x");
}
static_assert(compiler_counts_on());

} // namespace

TEST_CASE("name_set: what was given is taken, however the names came about") {
    ctq::name_set names;
    CHECK(names.take_like("conv") == "conv");
    CHECK(names.take_like("conv_2") == "conv_2");
    CHECK(names.take_like("conv") == "conv_3");
    CHECK(names.take_like("conv_2") == "conv_2_2");
    CHECK(names.take_like("") == "");
    CHECK(names.take_like("") == "_2");
    CHECK(names.take("conv_4"));
    CHECK_FALSE(names.take("conv_4"));
    CHECK(names.take_like("conv") == "conv_5");
    CHECK(names.size() == 8);
}

TEST_CASE("name_set: a hundred thousand names that read alike, each of them once") {
    ctq::name_set names;
    std::set<std::string> given;
    for (int i = 0; i < 50000; ++i) {
        given.emplace(names.take_like("conv").view());
        given.emplace(names.take_like("conv_2").view());
    }
    CHECK(given.size() == 100000);
    CHECK(names.size() == 100000);
}

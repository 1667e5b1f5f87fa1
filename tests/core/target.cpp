#include <ctq/core/target.hpp>
#include <ctq/core/version.hpp>

#include <doctest/doctest.h>

#include <string_view>

#define CTQ_TEST_TEXT_OF(...) #__VA_ARGS__
#define CTQ_TEST_TEXT(...) CTQ_TEST_TEXT_OF(__VA_ARGS__)

namespace {

constexpr std::string_view target = CTQ_TEST_TEXT(CTQ_TARGET);

} // namespace

TEST_CASE("target: everything stands in the namespace that it names, and is found without it") {
    CHECK(&ctq::CTQ_TARGET::version_major == &ctq::version_major);
}

// What a program does with different names: tests/emitted/mixed_targets.cpp. Names of other targets:
// tests/structure/target_names.py.
TEST_CASE("target: the name says which instructions the compiler may use") {
    CAPTURE(target);
    CHECK(target.starts_with("for_"));
#if defined(__AVX2__) && !defined(__AVX512F__)
    CHECK(target.starts_with("for_avx2"));
#endif
#if defined(__x86_64__) && !defined(__SSE3__)
    CHECK(target == "for_any");
#endif
#if defined(__FMA__)
    CHECK(target.find("_fma") != target.npos);
#else
    CHECK(target.find("_fma") == target.npos);
#endif
#if defined(__AVX512VNNI__)
    CHECK(target.find("_vnni") != target.npos);
#endif
#if defined(__XOP__)
    CHECK(target.find("_xop") != target.npos);
#endif
}

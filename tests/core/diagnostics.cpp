#include <ctq/core/diagnostics.hpp>

#include <doctest/doctest.h>

#include <exception>
#include <string>
#include <type_traits>

namespace {

constexpr int checked(int value) {
    ctq::require(value > 0, "the value must be positive");
    return value;
}
static_assert(checked(3) == 3);

/// Whether checked(Value) is a constant expression.
template <int Value>
concept constant = requires {
    typename std::integral_constant<int, checked(Value)>;
};
static_assert(constant<1> && !constant<0>);
static_assert(std::is_base_of_v<std::exception, ctq::model_error>);

} // namespace

TEST_CASE("diagnostics: a fault is a model_error with its text") {
    CHECK_THROWS_WITH_AS(ctq::fail("what is wrong"), "what is wrong", ctq::model_error);
    CHECK_THROWS_WITH_AS(checked(0), "the value must be positive", ctq::model_error);
    CHECK(checked(1) == 1);
}

TEST_CASE("diagnostics: a fault keeps a copy of its text, as much as it holds") {
    std::string text = "node 'a': what is wrong";
    const ctq::model_error short_one(text.c_str());
    text.assign(5000, 'x');
    const ctq::model_error long_one(text.c_str());
    text.clear();
    CHECK(std::string(short_one.what()) == "node 'a': what is wrong");
    CHECK(std::string(long_one.what()) == std::string(1023, 'x'));
}

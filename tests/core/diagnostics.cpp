#include <ctq/core/diagnostics.hpp>

#include <doctest/doctest.h>

#include <exception>
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

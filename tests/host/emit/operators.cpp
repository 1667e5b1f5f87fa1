#include <ctq/host/emit/operators.hpp>
#include <ctq/operators/all.hpp>

#include <doctest/doctest.h>
#include <emitted/scaled_gelu.hpp>

#include <string>

using namespace ctq;
using host::emit::lowered_text;
using host::emit::operator_text;

namespace my {

/// Not an aggregate: it has a constructor.
struct constructed {
    static constexpr std::string_view name = "constructed";
    static constexpr std::string_view cpp_name = "my::constructed";

    std::int32_t steps = 1;
    bool loud = false;

    constexpr constructed() {}
    static constexpr auto attributes =
        attribute_list{attribute{"steps", &constructed::steps}, attribute{"loud", &constructed::loud}};
    friend constexpr bool operator==(const constructed&, const constructed&) = default;
    constexpr float operator()(float x) const { return x; }
};

} // namespace my

TEST_CASE("only what differs from the default is written") {
    CHECK(operator_text(op::conv2d{}) == "ctq::op::conv2d{}");
    CHECK(operator_text(op::sigmoid{}) == "ctq::op::sigmoid{}");
    CHECK(
        operator_text(
            op::conv2d{.kernel = {5, 5}, .padding = {1, 0, 1, 0}, .groups = 3, .activation = bounds::relu6()}) ==
        "ctq::op::conv2d{.kernel = {5, 5}, .padding = {1, 0, 1, 0}, .groups = 3, .activation = ctq::bounds::relu6()}");
    CHECK(operator_text(op::reshape{{1, 800}}) == "ctq::op::reshape{.to = {1, 800}}");
    CHECK(operator_text(op::add{bounds::relu()}) == "ctq::op::add{.activation = ctq::bounds::relu()}");
}

TEST_CASE("enumerators are written as their numbers, of arrays each") {
    CHECK(operator_text(op::lstm{.direction = op::sequence_direction::reverse, .clip = 2}) ==
          "ctq::op::lstm{.direction = static_cast<decltype(ctq::op::lstm::direction)>(1), .clip = 2.0f}");
    const op::lstm of_relus{.functions = {op::cell_function::relu, op::cell_function::sigmoid}};
    CHECK(operator_text(of_relus).starts_with(
        "ctq::op::lstm{.functions = {static_cast<decltype(ctq::op::lstm::functions)::value_type>(0), "
        "static_cast<decltype(ctq::op::lstm::functions)::value_type>(2), "));
}

TEST_CASE("what lowering made is written as its braces") {
    CHECK(lowered_text(nothing_lowered{}) == "{}");
    CHECK(lowered_text(op::add::lowered{}) == "{}");
    CHECK(lowered_text(op::add::lowered{{{1, 0}, {2, 0}, {1, 13}}}) ==
          "{.scales = {.left = {.multiplier = 1, .shift = 0}, .right = {.multiplier = 2, .shift = 0}, .result = "
          "{.multiplier = 1, .shift = 13}}}");
    CHECK(lowered_text(op::pad::lowered{-7}) == "{.fill = -7}");
}

TEST_CASE("a user's operator is written in the order of its members") {
    CHECK(operator_text(user::scaled_gelu{}) == "user::scaled_gelu{}");
    CHECK(operator_text(user::scaled_gelu{true, 0.1f, user::curve::exact}) ==
          "user::scaled_gelu{.flip = true, .scale = 0.1f, .kind = static_cast<decltype(user::scaled_gelu::kind)>(1)}");
    my::constructed op;
    op.loud = true;
    CHECK(operator_text(op) == "[] { my::constructed op; op.loud = true; return op; }()");
}

#include <ctq/registry/traits.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace {

using ctq::operand_role, ctq::range_rule;

struct silent {};
struct flag_of_an_object {
    bool in_place = true;
};
struct flag_as_number {
    static constexpr int is_commutative = 1;
};
struct flag_as_function {
    static constexpr bool folds_scale() { return true; }
};
struct rule_as_number {
    static constexpr int output_range = 1;
};
struct roles_as_numbers {
    static constexpr std::array roles{0, 1, 2};
};
struct axis_as_number {
    static constexpr int channel_axis = 1;
};
struct all_right {
    static constexpr std::array roles{operand_role::operand, operand_role::weights};
    static constexpr range_rule output_range = range_rule::fixed;
    static constexpr bool folds_scale = true;
    static constexpr bool is_commutative = false;
    std::int32_t axis = 0;
    static constexpr auto channel_axis = &all_right::axis;

    constexpr ctq::bounds output_bounds(ctq::dtype) const { return {0, 1}; }
};

struct fixed_without_bounds {
    static constexpr range_rule output_range = range_rule::fixed;
};
struct view_with_a_range {
    static constexpr bool is_view = true;
};
struct view_that_moves_nothing {
    static constexpr range_rule output_range = range_rule::same_as_input;
    static constexpr bool is_view = true;
    static constexpr bool moves_elements = false;
};
struct weights_first {
    static constexpr std::array roles{operand_role::weights, operand_role::operand};
};
struct two_weights {
    static constexpr std::array roles{operand_role::operand, operand_role::weights, operand_role::weights};
};
struct folding_without_weights {
    static constexpr bool folds_scale = true;
};

} // namespace

TEST_CASE("traits: each is a constant of its type") {
    const auto right = []<class Op>(const Op&) { return ctq::states_constant_traits<Op>; };
    CHECK(right(silent{}));
    CHECK(right(all_right{}));
    CHECK_FALSE(right(flag_of_an_object{}));
    CHECK_FALSE(right(flag_as_number{}));
    CHECK_FALSE(right(flag_as_function{}));
    CHECK_FALSE(right(rule_as_number{}));
    CHECK_FALSE(right(roles_as_numbers{}));
    CHECK_FALSE(right(axis_as_number{}));
}

TEST_CASE("traits: they do not contradict each other") {
    const auto agree = []<class Op>(const Op&) {
        return ctq::tells_fixed_range<Op> && ctq::keeps_moved_range<Op> && ctq::folds_into_weights<Op>;
    };
    CHECK(agree(silent{}));
    CHECK(agree(all_right{}));
    CHECK_FALSE(ctq::tells_fixed_range<fixed_without_bounds>);
    CHECK_FALSE(ctq::keeps_moved_range<view_with_a_range>);
    static_assert(ctq::range_rule_of<view_that_moves_nothing> == range_rule::same_as_input);
    CHECK_FALSE(ctq::keeps_moved_range<view_that_moves_nothing>);
    CHECK_FALSE(ctq::folds_into_weights<folding_without_weights>);
    CHECK(ctq::places_weights<all_right>);
    CHECK_FALSE(ctq::places_weights<weights_first>);
    CHECK_FALSE(ctq::places_weights<two_weights>);
}

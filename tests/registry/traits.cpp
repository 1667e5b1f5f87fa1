#include <ctq/registry/traits.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>

namespace {

using ctq::operand_role, ctq::operator_traits, ctq::range_rule, ctq::traits_of;

struct silent {};
struct of_an_object {
    operator_traits traits{.in_place = true};
};
struct constant_of_an_object {
    const operator_traits traits{.in_place = true};
};
struct variable {
    static inline operator_traits traits{.in_place = true};
};
struct of_another_type {
    static constexpr bool traits = true;
};
struct as_function {
    static constexpr operator_traits traits() { return {.folds_scale = true}; }
};
struct all_right {
    static constexpr operator_traits traits{.output_range = range_rule::fixed,
                                            .roles = {operand_role::operand, operand_role::weights},
                                            .is_continuous = false,
                                            .folds_scale = true};
    constexpr ctq::bounds output_bounds(ctq::dtype) const { return {0, 1}; }
};
struct along_axis {
    std::int32_t axis = 2;
    static constexpr auto channel_axis = &along_axis::axis;
};
struct axis_as_number {
    static constexpr int channel_axis = 1;
};
struct negate {
    constexpr float operator()(float x) const { return -x; }
};

struct fixed_without_bounds {
    static constexpr operator_traits traits{.output_range = range_rule::fixed};
};
struct view_with_a_range {
    static constexpr operator_traits traits{.is_view = true};
};
struct view {
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .is_view = true};
};
struct weights_first {
    static constexpr operator_traits traits{.roles = {operand_role::weights, operand_role::operand}};
};
struct two_weights {
    static constexpr operator_traits traits{
        .roles = {operand_role::operand, operand_role::weights, operand_role::weights}};
};
struct bias_without_weights {
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::bias}};
};
struct channels_last {
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::weights}, .weight_axis = 1};
};
struct beyond_all_axes {
    static constexpr operator_traits traits{.roles = {operand_role::operand, operand_role::weights}, .weight_axis = 6};
};
struct axis_of_no_weights {
    static constexpr operator_traits traits{.weight_axis = 1};
};
struct folding_without_weights {
    static constexpr operator_traits traits{.folds_scale = true};
};

} // namespace

TEST_CASE("traits: what is not stated is as in operator_traits") {
    CHECK(traits_of<silent> == operator_traits{});
    CHECK(operator_traits{}.output_range == range_rule::calibrated);
    CHECK(operator_traits{}.is_continuous);
    for (std::size_t input = 0; input < 100; ++input) CHECK(ctq::role_of<silent>(input) == operand_role::operand);
    CHECK_FALSE(ctq::is_weighted<silent>);
}

TEST_CASE("traits: what is stated is said, and what follows from it") {
    CHECK(traits_of<all_right>.output_range == range_rule::fixed);
    CHECK(traits_of<all_right>.folds_scale);
    CHECK_FALSE(traits_of<all_right>.is_continuous);
    CHECK(ctq::is_weighted<all_right>);
    CHECK(ctq::role_of<all_right>(1) == operand_role::weights);
    CHECK(ctq::role_of<all_right>(2) == operand_role::operand);
    CHECK((traits_of<negate>.in_place && traits_of<negate>.is_element_wise));
    CHECK_FALSE((traits_of<negate>.is_view || traits_of<negate>.moves_elements));
    CHECK((traits_of<view>.is_view && traits_of<view>.moves_elements));
    CHECK_FALSE((traits_of<view>.in_place || traits_of<view>.is_element_wise));
}

TEST_CASE("traits: a channel axis is an attribute's") {
    CHECK(ctq::has_channel_axis<along_axis>);
    CHECK(along_axis{}.*along_axis::channel_axis == 2);
    CHECK_FALSE((ctq::has_channel_axis<silent> || ctq::has_channel_axis<axis_as_number>));
}

TEST_CASE("traits: they are a constant of their type") {
    CHECK(ctq::states_constant_traits<silent>);
    CHECK(ctq::states_constant_traits<all_right>);
    CHECK_FALSE(ctq::states_constant_traits<of_an_object>);
    CHECK_FALSE(ctq::states_constant_traits<constant_of_an_object>);
    CHECK_FALSE(ctq::states_constant_traits<variable>);
    CHECK_FALSE(ctq::states_constant_traits<of_another_type>);
    CHECK_FALSE(ctq::states_constant_traits<as_function>);
}

TEST_CASE("traits: they do not contradict each other") {
    const auto agree = []<class Op>(const Op&) {
        return ctq::tells_own_range<Op> && ctq::keeps_moved_range<Op> && ctq::places_weights<Op> &&
               ctq::has_weight_axis<Op> && ctq::folds_into_weights<Op>;
    };
    CHECK(agree(silent{}));
    CHECK(agree(all_right{}));
    CHECK(agree(view{}));
    CHECK(agree(channels_last{}));
    CHECK((ctq::names_channel_axis<silent> && ctq::names_channel_axis<along_axis>));
    CHECK_FALSE(ctq::names_channel_axis<axis_as_number>);
    CHECK_FALSE(ctq::tells_own_range<fixed_without_bounds>);
    CHECK_FALSE(ctq::keeps_moved_range<view_with_a_range>);
    CHECK_FALSE(ctq::folds_into_weights<folding_without_weights>);
    CHECK_FALSE((ctq::has_weight_axis<beyond_all_axes> || ctq::has_weight_axis<axis_of_no_weights>));
    CHECK_FALSE(ctq::places_weights<weights_first>);
    CHECK_FALSE(ctq::places_weights<two_weights>);
    CHECK_FALSE(ctq::places_weights<bias_without_weights>);
}

#pragma once
// traits: what the traits of an operator must be. Checked once, where the operator is registered: a trait that is
// misspelt in its type would else count as not stated, or fail far from its cause.
// room: registry | runs on: compiler + host | heap: no

#include <ctq/registry/operation.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// The type of a flag: not that of a number, which converts.
template <class T>
concept constant_flag = std::same_as<T, const bool>;

/// True when each trait that `Op` states is a constant of the type that `operation` documents.
template <class Op>
concept states_constant_traits = (
                                     !requires { Op::output_range; } ||
                                     requires { typename std::integral_constant<range_rule, Op::output_range>; }) &&
                                 (
                                     !requires { Op::roles; } ||
                                     requires { typename std::integral_constant<operand_role, Op::roles[0]>; }) &&
                                 (
                                     !requires { Op::in_place; } ||
                                     requires {
                                         typename std::bool_constant<Op::in_place>;
                                         requires constant_flag<decltype(Op::in_place)>;
                                     }) &&
                                 (
                                     !requires { Op::is_view; } ||
                                     requires {
                                         typename std::bool_constant<Op::is_view>;
                                         requires constant_flag<decltype(Op::is_view)>;
                                     }) &&
                                 (
                                     !requires { Op::moves_elements; } ||
                                     requires {
                                         typename std::bool_constant<Op::moves_elements>;
                                         requires constant_flag<decltype(Op::moves_elements)>;
                                     }) &&
                                 (
                                     !requires { Op::adds_nothing; } ||
                                     requires {
                                         typename std::bool_constant<Op::adds_nothing>;
                                         requires constant_flag<decltype(Op::adds_nothing)>;
                                     }) &&
                                 (
                                     !requires { Op::is_continuous; } ||
                                     requires {
                                         typename std::bool_constant<Op::is_continuous>;
                                         requires constant_flag<decltype(Op::is_continuous)>;
                                     }) &&
                                 (
                                     !requires { Op::converts; } ||
                                     requires {
                                         typename std::bool_constant<Op::converts>;
                                         requires constant_flag<decltype(Op::converts)>;
                                     }) &&
                                 (
                                     !requires { Op::is_element_wise; } ||
                                     requires {
                                         typename std::bool_constant<Op::is_element_wise>;
                                         requires constant_flag<decltype(Op::is_element_wise)>;
                                     }) &&
                                 (
                                     !requires { Op::aligns_operands; } ||
                                     requires {
                                         typename std::bool_constant<Op::aligns_operands>;
                                         requires constant_flag<decltype(Op::aligns_operands)>;
                                     }) &&
                                 (
                                     !requires { Op::is_commutative; } ||
                                     requires {
                                         typename std::bool_constant<Op::is_commutative>;
                                         requires constant_flag<decltype(Op::is_commutative)>;
                                     }) &&
                                 (
                                     !requires { Op::folds_scale; } ||
                                     requires {
                                         typename std::bool_constant<Op::folds_scale>;
                                         requires constant_flag<decltype(Op::folds_scale)>;
                                     }) &&
                                 (!requires { Op::channel_axis; } || has_channel_axis<Op>);

/// True when a range that is fixed is told.
template <class Op>
concept tells_fixed_range = range_rule_of<Op>
!= range_rule::fixed || requires(const Op& op, dtype type) {
    { op.output_bounds(type) } -> std::same_as<bounds>;
};

/// True when the elements that are moved, and those of a view are, keep the range of the input that they come from.
template <class Op>
concept keeps_moved_range = (!moves_elements<Op> || range_rule_of<Op> == range_rule::same_as_input) &&
                            (!is_view<Op> || moves_elements<Op>);

/// True when weights are input 1 and a bias is input 2, where annotate and lowering look for them.
template <class Op>
constexpr bool places_weights = [] {
    if constexpr (requires { Op::roles; })
        for (std::size_t i = 0; i < Op::roles.size(); ++i)
            if ((Op::roles[i] == operand_role::weights && i != 1) || (Op::roles[i] == operand_role::bias && i != 2))
                return false;
    return true;
}();

/// True when a scale is folded into weights only.
template <class Op>
concept folds_into_weights = !folds_scale<Op> || is_weighted<Op>;

} // namespace ctq::inline CTQ_TARGET

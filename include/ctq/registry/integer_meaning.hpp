#pragma once
// integer_meaning: what an operator makes of integers, as whoever lowers, runs or proves a node asks for it: the types
// that it takes, what lowering makes of it, and its overflow proof.
// room: registry | runs on: all | heap: no

#include <ctq/core/signature.hpp>
#include <ctq/core/tensor.hpp>
#include <ctq/registry/lowering_view.hpp>
#include <ctq/registry/operation.hpp>
#include <ctq/registry/traits.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <span>

namespace ctq::inline CTQ_TARGET {

/// What lowering makes of operators that need nothing beside their attributes and inputs.
struct nothing_lowered {
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const nothing_lowered&, const nothing_lowered&) = default;
};

namespace detail {

template <class Op> constexpr auto lowered_type() {
    if constexpr (requires { typename Op::lowered; })
        return typename Op::lowered{};
    else
        return nothing_lowered{};
}

/// An element-wise function has tables from 8-bit integers to such, and from int16 to int16.
constexpr bool has_table(const signature& s) {
    return (is_byte(s.x) && is_byte(s.y)) || (s.x == dtype::int16 && s.y == dtype::int16);
}

} // namespace detail

/// The integers that a node of `Op` needs beside its attributes and inputs; a structural type with `attributes`.
template <class Op> using lowered_of = decltype(detail::lowered_type<Op>());

/// True when `Op` says what it makes of integers of these types, from what lowering made of it.
template <class Op, signature S>
concept computes_lowered = requires(const Op& op, const lowered_of<Op>& lowered, const_tensors in, tensors out) {
    op.template compute_integer<S>(lowered, in, out);
};

/// The same without.
template <class Op, signature S>
concept computes_plainly = requires(const Op& op, const_tensors in, tensors out) {
    op.template compute_integer<S>(in, out);
};

/// True for functions of one real whose integer meaning under `S` is a table of their float meaning.
template <class Op, signature S>
concept looks_up = unary_function<Op> && !computes_lowered<Op, S> && !computes_plainly<Op, S> && detail::has_table(S) &&
                   (is_byte(S.x) || traits_of<Op>.is_continuous);

/// True when `Op` can run on integers of these types: by its own definition, or as an element-wise function's table.
template <class Op, signature S>
concept has_integer_meaning = computes_lowered<Op, S> || computes_plainly<Op, S> || looks_up<Op, S>;

/// True when the lowering of `Op` under `S` fits what it computes with: its `lower<S>`, if there is one, takes a
/// lowering_view and makes its `lowered`; and there is one if integers are computed from a `lowered`.
template <class Op, signature S, class Node>
concept lowers_what_it_computes_with = lowering_view<Node> &&
    (requires(const Op& op, Node& node) {
        { op.template lower<S>(node) } -> std::same_as<lowered_of<Op>>;
    } ||
     (
         !requires(const Op& op, Node& node) { op.template lower<S>(node); } &&
         !requires { &Op::template lower<S, Node>; } &&
         (!computes_lowered<Op, S> || std::same_as<lowered_of<Op>, nothing_lowered>)));

/// The rounding of products of two operands that are added up: that of weighted sums, unless these stay as they are.
constexpr rounding rounding_of_products(rounding weighted, rounding other) {
    return weighted == rounding::unrounded ? other : weighted;
}

/// The rounding of nodes of `Op` under a rule; `weighted`: that of its weighted sums, `other`: of all else.
template <class Op> constexpr rounding rounding_of_nodes(rounding weighted, rounding other) {
    if (traits_of<Op>.sums_products) return rounding_of_products(weighted, other);
    return is_weighted<Op> ? weighted : other;
}

/// True where input 1, if there is one, is computed with: neither read when the node is lowered nor to tell positions.
template <class Op>
constexpr bool
    computes_with_second = role_of<Op>(1) != operand_role::parameter&& role_of<Op>(1) != operand_role::positions;

/// The integers that a node works with. `Op` is its operator; the types are those of its inputs and of its first
/// output. A sum of products has the type of its bias.
template <class Op> constexpr signature signature_of(std::span<const tensor_facts> in, dtype out, rounding how) {
    signature s;
    s.y = out;
    s.x = in.empty() ? out : in[0].type;
    const bool has_second = in.size() > 1 && computes_with_second<Op> && !unary_function<Op>;
    s.w = has_second ? in[1].type : s.x;
    const bool has_bias = in.size() > 2 && role_of<Op>(2) == operand_role::bias && is_integer(in[2].type);
    s.sum = dtype::int32;
    if (is_weighted<Op>) s.sum = has_bias ? in[2].type : accumulator_of(s.x);
    if (traits_of<Op>.sums_products) s.sum = accumulator_of_products(s.x, s.w);
    s.how = how;
    return s;
}

/// Some of an operator's output channels, first to last - 1: extents of the output's last axis. A proof over many
/// weights is cut into ranges, so that each stays within the compilers' limits on one constant evaluation.
struct channel_range {
    std::int32_t first = 0, last = std::numeric_limits<std::int32_t>::max();
};

/// The overflow proof of a lowered node from its actual constants and its inputs' ranges. False when the bound is
/// beyond the arithmetic, and when the operator states none: it is unproved. One without channels proves all at once.
template <signature S, operation Op>
constexpr bool never_overflows(const Op& op, const lowered_of<Op>& lowered, const_tensors in, const tensor_facts& out,
                               channel_range channels = {}) {
    if constexpr (requires { op.template never_overflows<S>(lowered, in, out, channels); })
        return op.template never_overflows<S>(lowered, in, out, channels);
    else if constexpr (requires { op.template never_overflows<S>(lowered, in, out); })
        return channels.first > 0 || op.template never_overflows<S>(lowered, in, out);
    else
        return looks_up<Op, S> || traits_of<Op>.moves_elements || traits_of<Op>.adds_nothing;
}

/// True when an operator states an overflow proof that looks at weights, channel by channel.
template <class Op, signature S>
concept proves_channels = requires(const Op& op, const lowered_of<Op>& lowered, const_tensors in,
                                   const tensor_facts& out, channel_range some) {
    op.template never_overflows<S>(lowered, in, out, some);
};

} // namespace ctq::inline CTQ_TARGET

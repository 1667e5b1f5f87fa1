#pragma once
// What an operator is: the concept, its traits, and the one way to ask an operator for each of its facts.
// room: registry | runs on: all | heap: no

#include <ctq/core/quantization.hpp>
#include <ctq/core/signature.hpp>
#include <ctq/core/tensor.hpp>
#include <ctq/registry/lowering_view.hpp>
#include <ctq/registry/source_node.hpp>
#include <ctq/registry/traits.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>

namespace ctq::inline CTQ_TARGET {

/// A named data member of an operator, or of what lowering made of it: printed by the emitter and the reports, read by
/// the importer where the ONNX attribute's name is given.
template <class Owner, class Value> struct attribute {
    std::string_view name;
    Value Owner::*member;
    std::string_view onnx_name = {};
};
template <class Owner, class Value> attribute(std::string_view, Value Owner::*) -> attribute<Owner, Value>;
template <class Owner, class Value>
attribute(std::string_view, Value Owner::*, std::string_view) -> attribute<Owner, Value>;

constexpr std::tuple<> no_attributes{};

using shapes = std::span<const shape>;

/// An operator with several outputs says how many and the shape of each.
template <class Op>
concept several_outputs = requires(const Op& op, shapes in, int which) {
    { op.output_count() } -> std::same_as<int>;
    { op.output_shape(in, which) } -> std::same_as<shape>;
};

/// An operator: pure attributes, and what they mean. Laws: `output_shape` accepts exactly the shapes that `compute` can
/// take; `compute` writes every output element and reads no other memory; equal operators mean equal functions; `name`
/// is unique in a registry.
///
/// Members that are asked for where they are there. Nothing else in ctq lists operators: whoever treats some alike asks
/// for what they state.
/// - `traits`, a `static constexpr operator_traits` (registry/traits.hpp); `output_bounds(type)` of a fixed range.
/// - for passes: `channel_axis` (see has_channel_axis), `of_channel(values)` (see affine_operation),
///   `permuted(permutation)` (the operator that does to a transposed tensor what this one does before the transpose),
///   `dropped_axes()` (those that the result lacks). A member `activation` (bounds): it can clamp its own result;
///   `activation_bounds()`: it is such a clamp.
/// - `from_onnx(node)` of a source_node; without it every input and the attributes by their ONNX names. `onnx_domain`,
///   if the names are not ONNX's own. `runs_as`: what `supported-ops` says of an operator that a pass removes.
/// - the integer meaning: a type `lowered` of what a node needs beside its attributes and inputs,
///   `lower<S>(node) -> lowered` and `compute_integer<S>(lowered, in, out)`, each for the signatures that it takes.
///   Without `lowered`: `compute_integer<S>(in, out)`.
/// - the overflow proof: `never_overflows<S>(lowered, in, out, channels) -> bool`.
template <class Op>
concept operation = std::semiregular<Op> && std::equality_comparable<Op> && requires {
    { Op::name } -> std::convertible_to<std::string_view>;
    { Op::cpp_name } -> std::convertible_to<std::string_view>;
    Op::onnx_names;
    Op::attributes;
} &&(unary_function<Op> || requires(const Op& op, const_tensors from, tensors to) { op.compute(from, to); }) &&
    (unary_function<Op> || several_outputs<Op> || requires(const Op& op, shapes in) {
        { op.output_shape(in) } -> std::same_as<shape>;
    });

template <operation Op> constexpr int output_count(const Op& op) {
    if constexpr (several_outputs<Op>)
        return op.output_count();
    else
        return 1;
}

/// The shape of output `which` for these input shapes; reports what is wrong through fail().
template <operation Op> constexpr shape output_shape(const Op& op, shapes in, int which = 0) {
    if constexpr (several_outputs<Op>) {
        return op.output_shape(in, which);
    } else if constexpr (requires { op.output_shape(in); }) {
        return op.output_shape(in);
    } else {
        require(in.size() == 1, "an element-wise function takes one input");
        return in[0];
    }
}

/// The element type of output `which` in the float meaning: float32 unless the operator says otherwise.
template <operation Op> constexpr dtype output_type(const Op& op, int which) {
    if constexpr (requires { op.output_type(which); })
        return op.output_type(which);
    else
        return dtype::float32;
}

/// The float meaning: every input and output is float32, or of the type that the operator says.
template <operation Op> constexpr void compute(const Op& op, const_tensors in, tensors out) {
    if constexpr (requires { op.compute(in, out); }) {
        op.compute(in, out);
    } else {
        const float* from = in[0].as<float>();
        float* to = out[0].as<float>();
        for (std::size_t i = 0; i < out[0].size(); ++i) to[i] = op(from[i]);
    }
}

/// y = scale * x + shift.
struct affine {
    double scale = 1, shift = 0;
};

/// An operator that multiplies each element of input 0 by a number and adds another, both known from the elements of
/// inputs 1 and up at the same place: `of_channel` of these. Its clamp, if it has one, comes after.
template <class Op>
concept affine_operation = requires(const Op& op, std::span<const float> others) {
    { op.of_channel(others) } -> std::same_as<affine>;
};

/// The header that an emitted model must include for this operator or rule; empty for ctq's own.
template <class Op>
constexpr std::string_view header_of = [] {
    if constexpr (requires { Op::header; })
        return std::string_view(Op::header);
    else
        return std::string_view();
}();

/// Multiplications with a weight; what reports and peers count as MACs. From the first input's shape and the output's.
template <operation Op> constexpr std::int64_t macs(const Op& op, const shape& in, const shape& out) {
    if constexpr (requires { op.macs(in, out); })
        return op.macs(in, out);
    else
        return 0;
}

/// The same from the shapes of all inputs, which give the output's.
template <operation Op> constexpr std::int64_t macs(const Op& op, shapes in) {
    return in.empty() ? 0 : macs(op, in[0], output_shape(op, in));
}

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

/// The integers that a node works with. `Op` is its operator; the types are those of its inputs and of its first
/// output. A sum of products has the type of its bias.
template <class Op> constexpr signature signature_of(std::span<const tensor_facts> in, dtype out, rounding how) {
    signature s;
    s.y = out;
    s.x = in.empty() ? out : in[0].type;
    const bool has_second = in.size() > 1 && role_of<Op>(1) != operand_role::parameter && !unary_function<Op>;
    s.w = has_second ? in[1].type : s.x;
    const bool has_bias = in.size() > 2 && role_of<Op>(2) == operand_role::bias && is_integer(in[2].type);
    s.sum = !is_weighted<Op> ? dtype::int32 : has_bias ? in[2].type : accumulator_of(s.x);
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

/// The bounds that an activation clamps to: an operator that has them can be fused into its producer.
template <class Op>
concept clamping = requires(const Op& op) {
    { op.activation_bounds() } -> std::same_as<bounds>;
};

/// An operator that can clamp its own result, and so take a clamping consumer into itself.
template <class Op>
concept takes_activation = requires(Op& op) {
    { op.activation } -> std::same_as<bounds&>;
};

/// The bounds within which an operator's own clamp keeps its result; `bounds::none()` where it has no clamp.
template <class Op> constexpr bounds clamp_of(const Op& op) {
    if constexpr (clamping<Op>)
        return op.activation_bounds();
    else if constexpr (takes_activation<Op>)
        return op.activation;
    else
        return bounds::none();
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// What an operator is: the concept, and the one way to ask for each of its facts; traits.hpp says what it may state of
// itself, integer_meaning.hpp what it makes of integers.
// room: registry | runs on: all | heap: no

#include <ctq/core/quantization.hpp>
#include <ctq/core/signature.hpp>
#include <ctq/core/tensor.hpp>
#include <ctq/registry/attribute.hpp>
#include <ctq/registry/lowering_view.hpp>
#include <ctq/registry/traits.hpp>

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

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
/// - `traits`, a `static constexpr operator_traits` (registry/traits.hpp); `output_bounds(type)` of a fixed range;
///   `added_bounds()`, of reals that it puts beside its input's elements.
/// - for passes: `channel_axis` (see has_channel_axis), `of_channel(values)` (see affine_operation),
///   `permuted(permutation)` (the operator that does to a transposed tensor what this one does before the transpose),
///   `dropped_axes()` (those that the result lacks), `absorb_border(border)` (becomes the operator that does to an
///   image what this one does to the image within that border, see op::image_border; false where there is none). A
///   member `activation` (bounds): it can clamp its own result; `activation_bounds()`: it is such a clamp.
/// - `count_output(which)`: where the data decide how many rows it makes; see there.
/// - `macs(in, out)`, and `steps(in, out)` where its time grows with more than these: see there.
/// - `places(in)`: of an operator that reads positions; see there.
/// - `runs_as`: what `supported-ops` says of an operator that a pass removes.
/// - the integer meaning (registry/integer_meaning.hpp): a type `lowered` of what a node needs beside attributes and
///   inputs, `lower<S>(node) -> lowered` and `compute_integer<S>(lowered, in, out)`, each for the signatures that it
///   takes. Without `lowered`: `compute_integer<S>(in, out)`.
/// - the overflow proof: `never_overflows<S>(lowered, in, out, channels) -> bool`.
template <class Op>
concept operation = std::semiregular<Op> && std::equality_comparable<Op> && requires {
    { Op::name } -> std::convertible_to<std::string_view>;
    { Op::cpp_name } -> std::convertible_to<std::string_view>;
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

/// Which output holds how many rows of output `which` the data filled, an int64 scalar; -1 where all are, as they are
/// of operators that state nothing, `static count_output(which)`. Such rows are planned for as many as there can be,
/// and are for the outside alone.
template <operation Op> constexpr int count_output(const Op&, int which) {
    if constexpr (requires { Op::count_output(which); })
        return Op::count_output(which);
    else
        return -1;
}

/// Among how many places the positions tell one that an operator reads: -places to places - 1 are there. 0 where it
/// states nothing, `places(in)`, from the inputs' shapes.
template <operation Op> constexpr std::int64_t places(const Op& op, shapes in) {
    if constexpr (requires { op.places(in); })
        return op.places(in);
    else
        return 0;
}

using dtypes = std::span<const dtype>;

/// The element type that all operands of a node have: one that its operator takes. (Parameters and positions have types
/// of their own.) Reports what is wrong through fail().
template <operation Op> constexpr dtype operand_type(dtypes in) {
    dtype common = dtype::float32;
    bool is_first = true;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (role_of<Op>(i) == operand_role::parameter) continue;
        if (role_of<Op>(i) == operand_role::positions) {
            require(in[i] == dtype::int32 || in[i] == dtype::int64, "positions must be int32 or int64");
            continue;
        }
        require(traits_of<Op>.operands != element_types::reals || in[i] == dtype::float32,
                "the operator takes float32 only");
        require(contains(traits_of<Op>.operands, in[i]), "the operator takes float32, int32 and int64 only");
        require(is_first || in[i] == common, "all operands must be of one element type");
        common = in[i];
        is_first = false;
    }
    return common;
}

/// The element type of output `which` in the float meaning, from those of the inputs: what the operator says by
/// `output_type(types, which)`, if it takes operands of several types, or by `output_type(which)`; else that of its
/// operands. Reports what is wrong with theirs through fail().
template <operation Op> constexpr dtype output_type(const Op& op, dtypes in, int which = 0) {
    if constexpr (requires { op.output_type(in, which); }) {
        return op.output_type(in, which);
    } else {
        const dtype type = operand_type<Op>(in);
        if constexpr (requires { op.output_type(which); })
            return op.output_type(which);
        else
            return in.empty() ? dtype::float32 : type;
    }
}

/// The float meaning: of float32, or of the element types that output_type() accepts.
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

/// What its time grows with where that is more than the elements that it reads and makes: the cells of windows, pairs
/// of boxes. An operator says it by `steps(in, out)`, from the inputs' shapes and the first output's, or has `macs`
/// alone. Of one the time that it takes where nobody waits for it, while constants are folded, can have a bound.
template <operation Op> constexpr std::int64_t steps(const Op& op, shapes in, const shape& out) {
    if constexpr (requires { op.steps(in, out); })
        return op.steps(in, out);
    else
        return in.empty() ? 0 : macs(op, in[0], out);
}

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

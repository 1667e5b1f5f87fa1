#pragma once
// What an operator is: the concept, and the one way to ask an operator for each of its facts.
// room: registry | runs on: all (no Boost here) | heap: no

#include <ctq/core/quantization.hpp>
#include <ctq/core/tensor.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>

namespace ctq {

/// A named data member of an operator: printed by the emitter and the reports, read by the importer where the ONNX
/// attribute's name is given.
template <class Owner, class Value> struct attribute {
    std::string_view name;
    Value Owner::*member;
    std::string_view onnx_name = {};
};
template <class Owner, class Value> attribute(std::string_view, Value Owner::*) -> attribute<Owner, Value>;
template <class Owner, class Value>
attribute(std::string_view, Value Owner::*, std::string_view) -> attribute<Owner, Value>;

constexpr std::tuple<> no_attributes{};

/// Where the quantization of an operator's output comes from: from observed values; from input 0, exactly; or from
/// the operator's own `output_bounds()`, whatever the data.
enum class range_rule : std::uint8_t { calibrated, same_as_input, fixed };

using shapes = std::span<const shape>;

/// A function of one real: all that an element-wise operator needs to say. Its shape rule, its float meaning, its
/// integer meaning (a table of 256 entries) and its import are derived.
template <class Op>
concept unary_function = requires(const Op& op, float x) {
    { op(x) } -> std::same_as<float>;
};

/// An operator. Laws: `output_shape` accepts exactly the shapes that `compute` can take; `compute` writes every output
/// element and reads no other memory; equal operators mean equal functions; `name` is unique in a registry.
template <class Op>
concept operation = std::semiregular<Op> && std::equality_comparable<Op> && requires {
    { Op::name } -> std::convertible_to<std::string_view>;
    { Op::cpp_name } -> std::convertible_to<std::string_view>;
    Op::onnx_names;
    Op::attributes;
} &&(unary_function<Op> || requires(const Op& op, shapes in, const_tensors from, tensors to) {
    { op.output_shape(in) } -> std::same_as<shape>;
    op.compute(from, to);
});

/// The shape of the output for these input shapes; reports what is wrong through fail().
template <operation Op> constexpr shape output_shape(const Op& op, shapes in) {
    if constexpr (requires { op.output_shape(in); }) {
        return op.output_shape(in);
    } else {
        require(in.size() == 1, "an element-wise function takes one input");
        return in[0];
    }
}

/// The float meaning: every input and output is float32.
template <operation Op> constexpr void compute(const Op& op, const_tensors in, tensors out) {
    if constexpr (requires { op.compute(in, out); }) {
        op.compute(in, out);
    } else {
        const float* from = in[0].as<float>();
        float* to = out[0].as<float>();
        for (std::size_t i = 0; i < out[0].size(); ++i) to[i] = op(from[i]);
    }
}

template <class Op>
constexpr range_rule range_rule_of = [] {
    if constexpr (requires { Op::output_range; })
        return Op::output_range;
    else
        return range_rule::calibrated;
}();

/// True when the output may be written over input 0 while it is computed.
template <class Op>
constexpr bool works_in_place = [] {
    if constexpr (requires { Op::in_place; })
        return Op::in_place;
    else
        return unary_function<Op>;
}();

/// True when the axes of every operand are the result's, aligned at the last one: so constant operands turn with it.
template <class Op>
constexpr bool aligns_operands = [] {
    if constexpr (requires { Op::aligns_operands; })
        return Op::aligns_operands;
    else
        return false;
}();

/// The header that an emitted model must include for this operator; empty for ctq's own.
template <class Op>
constexpr std::string_view header_of = [] {
    if constexpr (requires { Op::header; })
        return std::string_view(Op::header);
    else
        return std::string_view();
}();

/// Multiplications with a weight; what reports and peers count as MACs. From the first input's shape and the output's,
/// which a float node and its integer node have in common.
template <operation Op> constexpr std::int64_t macs(const Op& op, const shape& in, const shape& out) {
    if constexpr (requires { op.macs(in, out); })
        return op.macs(in, out);
    else
        return 0;
}

/// The same for a float node, whose input shapes give the output's.
template <operation Op> constexpr std::int64_t macs(const Op& op, shapes in) {
    return macs(op, in[0], output_shape(op, in));
}

/// True when `Op` can run on integers: by its own definition, or as an element-wise function's table.
template <class Op, class Requantizer>
concept has_integer_kernel = unary_function<Op> || requires(const Op& op, const_tensors in, tensors out) {
    op.template compute_integer<Requantizer>(in, out);
};

/// Some of an operator's output channels, first to last - 1: extents of the output's last axis. A proof over many
/// weights is cut into ranges, so that each stays within the compilers' limits on one constant evaluation.
struct channel_range {
    std::int32_t first = 0, last = std::numeric_limits<std::int32_t>::max();
};

/// The overflow proof of an integer node from its actual constants. An operator that says nothing cannot overflow; one
/// without channels proves all at once.
template <class Requantizer, operation Op>
constexpr bool never_overflows(const Op& op, const_tensors in, const tensor_facts& out, channel_range channels = {}) {
    if constexpr (requires { op.template never_overflows<Requantizer>(in, out, channels); })
        return op.template never_overflows<Requantizer>(in, out, channels);
    else if constexpr (requires { op.template never_overflows<Requantizer>(in, out); })
        return channels.first > 0 || op.template never_overflows<Requantizer>(in, out);
    else
        return true;
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

} // namespace ctq

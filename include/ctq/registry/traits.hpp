#pragma once
// traits: what an operator states of itself for whoever treats some operators alike; the one way to ask for it, and
// what must hold between traits, which is checked where an operator is registered.
// room: registry | runs on: all | heap: no

#include <ctq/core/dtype.hpp>
#include <ctq/core/quantization.hpp>
#include <ctq/core/shape.hpp>
#include <ctq/core/tensor.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// Where the quantization of an operator's output comes from: from observed values; from its inputs, exactly, which so
/// share one; or from the operator's own `output_bounds(type)`, whatever the data; `type`: of the output's integers.
/// A customary one is such a range that only some rules keep (keeps_customary_ranges): under others, in 8 bits, it goes
/// as far as the data do, which no calibration strategy cuts, for the largest elements decide.
enum class range_rule : std::uint8_t { calibrated, same_as_input, fixed, customary };

/// True for those that an operator tells by `output_bounds(type)`.
constexpr bool is_own(range_rule output) {
    return output == range_rule::fixed || output == range_rule::customary;
}

/// What an input is to a node: a tensor that is computed with; weights, whose channels lie along the trait
/// `weight_axis`; a bias, one for each channel in the scale of the products of data and weights; a constant that is
/// read where the node is lowered and that no rule quantizes; or int32 or int64 that tell positions, which no rule
/// quantizes either.
enum class operand_role : std::uint8_t { operand, weights, bias, parameter, positions };

/// Of which element types the operands of a float meaning can be: float32; float32, int32 or int64; every type. All
/// operands of a node have one type, which its result has too.
enum class element_types : std::uint8_t { reals, numbers, all };

constexpr std::string_view name_of(element_types types) {
    return types == element_types::reals     ? "float32"
           : types == element_types::numbers ? "float32, int32 and int64"
                                             : "all element types";
}

constexpr bool contains(element_types types, dtype type) {
    const bool is_number = type == dtype::float32 || type == dtype::int32 || type == dtype::int64;
    return types == element_types::all || (types == element_types::numbers ? is_number : type == dtype::float32);
}

/// The traits of an operator, which states those that are not as here, in a member of this name:
/// `static constexpr operator_traits traits{.output_range = range_rule::same_as_input, .in_place = true};`.
/// This is the one list of them. Whoever asks, asks `traits_of`.
struct operator_traits {
    // Of numbers.
    /// A view's are of every type.
    element_types operands = element_types::reals;
    range_rule output_range = range_rule::calibrated;
    /// Of inputs 0 and up; those beyond are operands. Weights are input 1, a bias input 2.
    std::array<operand_role, 8> roles{};
    /// The axis of the weights along which the output's channels lie: those under one scale, with one bias.
    int weight_axis = 0;
    /// Each element of the first output is one of input 0's, so that one range serves both. True of a view.
    bool moves_elements = false;
    /// The output has another element type than the input, or another scale: it stands between domains.
    bool converts = false;
    /// It adds up products of its two operands: in an accumulator, and rounded, as a rule's weighted sums are.
    bool sums_products = false;
    /// It makes no sum and no product that could overflow.
    bool adds_nothing = false;
    /// It has no jumps, as a function of one real: between the entries of a table of 16-bit integers lies a line.
    bool is_continuous = true;

    // Of memory.
    /// The output may be written over input 0 while it is computed. True of a function of one real.
    bool in_place = false;
    /// The output is input 0's elements as they lie.
    bool is_view = false;

    // Of form, for passes.
    /// Element i of the output is made of element i of each operand, broadcast, and of nothing else: so operands and
    /// result may be seen under another shape. True of a function of one real.
    bool is_element_wise = false;
    /// The axes of every operand are the result's, aligned at the last one: so constant operands turn with it.
    bool aligns_operands = false;
    /// Inputs 0 and 1 may change places.
    bool is_commutative = false;
    /// A scale and a shift for each extent of the output's last axis can go into the weights of that channel and its
    /// bias.
    bool folds_scale = false;

    /// The role of an input.
    constexpr operand_role role(std::size_t input) const {
        return input < roles.size() ? roles[input] : operand_role::operand;
    }
    /// True for operators with weights: sums of products.
    constexpr bool is_weighted() const { return role(1) == operand_role::weights; }

    friend constexpr bool operator==(const operator_traits&, const operator_traits&) = default;
};

/// A function of one real: all that an element-wise operator needs to say. Its shape rule, its float meaning, its
/// integer meaning (a table) and its import are derived.
template <class Op>
concept unary_function = requires(const Op& op, float x) {
    { op(x) } -> std::same_as<float>;
};

/// What `Op` states of itself, and what follows from that.
template <class Op>
constexpr operator_traits traits_of = [] {
    operator_traits all;
    if constexpr (requires { Op::traits; }) all = Op::traits;
    all.moves_elements = all.moves_elements || all.is_view;
    if (all.is_view) all.operands = element_types::all;
    all.in_place = all.in_place || unary_function<Op>;
    all.is_element_wise = all.is_element_wise || unary_function<Op>;
    return all;
}();

template <class Op> constexpr operand_role role_of(std::size_t input) {
    return traits_of<Op>.role(input);
}
template <class Op> constexpr bool is_weighted = traits_of<Op>.is_weighted();

/// The trait whose type is the operator's: a pointer to the attribute that names the axis of input 0 along which all
/// other inputs have one value for each extent, where that is not the last axis.
template <class Op>
concept has_channel_axis = requires(Op& op) {
    { op.*Op::channel_axis } -> std::same_as<std::int32_t&>;
};

/// True when the traits that `Op` states are a constant, of their type.
template <class Op>
concept states_constant_traits = !requires {
    Op::traits;
}
|| requires {
    typename std::bool_constant<Op::traits.in_place>;
    requires std::same_as<decltype(Op::traits), const operator_traits>;
};

/// True when what an operator says of integers is a template over their signature. One that is not would never be
/// asked: its nodes would stay float. (Of overloads there is no one address; a call without a signature finds them.)
template <class Op>
concept speaks_of_signatures = !requires {
    typename std::type_identity_t<decltype(&Op::compute_integer)>;
}
&&!requires {
    typename std::type_identity_t<decltype(&Op::never_overflows)>;
}
&&!requires {
    typename std::type_identity_t<decltype(&Op::lower)>;
}
&&!requires(const Op& op, const_tensors in, tensors out) {
    op.compute_integer(in, out);
}
&&!requires(const Op& op, const typename Op::lowered& with, const_tensors in, tensors out) {
    op.compute_integer(with, in, out);
};

/// True when a channel axis that is named is an attribute.
template <class Op>
concept names_channel_axis = !requires {
    Op::channel_axis;
}
|| has_channel_axis<Op>;

/// True when a range of the operator's own is told.
template <class Op>
concept tells_own_range = !is_own(traits_of<Op>.output_range) || requires(const Op& op, dtype type) {
    { op.output_bounds(type) } -> std::same_as<bounds>;
};

/// True when the elements that are moved keep the range of the input that they come from.
template <class Op>
constexpr bool keeps_moved_range =
    !traits_of<Op>.moves_elements || traits_of<Op>.output_range == range_rule::same_as_input;

/// True when weights are input 1 and a bias is input 2, where annotate and lowering look for them.
template <class Op>
constexpr bool places_weights = [] {
    for (std::size_t i = 0; i < traits_of<Op>.roles.size(); ++i)
        if ((role_of<Op>(i) == operand_role::weights && i != 1) || (role_of<Op>(i) == operand_role::bias && i != 2))
            return false;
    return true;
}();

/// True when the channel axis of weights is one that a shape can have, and of weights.
template <class Op>
constexpr bool has_weight_axis = traits_of<Op>.weight_axis == 0 || (is_weighted<Op> && traits_of<Op>.weight_axis > 0 &&
                                                                    traits_of<Op>.weight_axis < shape::max_rank);

/// True when a scale is folded into weights only.
template <class Op> constexpr bool folds_into_weights = !traits_of<Op>.folds_scale || is_weighted<Op>;

} // namespace ctq::inline CTQ_TARGET

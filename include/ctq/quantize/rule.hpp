#pragma once
// What a quantization rule is: from real ranges to integers, and the arithmetic between them.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/core/quantization.hpp>
#include <ctq/core/signature.hpp>
#include <ctq/registry/registry.hpp>
#include <ctq/registry/rule_members.hpp>
#include <ctq/registry/signatures.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// A fused activation in integers of `type`, one of the rule's.
template <class Rule>
constexpr auto activation_limits_for(dtype, const bounds& activation, const quantization& q)
    -> decltype(Rule::activation_limits(activation, q)) {
    return Rule::activation_limits(activation, q);
}
template <class Rule>
constexpr auto activation_limits_for(dtype type, const bounds& activation, const quantization& q)
    -> decltype(Rule::activation_limits(type, activation, q)) {
    return Rule::activation_limits(type, activation, q);
}

/// - `how`: the rounding of its nodes; `weighted_how` (optional): that of sums of weighted products, if another.
///   `activation_type`: the element type of integer activations. `weight_type` (optional, int8): that of weights.
///   `accumulator_type` (optional; int32, and for activations of 16 bits int64 or, layer by layer, int32 where the sums
///   are proved to fit): int32 or int64.
/// - `activation(range)`: scale > 0 and zero point for a real range that contains zero.
/// - `activation_limits(bounds, q)`: a fused activation in integers, within what the type can hold.
/// - `weight_scale(magnitude)`: the scale for weights up to that magnitude (> 0); `weight_limits`: their integers.
/// - `per_channel`: whether each output channel has a weight scale of its own.
/// - `fuses_residual` (optional): whether a sum may be fused into the convolution before it; see fuse_residual.
/// - `keeps_customary_ranges` (optional): see range_rule::customary.
/// - A rule whose activations have one of several element types, value by value: `activation_types`, an array of them
///   that begins with `activation_type`; `activation_type_for(range)`, the type for a real range;
///   `activation_limits(type, bounds, q)` instead of the form above.
/// - A rule whose `weighted_how` is `unrounded` and whose ranges are known beforehand: weighted sums stay as they are,
///   int32 in the scale of the products. Its `per_channel` is false. Floats and outputs read the sums, integer nodes
///   read them requantized.
/// - `dynamic_ranges` (optional): whether activations have scales that are measured at run time; see there.
/// - `header` (optional): what emitted models include for an arithmetic of the rule's own.
/// - `levels`, `symmetric`: what a calibration strategy should optimize for.
/// registry/rule_members.hpp checks what is stated, where a rule is registered, annotated with or quantized under.
/// Laws: zero is exact (quantize(0) == zero_point); activation(range) covers the range within half a step at each end;
/// weight_scale is monotonic; activation_limits never leave the type.
template <class Rule>
concept quantization_rule = registered_as<Rule, rule_tag> && requires(bounds range, quantization q, double magnitude) {
    { Rule::name } -> std::convertible_to<std::string_view>;
    { Rule::how } -> std::convertible_to<rounding>;
    { Rule::activation_type } -> std::convertible_to<dtype>;
    { Rule::activation(range) } -> std::same_as<quantization>;
    { activation_limits_for<Rule>(Rule::activation_type, range, q) } -> std::same_as<limits>;
    { Rule::weight_scale(magnitude) } -> std::same_as<double>;
    { Rule::weight_limits } -> std::convertible_to<limits>;
    { Rule::per_channel } -> std::convertible_to<bool>;
    { Rule::levels } -> std::convertible_to<int>;
    { Rule::symmetric } -> std::convertible_to<bool>;
} && Rule::how != rounding::in_float&& weighted_rounding_of<Rule> != rounding::in_float;

template <class Rule>
constexpr bool fuses_residual = [] {
    if constexpr (requires { Rule::fuses_residual; })
        return Rule::fuses_residual;
    else
        return false;
}();

namespace detail {

template <class Types> constexpr auto rule_list_of(const Types& types) {
    return hana::unpack(types, [](auto... each) { return rule_list<typename decltype(each)::type...>{}; });
}

} // namespace detail

/// The rules of a registry, as one list.
template <class Registry> using rules_of = decltype(detail::rule_list_of(Registry::rules()));

/// What programs that choose a rule by its name know of it.
struct rule_facts {
    std::string_view name;
    dtype activation_type;
    int levels;     ///< see quantization_rule
    bool symmetric; ///< see quantization_rule
    bool dynamic_ranges;
    int weight_bits; ///< of one weight
};

/// Of all rules of a list, in its order.
template <quantization_rule... Rules>
constexpr std::array<rule_facts, sizeof...(Rules)> facts_of_rules(rule_list<Rules...>) {
    return {rule_facts{
        Rules::name, Rules::activation_type, Rules::levels, Rules::symmetric, dynamic_ranges<Rules>,
        weight_type_of<Rules> == dtype::int4 ? 4 : static_cast<int>(8 * bytes_of(weight_type_of<Rules>, 1))}...};
}

namespace rule {

/// The real range widened to contain zero, and never empty.
constexpr bounds with_zero(const bounds& range) {
    bounds result{range.low < 0 ? range.low : 0.0f, range.high > 0 ? range.high : 0.0f};
    if (result.low == result.high) result.high = 1.0f;
    return result;
}

/// A fused activation in the integers of `type`, each bound by `to_integer(bound)`.
template <class ToInteger>
constexpr limits limits_within(dtype type, const bounds& activation, const ToInteger& to_integer) {
    limits range = limits_of(type);
    if (activation.low != bounds::none().low) range.low = to_integer(activation.low);
    if (activation.high != bounds::none().high) range.high = to_integer(activation.high);
    return range;
}

/// The same as tensors are quantized: what most rules' activation_limits are.
constexpr limits limits_within(dtype type, const bounds& activation, const quantization& q) {
    return limits_within(type, activation, [&](float bound) { return quantize(bound, q, limits_of(type)); });
}

/// The same as TFLite rounds the bounds of a fused activation.
constexpr limits tflite_limits_within(dtype type, const bounds& activation, const quantization& q) {
    return limits_within(type, activation, [&](float bound) { return quantize_half_away(bound, q, limits_of(type)); });
}

/// A fused activation in accumulators that stay as they are, within what can be requantized.
constexpr limits limits_of_accumulators(const bounds& activation, const quantization& q) {
    constexpr limits all{-static_cast<std::int32_t>(largest_saturating), static_cast<std::int32_t>(largest_saturating)};
    const limits range = limits_within(dtype::int32, activation, [&](float bound) {
        return nearest<std::int32_t>(static_cast<double>(bound) / static_cast<double>(q.scale));
    });
    return {all.clamp(range.low), all.clamp(range.high)};
}

} // namespace rule

} // namespace ctq::inline CTQ_TARGET

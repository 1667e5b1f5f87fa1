#pragma once
// What a quantization rule is: from real ranges to integers, and the arithmetic between them.
// room: quantize | runs on: compiler + host

#include <ctq/core/quantization.hpp>
#include <ctq/core/requantize.hpp>
#include <ctq/registry/registry.hpp>

namespace ctq {

/// - `requantizer`: the arithmetic that executors use. `activation_type`: the element type of integer activations.
/// - `activation(range)`: scale > 0 and zero point for a real range that contains zero.
/// - `activation_limits(bounds, q)`: a fused activation in integers, within what the type can hold.
/// - `weight_scale(magnitude)`: the scale for weights up to that magnitude (> 0); `weight_limits`: their integers.
/// - `per_channel`: whether each output channel has a weight scale of its own.
/// - `fuses_residual` (optional): whether a sum may be fused into the convolution before it; see fuse_residual.
/// - `levels`, `symmetric`: what a calibration strategy should optimize for.
/// Laws: zero is exact (quantize(0) == zero_point); activation(range) covers the range within half a step at each end;
/// weight_scale is monotonic; activation_limits never leave the type.
template <class Rule>
concept quantization_rule = registered_as<Rule, rule_tag> && requantizer<typename Rule::requantizer> &&
    requires(bounds range, quantization q, double magnitude) {
    { Rule::name } -> std::convertible_to<std::string_view>;
    { Rule::activation_type } -> std::convertible_to<dtype>;
    { Rule::activation(range) } -> std::same_as<quantization>;
    { Rule::activation_limits(range, q) } -> std::same_as<limits>;
    { Rule::weight_scale(magnitude) } -> std::same_as<double>;
    { Rule::weight_limits } -> std::convertible_to<limits>;
    { Rule::per_channel } -> std::convertible_to<bool>;
    { Rule::levels } -> std::convertible_to<int>;
    { Rule::symmetric } -> std::convertible_to<bool>;
};

/// The real range widened to contain zero, and never empty.
constexpr bounds with_zero(const bounds& range) {
    bounds result{range.low < 0 ? range.low : 0.0f, range.high > 0 ? range.high : 0.0f};
    if (result.low == result.high) result.high = 1.0f;
    return result;
}

} // namespace ctq

#pragma once
// How conv2d and dense turn float weights and bias into the constants of an integer node, under any rule.
// room: operators | runs on: compiler + host | heap: yes

#include <ctq/core/requantize.hpp>
#include <ctq/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace ctq {

namespace detail {

constexpr double largest_magnitude(std::span<const float> values) {
    double largest = 0;
    for (const float value : values) {
        const double magnitude = value < 0 ? -static_cast<double>(value) : static_cast<double>(value);
        if (magnitude > largest) largest = magnitude;
    }
    return largest;
}

} // namespace detail

/// The scale of one channel's integer weights. Beyond the rule's own choice it keeps the bias within 2^30 (a channel
/// whose weights vanish beside its bias), and gives a channel without weights a scale that resolves its bias.
template <class Rule>
constexpr double weight_scale(double largest_weight, double bias, double input_scale, double output_scale) {
    const double magnitude = bias < 0 ? -bias : bias;
    const double chosen =
        largest_weight > 0 ? Rule::weight_scale(largest_weight) : output_scale / (256.0 * input_scale);
    const double least = magnitude / (input_scale * 1073741824.0);
    return chosen < least ? least : chosen;
}

/// Quantizes inputs 1 (weights, output channel outermost) and 2 (optional bias) of the node in `context` and appends
/// the integer node's inputs as `weighted` orders them. `place(channel, k)` is where weight k of a channel goes in the
/// packed array of shape `packed`. Cost: one pass over the weights.
template <class Rule, class Context, class Place>
constexpr void quantize_weighted(Context& context, std::int32_t channels, const shape& packed, Place place) {
    using requantizer = typename Rule::requantizer;
    using multiplier_type = typename requantizer::multiplier_type;
    const std::span<const float> weights = context.constant(1);
    const std::span<const float> biases = context.input_count() > 2 ? context.constant(2) : std::span<const float>();
    const std::size_t length = weights.size() / static_cast<std::size_t>(channels);
    const quantization in = context.input(0).quantization, out = context.output().quantization;
    const double whole = detail::largest_magnitude(weights);

    const auto count = static_cast<std::size_t>(channels);
    auto integers = context.template list<std::int8_t>(static_cast<std::size_t>(packed.elements()));
    auto bias = context.template list<std::int32_t>(count);
    auto multiplier = context.template list<multiplier_type>(count);
    auto shift = context.template list<std::int8_t>(count);
    for (std::size_t channel = 0; channel < count; ++channel) {
        const auto row = weights.subspan(channel * length, length);
        const double real_bias = biases.empty() ? 0.0 : static_cast<double>(biases[channel]);
        const double largest = Rule::per_channel ? detail::largest_magnitude(row) : whole;
        const double scale = weight_scale<Rule>(largest, real_bias, in.scale, out.scale);
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < length; ++k) {
            const std::int32_t w = Rule::weight_limits.clamp(nearest_int32(static_cast<double>(row[k]) / scale));
            integers[place(static_cast<std::int32_t>(channel), static_cast<std::int32_t>(k))] =
                static_cast<std::int8_t>(w);
            sum += w;
        }
        const double product = static_cast<double>(in.scale) * scale;
        const scaling s = requantizer::encode(product / static_cast<double>(out.scale));
        const std::int64_t start = nearest_int32(real_bias / product) - in.zero_point * sum + requantizer::rounding(s);
        require(start >= -2147483647 && start <= 2147483647,
                "a channel's bias does not fit 32 bits; its weights are too small beside it: exclude the layer");
        bias[channel] = static_cast<std::int32_t>(start);
        multiplier[channel] = static_cast<multiplier_type>(s.multiplier);
        shift[channel] = static_cast<std::int8_t>(s.shift);
    }
    context.keep_input(0);
    context.append_constant("weights", packed, integers);
    context.append_constant("bias", shape{channels}, bias);
    context.append_constant("multiplier", shape{channels}, multiplier);
    context.append_constant("shift", shape{channels}, shift);
}

} // namespace ctq

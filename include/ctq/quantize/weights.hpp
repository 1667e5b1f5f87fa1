#pragma once
// weights: how a rule makes integer weights and biases of float ones, channel by channel.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/quantize/rule.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

constexpr double largest_magnitude(std::span<const float> values) {
    double largest = 0;
    for (const float value : values) {
        const double magnitude = value < 0 ? -static_cast<double>(value) : static_cast<double>(value);
        if (magnitude > largest) largest = magnitude;
    }
    return largest;
}

/// True when some weighted sums of a rule have 32 bits.
template <class Rule>
constexpr bool has_narrow_accumulators = [] {
    for (const dtype x : activation_types_of<Rule>)
        if (accumulator_under<Rule>(x) == dtype::int32) return true;
    return false;
}();

} // namespace detail

/// The scale of one channel's integer weights. Beyond the rule's own choice it keeps a bias of 32 bits within 2^30 (a
/// channel whose weights vanish beside its bias), gives a channel without weights a scale that resolves its bias, and
/// accumulators that stay as they are one that float32 holds.
template <class Rule>
constexpr double weight_scale(double largest_weight, double bias, double input_scale, double output_scale) {
    double chosen = largest_weight > 0 ? Rule::weight_scale(largest_weight) : output_scale / (256.0 * input_scale);
    if (keeps_accumulators<Rule>) chosen = std::max(chosen, 1.0e-30 / input_scale);
    if (!detail::has_narrow_accumulators<Rule>) return chosen;
    const double magnitude = bias < 0 ? -bias : bias;
    const double least = magnitude / (input_scale * 1073741824.0);
    return chosen < least ? least : chosen;
}

/// Float weights, and where their channels lie.
struct channel_weights {
    std::span<const float> values;
    ctq::shape shape;
    int axis = 0; ///< the channels'
};

/// The scale of each channel of weights, the same for all where the rule has none a channel; `biases` may be empty.
template <class Rule>
constexpr std::vector<double> weight_scales(const channel_weights& weights, std::span<const float> biases,
                                            double input_scale, double output_scale) {
    const auto channels = static_cast<std::size_t>(weights.shape[weights.axis]);
    const double whole = Rule::per_channel ? 0.0 : detail::largest_magnitude(weights.values);
    std::vector<double> largest(channels, whole), scales;
    if (Rule::per_channel)
        op::for_each_run(weights.shape, weights.axis, [&](std::size_t channel, std::size_t first, std::size_t length) {
            const double found = detail::largest_magnitude(weights.values.subspan(first, length));
            if (found > largest[channel]) largest[channel] = found;
        });
    for (std::size_t channel = 0; channel < channels; ++channel) {
        const double bias = biases.empty() ? 0.0 : static_cast<double>(biases[channel]);
        scales.push_back(weight_scale<Rule>(largest[channel], bias, input_scale, output_scale));
    }
    if (!Rule::per_channel) std::fill(scales.begin(), scales.end(), *std::max_element(scales.begin(), scales.end()));
    return scales;
}

/// The integers of weights under one scale a channel. Cost: a pass over the weights.
template <class Rule>
constexpr constant integer_weights(const channel_weights& weights, const std::vector<double>& scales) {
    constexpr dtype type = weight_type_of<Rule>;
    std::vector<element<type>> integers(entries_of(type, weights.values.size()), element<type>{});
    op::for_each_run(weights.shape, weights.axis, [&](std::size_t channel, std::size_t first, std::size_t length) {
        for (std::size_t k = first; k < first + length; ++k) {
            const std::int32_t integer =
                Rule::weight_limits.clamp(nearest_int32(static_cast<double>(weights.values[k]) / scales[channel]));
            if constexpr (type == dtype::int4)
                integers[k / 2].set(k, integer);
            else
                integers[k] = static_cast<element<type>>(integer);
        }
    });
    return constant(std::move(integers));
}

/// The integers of a bias in the scales of the products of data and weights; `type`: the accumulator's, int32 or int64.
constexpr constant integer_bias(std::span<const float> biases, const std::vector<double>& scales, dtype type) {
    const auto in_type = [&](auto zero) {
        std::vector<decltype(zero)> integers;
        for (std::size_t channel = 0; channel < biases.size(); ++channel)
            integers.push_back(nearest<decltype(zero)>(static_cast<double>(biases[channel]) / scales[channel]));
        return constant(std::move(integers));
    };
    if (type == dtype::int64) return in_type(std::int64_t{});
    return in_type(std::int32_t{});
}

} // namespace ctq::inline CTQ_TARGET

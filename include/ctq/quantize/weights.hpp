#pragma once
// weights: how a rule makes integer weights and biases of float ones, channel by channel.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/operators/element_walks.hpp>
#include <ctq/operators/weighted.hpp>
#include <ctq/quantize/rule.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
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

/// True when some weighted sums of a rule have 32 bits, whatever their weights.
template <class Rule>
constexpr bool has_narrow_accumulators = [] {
    for (const dtype x : activation_types_of<Rule>)
        if (accumulator_under<Rule>(x) == dtype::int32) return true;
    return false;
}();

/// True when some have 32 bits where their weights allow it.
template <class Rule>
constexpr bool narrows_some_accumulators = [] {
    for (const dtype x : activation_types_of<Rule>)
        if (narrows_accumulators<Rule>(x)) return true;
    return false;
}();

} // namespace detail

/// The scale of one channel's integer weights. Beyond the rule's own choice it keeps, where a channel's weights vanish
/// beside its bias, a bias of 32 bits within 2^30, and sums of 64 bits in a scale that requantizers have a multiplier
/// for, and accumulators that stay as they are one that float32 holds: by the rule's scale for larger weights, so that
/// one of shifts has powers of two only. A channel without weights has a scale that resolves its bias.
template <class Rule>
constexpr double weight_scale(double largest_weight, double bias, double input_scale, double output_scale) {
    const double magnitude = bias < 0 ? -bias : bias;
    double least = detail::has_narrow_accumulators<Rule> ? magnitude / (input_scale * 1073741824.0)
                                                         : output_scale / input_scale * 0x1p-31;
    if (keeps_accumulators<Rule>) least = std::max(least, 1.0e-30 / input_scale);
    const double chosen =
        largest_weight > 0 ? Rule::weight_scale(largest_weight) : output_scale / (256.0 * input_scale);
    return chosen < least ? Rule::weight_scale(least * Rule::weight_limits.high) : chosen;
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
        const double scale = scales[channel];
        for (std::size_t k = first; k < first + length; ++k) {
            const std::int32_t integer =
                Rule::weight_limits.clamp(nearest<std::int32_t>(static_cast<double>(weights.values[k]) / scale));
            write_integer<type>(integers.data(), k, integer);
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

/// True when 32 bits hold the sums of a channel whatever its activations, `x`, as the proof of the lowered node will
/// find; `scale`: from sums to outputs.
template <class Rule>
constexpr bool sum_fits_32_bits(const op::weight_sums& weights, std::int64_t bias, const tensor_facts& x,
                                double scale) {
    constexpr signature S{dtype::int16, weight_type_of<Rule>, dtype::int16, dtype::int32, weighted_rounding_of<Rule>};
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    std::int64_t constant = 0, room = most;
    if constexpr (rounded<S>) {
        const scaling s = requantizer_of<S>::encode(scale);
        constant = requantizer_of<S>::rounding(s);
        room = std::min(most, requantizer_of<S>::headroom(s) + constant);
    }
    const interval factors = op::factors_of(x);
    if (bias > most || bias < -most || !op::wide_products_fit<S>(weights, factors.low, factors.high)) return false;
    const std::int64_t zero = x.quantization.zero_point * (weights.positive - weights.negative);
    return op::sum_keeps_within(room, bias - zero + constant, weights, factors);
}

/// The sums of each channel's integer weights, as a rule made them. Cost: a pass over them.
template <class Rule>
constexpr std::vector<op::weight_sums> channel_sums(const constant& weights, const shape& of, int axis) {
    constexpr dtype type = weight_type_of<Rule>;
    std::vector<op::weight_sums> sums(static_cast<std::size_t>(of[axis]), op::weight_sums{});
    const auto* elements = weights.as<element<type>>().data();
    op::for_each_run(of, axis, [&](std::size_t channel, std::size_t first, std::size_t length) {
        for (std::size_t k = first; k < first + length; ++k) sums[channel].add(read_integer<type>(elements, k));
    });
    return sums;
}

} // namespace ctq::inline CTQ_TARGET

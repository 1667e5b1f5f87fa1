#pragma once
// weighted: what the integer meanings of conv2d and dense share: the inputs of a lowered node, how its constants are
// made from integer weights and bias, how an accumulator becomes an output, and the bound of the accumulators.
// room: operators | runs on: all | heap: only where constants are made (compiler, host)

#include <ctq/core/exact.hpp>
#include <ctq/core/integer.hpp>
#include <ctq/core/signature.hpp>
#include <ctq/core/tensor.hpp>
#include <ctq/operators/element_walks.hpp>
#include <ctq/registry/integer_meaning.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs of a lowered conv2d or dense node, by position. Without rounding there are neither multiplier nor shift; the
/// residual is there if the operator says so. Sums that become reals have the weights' scales instead, and the value
/// that holds the activation's scale. The value that holds its zero point, if one does, is the last input.
namespace weighted {
constexpr std::size_t activation = 0, weights = 1, bias = 2, multiplier = 3, shift = 4, residual = 5;
constexpr std::size_t weight_scale = 3, scale = 4;
} // namespace weighted

/// True when the arithmetic takes the accumulators.
template <signature S>
concept rounds_sums = rounded<S> && sizeof(typename requantizer_of<S>::accumulator_type) >= sizeof(element<S.sum>);

/// Sums of integers that become reals at once: the activation's scale is known only when the network runs.
template <signature S>
concept makes_reals = S.y == dtype::float32&& S.how == rounding::unrounded;

/// Types that sums of products are defined for.
template <signature S>
concept weighted_signature = is_activation(S.x) && is_weight(S.w) &&
                             (is_activation(S.y) || makes_reals<S>)&&(S.sum == dtype::int32 || S.sum == dtype::int64) &&
                             (rounds_sums<S> || S.how == rounding::unrounded);

/// True when 32 bits may not hold a product.
template <signature S> constexpr bool has_wide_products = S.x == dtype::int32 || S.w == dtype::int32;

/// A product: where it is wide, in the accumulator's type, which the overflow proof bounds.
template <signature S> using product_type = std::conditional_t<has_wide_products<S>, element<S.sum>, std::int32_t>;

/// An activation times a weight.
template <signature S> constexpr element<S.sum> product_of(std::int32_t activation, std::int32_t weight) {
    return product_type<S>{activation} * weight;
}

/// True when the activation's zero point is a value of the graph, which those of bytes can be. Rounded sums have it in
/// their bias.
template <signature S> constexpr bool has_dynamic_zero_point(const_tensors in) {
    return S.how == rounding::unrounded && is_byte(S.x) &&
           in.size() > (makes_reals<S> ? weighted::scale : weighted::bias) + 1;
}

/// What a sum subtracts from each activation: that zero point, or nothing.
template <signature S> constexpr std::int32_t dynamic_zero_point(const_tensors in) {
    return has_dynamic_zero_point<S>(in) ? in[in.size() - 1].as<std::int32_t>()[0] : 0;
}

/// Facts of what weights are multiplied with: the activation's own, or those of its differences from a dynamic zero
/// point.
template <signature S> constexpr tensor_facts factor_facts(const_tensors in) {
    tensor_facts facts = in[weighted::activation].facts;
    if (has_dynamic_zero_point<S>(in)) {
        const limits zero = in[in.size() - 1].facts.range;
        const auto difference = [](std::int64_t a, std::int64_t b) { return saturate<std::int32_t>(a - b); };
        facts.range = {difference(facts.range.low, zero.high), difference(facts.range.high, zero.low)};
    }
    return facts;
}

/// A real within a fused activation. Integers are within theirs by the output's range.
constexpr float within(const bounds& activation, float value) {
    return activation.clamp(value);
}
template <std::integral Integer> constexpr Integer within(const bounds&, Integer value) {
    return value;
}

/// Views of the per-channel constants. The bias holds all that is known before the program starts: the quantized bias,
/// minus the input's zero point times the sum of the weights, plus the requantizer's rounding constant.
template <signature S> struct channel_scaling {
    using requantizer = requantizer_of<S>;
    using multiplier_type = typename requantizer::multiplier_type;
    using accumulator = element<S.sum>;

    const accumulator* bias;
    const multiplier_type* multiplier;
    const std::int8_t* shift;

    constexpr explicit channel_scaling(const_tensors in)
        : bias(in[weighted::bias].as<accumulator>()),
          multiplier(in[weighted::multiplier].as<multiplier_type>()),
          shift(in[weighted::shift].as<std::int8_t>()) {}

    constexpr scaling operator[](std::size_t channel) const { return {multiplier[channel], shift[channel]}; }
    constexpr accumulator start(std::size_t channel) const { return bias[channel]; }

    /// The output integer of an accumulator that started at bias[channel]; with a residual's term, if one is given,
    /// added before the last rounding: see adds_residual.
    template <class... Term>
    constexpr element<S.y> finish(accumulator sum, std::size_t channel, const tensor_facts& out, Term... term) const {
        const std::int32_t q = requantizer::apply_folded(sum, (*this)[channel], out.quantization.zero_point, term...);
        return static_cast<element<S.y>>(out.range.clamp(q));
    }

    /// The largest magnitude of an accumulator that its type holds and that is requantized right.
    constexpr std::int64_t headroom(std::size_t channel) const {
        const std::int64_t room = requantizer::headroom((*this)[channel]) + requantizer::rounding((*this)[channel]);
        constexpr std::int64_t most = std::numeric_limits<accumulator>::max();
        return room < most ? room : most;
    }
};

/// The same where accumulators are the outputs.
template <signature S>
requires(S.how == rounding::unrounded && !makes_reals<S>) struct channel_scaling<S> {
    using accumulator = element<S.sum>;

    const accumulator* bias;

    constexpr explicit channel_scaling(const_tensors in) : bias(in[weighted::bias].as<accumulator>()) {}

    constexpr accumulator start(std::size_t channel) const { return bias[channel]; }
    constexpr element<S.y> finish(accumulator sum, std::size_t, const tensor_facts& out) const {
        return static_cast<element<S.y>>(out.range.clamp(static_cast<std::int32_t>(sum)));
    }
    constexpr std::int64_t headroom(std::size_t) const { return std::numeric_limits<std::int32_t>::max(); }
};

/// The same where sums become reals: sum * (scale * weight_scale) + bias, each step rounded to float32.
template <signature S>
requires makes_reals<S>
struct channel_scaling<S> {
    using accumulator = element<S.sum>;

    const float* bias;
    const float* weight_scale;
    const float* scale; ///< of the activation; read when the network runs

    constexpr explicit channel_scaling(const_tensors in)
        : bias(in[weighted::bias].as<float>()),
          weight_scale(in[weighted::weight_scale].as<float>()),
          scale(in[weighted::scale].as<float>()) {}

    constexpr accumulator start(std::size_t) const { return 0; }
    constexpr float finish(accumulator sum, std::size_t channel, const tensor_facts&) const {
        return multiply_add_unfused(static_cast<float>(sum), scale[0] * weight_scale[channel], bias[channel]);
    }
    constexpr std::int64_t headroom(std::size_t) const { return std::numeric_limits<std::int32_t>::max(); }
};

/// The sums of the positive and of the negative weights of a channel, both as magnitudes.
struct weight_sums {
    std::int64_t positive = 0, negative = 0;

    constexpr void add(std::int64_t weight) {
        positive += weight > 0 ? weight : 0;
        negative -= weight < 0 ? weight : 0;
    }
};

/// True when no product of a channel overflows before it is added, nor the sums of the proof below.
template <signature S>
constexpr bool wide_products_fit(const weight_sums& weights, std::int64_t low, std::int64_t high) {
    constexpr std::int64_t held = std::numeric_limits<element<S.sum>>::max();
    constexpr std::int64_t most = S.sum == dtype::int64 ? held / 4 : held;
    const std::int64_t activation = -low > high ? -low : high;
    const std::int64_t weight = weights.positive > weights.negative ? weights.positive : weights.negative;
    return activation == 0 || weight <= most / activation;
}

/// What a sum adds or multiplies of an image with padding: activations within their range. Padding is read as the zero
/// point, so that counts as one of them; 0, as which a layer without padding counts nothing, too.
constexpr interval factors_of(const tensor_facts& input) {
    const std::int64_t zero = input.quantization.zero_point < 0 ? input.quantization.zero_point : 0;
    const std::int64_t above = input.quantization.zero_point > 0 ? input.quantization.zero_point : 0;
    return {input.range.low < zero ? input.range.low : zero, input.range.high > above ? input.range.high : above};
}

/// True when a sum that starts at `start` and adds the products in any order keeps within -room .. room.
constexpr bool sum_keeps_within(std::int64_t room, std::int64_t start, const weight_sums& weights,
                                const interval& factors) {
    if (start > room || start < -room) return false;
    const std::int64_t largest = start + weights.positive * factors.high - weights.negative * factors.low;
    const std::int64_t smallest = start + weights.positive * factors.low - weights.negative * factors.high;
    return largest <= room && smallest >= -room;
}

/// True when an accumulator that starts at the bias keeps within the arithmetic, whatever activations within their
/// range come.
template <signature S>
constexpr bool accumulator_fits(const channel_scaling<S>& scales, const weight_sums& weights, const tensor_facts& input,
                                std::size_t channel) {
    const interval factors = factors_of(input);
    if constexpr (has_wide_products<S>)
        if (!wide_products_fit<S>(weights, factors.low, factors.high)) return false;
    return sum_keeps_within(scales.headroom(channel), scales.start(channel), weights, factors);
}

/// Sums that no channel of `length` weights of a type exceeds.
template <dtype Weight> constexpr weight_sums largest_sums(std::int64_t length) {
    constexpr std::int64_t low = limits_of(Weight).low, high = limits_of(Weight).high;
    const std::int64_t most = (-low > high ? -low : high) * length;
    return {most, most};
}

/// The overflow proof of some of a node's channels, of `length` weights each: no accumulator can leave the
/// requantizer's headroom. A channel's weights are read, by `sums_of(channel)`, only where they could: reading them is
/// most of what a constant evaluation of this costs, and few layers are that long.
template <signature S, class Sums>
constexpr bool accumulators_fit(const_tensors in, channel_range some, std::int64_t length, Sums sums_of) {
    const channel_scaling<S> scales(in);
    const tensor_facts factor = factor_facts<S>(in);
    const weight_sums largest = largest_sums<S.w>(length);
    const auto fit = [&](const weight_sums& sums, std::int32_t channel) {
        return accumulator_fits(scales, sums, factor, static_cast<std::size_t>(channel));
    };
    const std::int32_t last = in[weighted::bias].shape()[0];
    for (std::int32_t channel = some.first; channel < last && channel < some.last; ++channel)
        if (!fit(largest, channel) && !fit(sums_of(channel), channel)) return false;
    return true;
}

/// Places the integer weights, input 1, where `place(channel, k)` says, k counting those of a channel as they lie; the
/// sum of each channel's is returned.
template <signature S, class Node, class Weights, class Place>
constexpr auto place_weights(const Node& node, std::size_t channels, Weights& placed, Place place) {
    const auto* weights = node.template constant<element<S.w>>(1);
    auto sums = node.template list<std::int64_t>(channels);
    for_each_run(
        node.input(1).shape, node.weight_axis(), [&](std::size_t channel, std::size_t first, std::size_t length) {
            const std::size_t before = first / (length * channels) * length;
            std::int64_t sum = 0;
            for (std::size_t i = 0; i < length; ++i) {
                const std::int32_t weight = read_integer<S.w>(weights, first + i);
                const std::size_t at = place(static_cast<std::int32_t>(channel), static_cast<std::int32_t>(before + i));
                write_integer<S.w>(placed.data(), at, weight);
                sum += weight;
            }
            sums[channel] += sum;
        });
    return sums;
}

/// The same constants where sums become reals: bias and weight scales in float32, and the activation's dynamic scale.
template <signature S, class Node, class Place>
requires makes_reals<S>
constexpr void lower_weights(Node& node, std::int32_t channels, const shape& packed, Place place) {
    const auto count = static_cast<std::size_t>(channels);
    auto placed = node.template list<element<S.w>>(entries_of(S.w, static_cast<std::size_t>(packed.elements())));
    auto bias = node.template list<float>(count), weight_scale = bias;
    place_weights<S>(node, count, placed, place);
    for (std::size_t channel = 0; channel < count; ++channel) {
        weight_scale[channel] = static_cast<float>(node.scale(1, channel));
        if (node.input_count() > 2) bias[channel] = node.template constant<float>(2)[channel];
    }
    node.keep(0);
    node.append("weights", packed, placed);
    node.append("bias", shape{channels}, bias);
    node.append("weight_scale", shape{channels}, weight_scale);
    node.keep_scale(0);
    node.keep_zero_point(0);
}

/// Where the accumulator of a channel starts, with all that is known before: the bias, less the activation's zero point
/// times the sum of the weights, and the rounding constant. Of 64 bits half is left to the products, in the proof too.
template <signature S>
constexpr element<S.sum> folded_bias(std::int64_t bias, std::int32_t zero_point, std::int64_t weights,
                                     std::int64_t constant) {
    constexpr bool wide = S.sum == dtype::int64;
    constexpr double most = wide ? 0x1p62 : 2147483647.0;
    const double start = static_cast<double>(bias) - static_cast<double>(zero_point) * static_cast<double>(weights) +
                         static_cast<double>(constant);
    const bool fits = start >= -most && start <= most;
    require(fits || wide,
            "a channel's sums start beyond 32 bits, at its bias less the input's zero point times the sum "
            "of its weights; exclude the layer");
    require(fits, "a channel's sums start beyond 64 bits, at its bias less the input's zero point times the sum of its "
                  "weights; exclude the layer");
    return static_cast<element<S.sum>>(bias - zero_point * weights + constant);
}

/// Makes the constants of a lowered node: the weights in the order of `place(channel, k)` in an array of shape
/// `packed`, the folded bias and, where results are rounded, multipliers and shifts. `node` is a lowering_view: inputs
/// 0 (activation), 1 (integer weights, their channels and the scales of these along the operator's `weight_axis`) and 2
/// (bias of the sums' type, or none).
/// Cost: a pass over the weights.
template <signature S, class Node, class Place>
constexpr void lower_weights(Node& node, std::int32_t channels, const shape& packed, Place place) {
    const auto count = static_cast<std::size_t>(channels);
    const quantization in = node.input(0).quantization, out = node.output().quantization;
    auto placed = node.template list<element<S.w>>(entries_of(S.w, static_cast<std::size_t>(packed.elements())));
    auto bias = node.template list<element<S.sum>>(count);
    auto multiplier = node.template list<std::int32_t>(count);
    auto shift = node.template list<std::int8_t>(count);
    const auto sums = place_weights<S>(node, count, placed, place);
    for (std::size_t channel = 0; channel < count; ++channel) {
        std::int64_t constant = 0;
        if constexpr (rounded<S>) {
            const double product = static_cast<double>(in.scale) * node.scale(1, channel);
            const scaling s = requantizer_of<S>::encode(product / static_cast<double>(out.scale));
            constant = requantizer_of<S>::rounding(s);
            multiplier[channel] = s.multiplier;
            shift[channel] = static_cast<std::int8_t>(s.shift);
        }
        bias[channel] = folded_bias<S>(node.bias(channel), in.zero_point, sums[channel], constant);
    }
    node.keep(0);
    node.append("weights", packed, placed);
    node.append("bias", shape{channels}, bias);
    if constexpr (rounded<S>) {
        node.append_narrow("multiplier", shape{channels}, multiplier,
                           dtype_of<typename requantizer_of<S>::multiplier_type>);
        node.append("shift", shape{channels}, shift);
    } else {
        node.keep_zero_point(0);
    }
}

} // namespace ctq::inline CTQ_TARGET::op

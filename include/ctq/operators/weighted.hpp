#pragma once
// weighted: what the integer meanings of conv2d and dense share: the inputs of a lowered node, how its constants are
// made from integer weights and bias, how an accumulator becomes an output, and the bound of the accumulators.
// room: operators | runs on: all | heap: only where constants are made (compiler, host)

#include <ctq/core/signature.hpp>
#include <ctq/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// Inputs of a lowered conv2d or dense node, by position. Without rounding there are neither multiplier nor shift; the
/// residual is there if the operator says so.
namespace weighted {
constexpr std::size_t activation = 0, weights = 1, bias = 2, multiplier = 3, shift = 4, residual = 5;
}

/// True when the arithmetic takes the accumulators.
template <signature S>
concept rounds_sums = rounded<S> && sizeof(typename requantizer_of<S>::accumulator_type) >= sizeof(element<S.sum>);

/// Types that sums of products are defined for.
template <signature S>
concept weighted_signature = is_activation(S.x) && is_weight(S.w) && is_activation(S.y) &&
                             (S.sum == dtype::int32 || S.sum == dtype::int64) &&
                             (rounds_sums<S> || S.how == rounding::unrounded);

/// A product, which 32 bits hold unless both factors are wide.
template <signature S>
using product_type = std::conditional_t<S.sum == dtype::int64 && S.w == dtype::int32, std::int64_t, std::int32_t>;

/// An activation times a weight.
template <signature S> constexpr element<S.sum> product_of(std::int32_t activation, std::int32_t weight) {
    return product_type<S>{activation} * weight;
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
requires(S.how == rounding::unrounded) struct channel_scaling<S> {
    using accumulator = element<S.sum>;

    const accumulator* bias;

    constexpr explicit channel_scaling(const_tensors in) : bias(in[weighted::bias].as<accumulator>()) {}

    constexpr element<S.y> finish(accumulator sum, std::size_t, const tensor_facts& out) const {
        return static_cast<element<S.y>>(out.range.clamp(static_cast<std::int32_t>(sum)));
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

/// True when an accumulator that starts at the bias and adds the products in any order keeps within the arithmetic,
/// whatever activations within their range come. Padding is read as the zero point, so that counts as one of them.
template <signature S>
constexpr bool accumulator_fits(const channel_scaling<S>& scales, const weight_sums& weights, const tensor_facts& input,
                                std::size_t channel) {
    const std::int64_t zero = input.quantization.zero_point < 0 ? input.quantization.zero_point : 0;
    const std::int64_t above = input.quantization.zero_point > 0 ? input.quantization.zero_point : 0;
    const std::int64_t low = input.range.low < zero ? input.range.low : zero;
    const std::int64_t high = input.range.high > above ? input.range.high : above;
    const std::int64_t start = scales.bias[channel];
    const std::int64_t largest = start + weights.positive * high - weights.negative * low;
    const std::int64_t smallest = start + weights.positive * low - weights.negative * high;
    const std::int64_t room = scales.headroom(channel);
    return largest <= room && smallest >= -room;
}

/// Makes the constants of a lowered node: the weights in the order of `place(channel, k)` in an array of shape
/// `packed`, the folded bias and, where results are rounded, multipliers and shifts. `node` is a lowering_node: inputs
/// 0 (activation), 1 (integer weights, the channel outermost, their scales per channel) and 2 (int32 bias, or none).
/// Cost: a pass over the weights.
template <signature S, class Node, class Place>
constexpr void lower_weights(Node& node, std::int32_t channels, const shape& packed, Place place) {
    const auto count = static_cast<std::size_t>(channels), size = node.input(1).elements();
    const std::size_t length = size / count;
    const auto* weights = node.template constant<element<S.w>>(1);
    const quantization in = node.input(0).quantization, out = node.output().quantization;
    auto placed = node.template list<element<S.w>>(entries_of(S.w, static_cast<std::size_t>(packed.elements())));
    auto bias = node.template list<element<S.sum>>(count);
    auto multiplier = node.template list<std::int32_t>(count);
    auto shift = node.template list<std::int8_t>(count);
    for (std::size_t channel = 0; channel < count; ++channel) {
        std::int64_t sum = 0;
        for (std::size_t k = 0; k < length; ++k) {
            const std::int32_t weight = read_integer<S.w>(weights, channel * length + k);
            const std::size_t at = place(static_cast<std::int32_t>(channel), static_cast<std::int32_t>(k));
            if constexpr (S.w == dtype::int4)
                placed[at / 2].set(at, weight);
            else
                placed[at] = static_cast<element<S.w>>(weight);
            sum += weight;
        }
        std::int64_t start = node.bias(channel) - in.zero_point * sum;
        if constexpr (rounded<S>) {
            const double product = static_cast<double>(in.scale) * node.scale(1, channel);
            const scaling s = requantizer_of<S>::encode(product / static_cast<double>(out.scale));
            start += requantizer_of<S>::rounding(s);
            multiplier[channel] = s.multiplier;
            shift[channel] = static_cast<std::int8_t>(s.shift);
        }
        require(S.sum == dtype::int64 || (start >= -2147483647 && start <= 2147483647),
                "a channel's bias does not fit 32 bits; its weights are too small beside it: exclude the layer");
        bias[channel] = static_cast<element<S.sum>>(start);
    }
    node.keep(0);
    node.append("weights", packed, placed);
    node.append("bias", shape{channels}, bias);
    if constexpr (rounded<S>) {
        node.append_narrow("multiplier", shape{channels}, multiplier,
                           dtype_of<typename requantizer_of<S>::multiplier_type>);
        node.append("shift", shape{channels}, shift);
    }
}

} // namespace ctq::inline CTQ_TARGET

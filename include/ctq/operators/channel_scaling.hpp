#pragma once
// The per-channel requantization parameters of conv2d and dense, as constants of an integer node.
// room: operators | runs on: all | heap: no

#include <ctq/core/requantize.hpp>
#include <ctq/core/tensor.hpp>

#include <cstdint>
#include <type_traits>

namespace ctq {

/// Inputs of an integer conv2d or dense node, by position; the residual is there if the operator says so.
namespace weighted {
constexpr std::size_t activation = 0, weights = 1, bias = 2, multiplier = 3, shift = 4, residual = 5;
}

/// Views of the three constant planes. The bias holds all that is known before the program starts: the quantized bias,
/// minus the input's zero point times the sum of the weights, plus the requantizer's rounding constant.
template <class Requantizer> struct channel_scaling {
    using multiplier_type = typename Requantizer::multiplier_type;

    const std::int32_t* bias;
    const multiplier_type* multiplier;
    const std::int8_t* shift;

    constexpr explicit channel_scaling(const_tensors in)
        : bias(in[weighted::bias].as<std::int32_t>()),
          multiplier(in[weighted::multiplier].as<multiplier_type>()),
          shift(in[weighted::shift].as<std::int8_t>()) {}

    constexpr scaling operator[](std::size_t channel) const { return {multiplier[channel], shift[channel]}; }

    /// The output integer of an accumulator that started at bias[channel].
    constexpr std::int8_t finish(std::int32_t accumulator, std::size_t channel, std::int32_t zero_point,
                                 const limits& range) const {
        return static_cast<std::int8_t>(
            range.clamp(Requantizer::apply_folded(accumulator, (*this)[channel], zero_point)));
    }

    /// The same with a residual's term added before the last rounding; see adds_residual.
    constexpr std::int8_t finish(std::int32_t accumulator, std::size_t channel, std::int32_t zero_point,
                                 const limits& range, std::int32_t residual) const {
        return static_cast<std::int8_t>(
            range.clamp(Requantizer::apply_folded(accumulator, (*this)[channel], zero_point, residual)));
    }

    /// True when an accumulator that starts at the bias and takes products whose absolute weights sum to
    /// `absolute_weights` keeps within the requantizer's headroom, whatever int8 activations come.
    constexpr bool accumulator_fits(std::int64_t absolute_weights, std::size_t channel) const {
        const std::int64_t start = bias[channel] < 0 ? -std::int64_t{bias[channel]} : std::int64_t{bias[channel]};
        const scaling s = (*this)[channel];
        return absolute_weights * 128 + start <= Requantizer::headroom(s) + Requantizer::rounding(s);
    }
};

} // namespace ctq

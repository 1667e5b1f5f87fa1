#pragma once
// Rescaling: the integers of one quantization as those of another, clamped. The scalar definition of requantize, of a
// ReLU that changes the scale, and of TFLite's QUANTIZE from integers.
// room: core | runs on: all | heap: no | float: only to encode

#include <ctq/core/quantization.hpp>
#include <ctq/core/requantize.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET {

/// The scaling of in / out. Scales are positive and finite.
template <requantizer R> constexpr scaling encode_rescale(const quantization& in, const quantization& out) {
    return R::encode(static_cast<double>(in.scale) / static_cast<double>(out.scale));
}

/// The same with a quotient of float32, as TFLite's RELU, RELU6, RELU_N1_TO_1 and LEAKY_RELU have it.
template <requantizer R> constexpr scaling encode_activation_rescale(const quantization& in, const quantization& out) {
    const float ratio = in.scale / out.scale;
    return R::encode(static_cast<double>(ratio));
}

/// (x - zero_in) * s + zero_out, rounded as R rounds, within `range`: the limits of the type or of an activation.
/// |x - zero_in| <= largest_saturating. No scale overflows.
template <requantizer R>
constexpr std::int32_t rescale(std::int32_t x, std::int32_t zero_in, scaling s, std::int32_t zero_out,
                               const limits& range) {
    return range.clamp(apply_saturating<R>(x - zero_in, s, zero_out));
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// affine_int8, the default rule: int8 activations with a zero point, int8 weights per output channel, int32 bias.
// room: quantize | runs on: compiler + host | heap: no | source: TFLite's 8-bit quantization specification (parameters)

#include <ctq/quantize/rule.hpp>

namespace ctq::inline CTQ_TARGET::rule {

/// The parameters of TFLite's 8-bit specification under any requantization arithmetic.
template <rounding How> struct affine_int8_parameters {
    using registered_kind = rule_tag;
    static constexpr rounding how = How;
    static constexpr dtype activation_type = dtype::int8;
    static constexpr bool per_channel = true;
    static constexpr bool symmetric = false;
    static constexpr int levels = 256;
    static constexpr limits weight_limits{-127, 127};

    static constexpr quantization activation(const bounds& observed) {
        const bounds range = with_zero(observed);
        const double exact_scale = (static_cast<double>(range.high) - static_cast<double>(range.low)) / 255.0;
        constexpr double least = 1.0e-30; // keeps the reciprocal and all products of scales finite
        const auto scale = static_cast<float>(exact_scale < least ? least : exact_scale);
        const double zero = -128.0 - static_cast<double>(range.low) / static_cast<double>(scale);
        return {scale, limits_of(activation_type).clamp(nearest<std::int32_t>(zero))};
    }

    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return limits_within(activation_type, activation, q);
    }

    static constexpr double weight_scale(double magnitude) { return magnitude / 127.0; }
};

struct affine_int8 : affine_int8_parameters<rounding::three_step> {
    static constexpr std::string_view name = "affine_int8";
    static constexpr bool fuses_residual = true; ///< a sum behind a convolution is rounded once, with it
};

} // namespace ctq::inline CTQ_TARGET::rule

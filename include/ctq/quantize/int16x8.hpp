#pragma once
// int16x8, TFLite's rule for sensitive networks: int16 activations with zero point 0, int8 weights per output channel,
// sums of 64 bits, or 32 where proved. Bit for bit TFLite's (its dense layers within 1: they round in double there).
// room: quantize | runs on: compiler + host | heap: no | source: TFLite's 16x8 quantization specification

#include <ctq/quantize/rule.hpp>

namespace ctq::inline CTQ_TARGET::rule {

/// Scale: magnitude / 32767 of an activation, / 127 of a channel's weights. Source of each line: TFLite's
/// specification; tests/operators/tflite_int16x8.cpp holds its kernels' results bit for bit.
struct int16x8 {
    using registered_kind = rule_tag;
    static constexpr std::string_view name = "int16x8";
    static constexpr bool keeps_customary_ranges = true;
    static constexpr rounding how = rounding::double_rounding, weighted_how = rounding::single_rounding;
    static constexpr dtype activation_type = dtype::int16;
    static constexpr bool per_channel = true;
    static constexpr bool symmetric = true;
    static constexpr int levels = 65536;
    static constexpr limits weight_limits{-127, 127};

    static constexpr quantization activation(const bounds& observed) {
        const bounds range = with_zero(observed);
        const double magnitude = static_cast<double>(-range.low > range.high ? -range.low : range.high) / 32767.0;
        constexpr double least = 1.0e-30; // keeps the reciprocal and all products of scales finite
        return {static_cast<float>(magnitude < least ? least : magnitude), 0};
    }

    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return tflite_limits_within(activation_type, activation, q);
    }

    static constexpr double weight_scale(double magnitude) { return magnitude / 127.0; }
};

} // namespace ctq::inline CTQ_TARGET::rule

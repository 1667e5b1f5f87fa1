#pragma once
// tflite_int8: the same parameters as affine_int8 with TFLite's exact double rounding, to run TFLite models bit for
// bit.
// room: quantize | runs on: compiler + host | heap: no

#include <ctq/quantize/affine_int8.hpp>

namespace ctq::inline CTQ_TARGET::rule {

struct tflite_int8 : affine_int8_parameters<rounding::double_rounding> {
    static constexpr std::string_view name = "tflite_int8";
    static constexpr bool keeps_customary_ranges = true;

    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return tflite_limits_within(activation_type, activation, q);
    }
};

} // namespace ctq::inline CTQ_TARGET::rule

#pragma once
// shift_uint8: a quantization rule of another type and another arithmetic than ctq's: activations are uint8, weights
// int8, every scale is a power of two, and sums of products are rounded by one shift.

#include "shift_rounding.hpp"

#include <ctq/quantize/rule.hpp>

#include <string_view>

namespace my {

struct shift_uint8 {
    using registered_kind = ctq::rule_tag;
    static constexpr std::string_view name = "shift_uint8";
    static constexpr std::string_view header = "shift_rounding.hpp"; ///< what emitted headers include
    static constexpr ctq::rounding weighted_how = by_shift;          ///< of convolutions and dense layers
    static constexpr ctq::rounding how = ctq::rounding::three_step;  ///< of all else: a mean's scale is no power of two
    static constexpr ctq::dtype activation_type = ctq::dtype::uint8;
    static constexpr bool per_channel = true;
    static constexpr bool symmetric = false;
    static constexpr int levels = 256;
    static constexpr ctq::limits weight_limits{-127, 127};

    /// The least power of two with which `steps` steps reach `magnitude`.
    static constexpr double scale_for(double magnitude, double steps) {
        double scale = 0x1p-100;
        while (scale * steps < magnitude) scale *= 2;
        return scale;
    }

    /// Zero is 0 where no value is negative, else in the middle.
    static constexpr ctq::quantization activation(const ctq::bounds& observed) {
        const ctq::bounds range = ctq::rule::with_zero(observed);
        if (range.low == 0) return {static_cast<float>(scale_for(static_cast<double>(range.high), 255)), 0};
        const float magnitude = -range.low > range.high ? -range.low : range.high;
        return {static_cast<float>(scale_for(static_cast<double>(magnitude), 127)), 128};
    }

    static constexpr ctq::limits activation_limits(const ctq::bounds& activation, const ctq::quantization& q) {
        return ctq::rule::limits_within(activation_type, activation, q);
    }

    static constexpr double weight_scale(double magnitude) { return scale_for(magnitude, 127); }
};

static_assert(ctq::quantization_rule<shift_uint8>);

} // namespace my

#pragma once
// power_of_two: a quantization rule that ctq does not have. Every scale is a power of two and every zero point 0, so
// that a scale is a shift.

#include <ctq/quantize/rule.hpp>

#include <string_view>

namespace my {

struct power_of_two {
    using registered_kind = ctq::rule_tag;
    static constexpr ctq::rounding how = ctq::rounding::three_step;
    static constexpr std::string_view name = "power_of_two";
    static constexpr ctq::dtype activation_type = ctq::dtype::int8;
    static constexpr bool per_channel = false;
    static constexpr bool symmetric = true;
    static constexpr int levels = 256;
    static constexpr ctq::limits weight_limits{-127, 127};

    /// The least power of two with which 127 steps reach `magnitude`.
    static constexpr double scale_for(double magnitude) {
        double scale = 0x1p-100;
        while (scale * 127 < magnitude) scale *= 2;
        return scale;
    }

    static constexpr ctq::quantization activation(const ctq::bounds& observed) {
        const ctq::bounds range = ctq::rule::with_zero(observed);
        const float magnitude = -range.low > range.high ? -range.low : range.high;
        return {static_cast<float>(scale_for(static_cast<double>(magnitude))), 0};
    }

    static constexpr ctq::limits activation_limits(const ctq::bounds& activation, const ctq::quantization& q) {
        return ctq::rule::limits_within(activation_type, activation, q);
    }

    static constexpr double weight_scale(double magnitude) { return scale_for(magnitude); }
};

static_assert(ctq::quantization_rule<power_of_two>);

} // namespace my

#pragma once
// dynamic_int8 and dynamic_uint8: rules without calibration. Activations are quantized as they come, under scales that
// are measured at run time; weights are int8, a scale for each output channel; sums become reals again at once.
// room: quantize | runs on: compiler + host | heap: no

#include <ctq/core/dynamic_range.hpp>
#include <ctq/quantize/rule.hpp>

namespace ctq::inline CTQ_TARGET::rule {

/// `Type`: of activations, int8 (symmetric) or uint8 (with a zero point).
template <dtype Type> struct dynamic_parameters {
    static_assert(is_byte(Type), "ctq: dynamic_parameters: activations of int8 or uint8 are required");

    using registered_kind = rule_tag;
    static constexpr rounding how = rounding::unrounded;
    static constexpr dtype activation_type = Type;
    static constexpr bool dynamic_ranges = true;
    static constexpr bool per_channel = true;
    static constexpr bool symmetric = Type == dtype::int8;
    static constexpr int levels = symmetric ? 255 : 256;
    static constexpr limits weight_limits{-127, 127};

    /// What the network itself makes of such a range when it runs.
    static constexpr quantization activation(const bounds& observed) {
        return dynamic_quantization(Type, with_zero(observed));
    }
    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        constexpr limits all = dynamic_limits(Type);
        const limits range = limits_within(Type, activation, q);
        return {all.clamp(range.low), all.clamp(range.high)};
    }
    static constexpr double weight_scale(double magnitude) { return magnitude / 127.0; }
};

struct dynamic_int8 : dynamic_parameters<dtype::int8> {
    static constexpr std::string_view name = "dynamic_int8";
};

struct dynamic_uint8 : dynamic_parameters<dtype::uint8> {
    static constexpr std::string_view name = "dynamic_uint8";
};

} // namespace ctq::inline CTQ_TARGET::rule

#pragma once
// Rules that ctq does not have, so that the laws of integers are held under more than its own: symmetric and unsigned
// integers, scales that are powers of two, and an accumulator of 64 bits behind a requantizer of the rule's own.

#include "../../examples/custom_rule/power_of_two.hpp"

#include <ctq/default_registry.hpp>

#include <string_view>

namespace ctq::laws {

constexpr auto single_rounding_of_own = static_cast<rounding>(static_cast<int>(rounding::own) + 7);

} // namespace ctq::laws

template <> struct ctq::requantizer_for<ctq::laws::single_rounding_of_own> { using type = ctq::single_rounding; };

namespace ctq::laws {

/// Zero point 0 and integers of -127 to 127, rounded twice.
struct symmetric_int8 : affine_int8_parameters<rounding::double_rounding> {
    static constexpr std::string_view name = "symmetric_int8";
    static constexpr bool symmetric = true;
    static constexpr int levels = 255;

    static constexpr quantization activation(const bounds& observed) {
        const bounds range = with_zero(observed);
        const float magnitude = -range.low > range.high ? -range.low : range.high;
        constexpr float least = 1.0e-30f;
        return {magnitude / 127 < least ? least : magnitude / 127, 0};
    }
    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        constexpr limits all{-127, 127};
        const limits range = limits_within(activation_type, activation, q);
        return {all.clamp(range.low), all.clamp(range.high)};
    }
};

/// Integers of 0 to 255 with a zero point; sums are fused into convolutions.
struct affine_uint8 : affine_int8_parameters<rounding::three_step> {
    static constexpr std::string_view name = "affine_uint8";
    static constexpr dtype activation_type = dtype::uint8;
    static constexpr bool fuses_residual = true;

    static constexpr quantization activation(const bounds& observed) {
        const quantization q = affine_int8_parameters::activation(observed);
        return {q.scale, q.zero_point + 128};
    }
    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return limits_within(activation_type, activation, q);
    }
};

/// One rounding of a 64-bit product.
struct single_int8 : affine_int8_parameters<single_rounding_of_own> {
    static constexpr std::string_view name = "single_int8";
};

static_assert(quantization_rule<symmetric_int8> && quantization_rule<affine_uint8> && quantization_rule<single_int8>);

/// What the laws of integers run over.
constexpr auto rules =
    default_registry.with<my::power_of_two>().with<symmetric_int8>().with<affine_uint8>().with<single_int8>();

/// Calls visit(type of the rule) for those of 8 bits with a weight in each byte, which the stated errors are of. The
/// others are held elsewhere: int16x8 to TFLite's vectors (tests/operators/tflite_int16x8.cpp), weights of 4 bits to
/// the same weights in 8 (tests/quantize/with_weight_bits.cpp).
template <class Visitor> void for_each_byte_rule(Visitor visit) {
    rules.for_each(rules.rules(), [&](auto rule) {
        using rule_type = typename decltype(rule)::type;
        if constexpr (is_byte(rule_type::activation_type) && weight_type_of<rule_type> == dtype::int8) visit(rule);
    });
}

} // namespace ctq::laws

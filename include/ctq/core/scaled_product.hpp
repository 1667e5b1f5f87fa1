#pragma once
// scaled_product: the product of two quantized tensors in the output's integers. The scalar definition of multiply.
// room: core | runs on: all | heap: no | float: only in encode

#include <ctq/core/exact.hpp>
#include <ctq/core/requantize.hpp>

#include <cstdint>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// q = a * b * (left * right / result) + zero_point, a and b less their zero points. |a|, |b| <= 32768; one of them may
/// reach 65535 where the other stays within 32767. Rounded as `Requantizer` rounds; no scale overflows.
template <class Requantizer> struct scaled_product {
    /// The real scale of a product. The scales are positive and finite. Under TFLite's double_rounding each step is
    /// float32, as in its kernel, and may vanish.
    static constexpr double ratio(float left, float right, float result) {
        if constexpr (std::is_same_v<Requantizer, double_rounding>)
            return static_cast<double>(exact(left * right) / result);
        else
            return static_cast<double>(left) * static_cast<double>(right) / static_cast<double>(result);
    }

    /// A ratio that vanishes makes every output the zero point.
    static constexpr scaling encode(float left, float right, float result) {
        const double real = ratio(left, right, result);
        return real > 0 ? Requantizer::encode(real) : scaling{0, 0};
    }

    static constexpr std::int32_t apply(std::int32_t a, std::int32_t b, scaling s, std::int32_t zero_point) {
        return apply_saturating<Requantizer>(a * b, s, zero_point);
    }
};

} // namespace ctq::inline CTQ_TARGET

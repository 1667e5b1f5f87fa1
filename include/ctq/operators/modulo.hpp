#pragma once
// modulo: element-wise remainder of two tensors, broadcast.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// a - b * (a / b towards zero), exact: the sign is a's (std::fmod).
constexpr float remainder(float a, float b) {
    const auto whole = static_cast<double>(a);
    const double divisor = elementary::absolute(static_cast<double>(b));
    if (!elementary::is_finite(whole) || divisor == 0 || elementary::is_nan(divisor))
        return std::numeric_limits<float>::quiet_NaN();
    if (!elementary::is_finite(divisor)) return a;
    const auto left = elementary::frexp(elementary::absolute(whole)), by = elementary::frexp(divisor);
    if (left.exponent < by.exponent) return a;
    // A float is a whole number of 24 bits times a power of two. 40 bits of the power at a time: the rest of what came
    // before is below 2^24, so 64 bits hold it with them, and all is exact.
    const auto digits = static_cast<std::uint64_t>(by.fraction * 0x1p24);
    auto rest = static_cast<std::uint64_t>(left.fraction * 0x1p24) % digits;
    for (int power = left.exponent - by.exponent; power > 0; power -= 40)
        rest = (rest << (power < 40 ? power : 40)) % digits;
    const double result = elementary::ldexp(static_cast<double>(rest), by.exponent - 24);
    return static_cast<float>(elementary::copy_sign(result, whole));
}

/// The same of integers, 0 where b is 0.
template <std::signed_integral T> constexpr T remainder(T a, T b) {
    return b == 0 || b == -1 ? T{0} : static_cast<T>(a % b);
}

/// Inputs: a and b, broadcast as ONNX does. Output: the remainder of a / b, with the sign of a if `truncates`, else
/// that of b.
struct modulo {
    static constexpr std::string_view name = "modulo";
    static constexpr std::string_view cpp_name = "ctq::op::modulo";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .is_continuous = false,
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true};

    bool truncates = false;

    static constexpr auto attributes = attribute_list{attribute{"truncates", &modulo::truncates}};

    friend constexpr bool operator==(const modulo&, const modulo&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "modulo takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], [&]<class T>(T a, T b) {
            const T left = remainder(a, b);
            return truncates || left == 0 || (left < 0) == (b < 0) ? left : static_cast<T>(left + b);
        });
    }

    constexpr modulo permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op

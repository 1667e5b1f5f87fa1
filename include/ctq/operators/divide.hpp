#pragma once
// divide: element-wise quotient of two tensors, broadcast.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// a / b of reals, of 0 as IEEE 754 has it, in the compiler too, which takes such a division for an error.
constexpr float quotient(float a, float b) {
    if (b != 0 || b != b) return a / b;
    if (a == 0 || a != a) return std::numeric_limits<float>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const bool is_negative =
        elementary::sign_bit(static_cast<double>(a)) != elementary::sign_bit(static_cast<double>(b));
    return static_cast<float>(is_negative ? -infinity : infinity);
}

/// Inputs: a and b, broadcast as ONNX does. Output: a / b; of integers towards zero, modulo 2^bits, and 0 where b is 0.
struct divide {
    static constexpr std::string_view name = "divide";
    static constexpr std::string_view cpp_name = "ctq::op::divide";
    static constexpr operator_traits traits{
        .operands = element_types::numbers, .in_place = true, .is_element_wise = true, .aligns_operands = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const divide&, const divide&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "divide takes two inputs");
        return broadcast(in[0], in[1]);
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], []<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return quotient(a, b);
            else
                return wrapped_quotient(a, b);
        });
    }

    constexpr divide permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op

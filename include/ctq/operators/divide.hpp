#pragma once
// divide: element-wise quotient of two tensors, broadcast.
// room: operators | runs on: all | heap: no

#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>
#include <cstdint>
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
/// Integer meaning, where b is constant: a requantized by the scale that each divisor makes of it, rounded once as
/// `requantizer_of<S>` rounds; what is divided by less than 2^-17 of an output's step, by 0 too, saturates.
struct divide {
    static constexpr std::string_view name = "divide";
    static constexpr std::string_view cpp_name = "ctq::op::divide";
    static constexpr operator_traits traits{.operands = element_types::numbers,
                                            .roles = {operand_role::operand, operand_role::parameter},
                                            .in_place = true,
                                            .is_element_wise = true,
                                            .aligns_operands = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const divide&, const divide&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// What lowering makes of the divisors: tables of their shape. A multiplier has the divisor's sign.
    static constexpr std::size_t multiplier = 1, shift = 2;
    template <signature S> using multiplier_type = typename requantizer_of<S>::multiplier_type;

    /// The size of what a divisor multiplies by.
    template <signature S> static constexpr scaling scaling_at(const_tensors in, std::size_t at) {
        const auto signed_multiplier = std::int32_t{in[multiplier].as<multiplier_type<S>>()[at]};
        return {signed_multiplier < 0 ? -signed_multiplier : signed_multiplier, in[shift].as<std::int8_t>()[at]};
    }

    /// Beyond every output, whatever is divided.
    static constexpr double largest_scale = 131072;

  public:
    constexpr shape output_shape(shapes in) const {
        require(in.size() == 2, "divide takes two inputs");
        return broadcast(in[0], in[1]);
    }
    constexpr dtype output_type(dtypes in, int) const {
        require(in.size() == 2 && in[0] == in[1] && contains(traits.operands, in[0]),
                "divide takes two operands of one type of numbers");
        return in[0];
    }

    constexpr void compute(const_tensors in, tensors out) const {
        for_each_pair(in, out[0], []<class T>(T a, T b) {
            if constexpr (std::is_same_v<T, float>)
                return quotient(a, b);
            else
                return wrapped_quotient(a, b);
        });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const auto* from = in[0].as<element<S.x>>();
        auto* to = out[0].as<element<S.y>>();
        const auto* multipliers = in[multiplier].as<multiplier_type<S>>();
        for_each_broadcast(out[0].shape(), in[0].shape(), in[multiplier].shape(),
                           [&](std::size_t i, std::size_t at, std::size_t divisor) {
                               const std::int32_t size = from[at] - in[0].zero_point();
                               const std::int32_t scaled = scaled_to<S>(multipliers[divisor] < 0 ? -size : size,
                                                                        scaling_at<S>(in, divisor), out[0].facts);
                               to[i] = static_cast<element<S.y>>(out[0].facts.range.clamp(scaled));
                           });
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts&) const {
        const std::int64_t farthest = farthest_from_zero(in[0].facts);
        for (std::size_t i = 0; i < in[multiplier].size(); ++i)
            if (farthest > room_to_scale<S>(scaling_at<S>(in, i))) return false;
        return true;
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape& of = node.input(1).shape;
        const auto count = static_cast<std::size_t>(of.elements());
        const float* divisors = node.template constant<float>(1);
        const double ratio = static_cast<double>(node.input(0).quantization.scale) /
                             static_cast<double>(node.output().quantization.scale);
        auto multipliers = node.template list<multiplier_type<S>>(count);
        auto shifts = node.template list<std::int8_t>(count);
        for (std::size_t i = 0; i < count; ++i) {
            const double size = elementary::absolute(static_cast<double>(divisors[i]));
            const scaling s = encode_saturating<S>(size * largest_scale > ratio ? ratio / size : largest_scale);
            multipliers[i] = static_cast<multiplier_type<S>>(divisors[i] < 0 ? -s.multiplier : s.multiplier);
            shifts[i] = static_cast<std::int8_t>(s.shift);
        }
        node.keep(0);
        node.append("multiplier", of, multipliers);
        node.append("shift", of, shifts);
        return {};
    }

    constexpr divide permuted(std::span<const std::int32_t>) const { return *this; }
};

} // namespace ctq::inline CTQ_TARGET::op

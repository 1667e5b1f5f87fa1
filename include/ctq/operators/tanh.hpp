#pragma once
// tanh: the hyperbolic tangent.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/core/logistic_int16.hpp>
#include <ctq/operators/fixed_int16.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The hyperbolic tangent; the output's scale is fixed, see output_bounds. Integer meaning: in 8 bits a table of the
/// nearest integers; in int16 core/logistic_int16.hpp, TFLite's arithmetic, which states the error.
struct tanh {
    static constexpr std::string_view name = "tanh";
    static constexpr std::string_view cpp_name = "ctq::op::tanh";
    // It adds nothing: in int16 the format bounds it, else it is a table.
    static constexpr operator_traits traits{.output_range = range_rule::fixed, .adds_nothing = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const tanh&, const tanh&) = default;

    using lowered = fixed_int16::lowered;

    /// Steps of 1/128 around zero point 0 in 8 bits, of 2^-15 in 16, as TFLite fixes it; in 32 both ends.
    static constexpr bounds output_bounds(dtype type) {
        if (is_byte(type)) return {-1.0f, 127.0f / 128.0f};
        return {-unit_interval(type).high, unit_interval(type).high};
    }
    constexpr float operator()(float x) const { return static_cast<float>(elementary::tanh(static_cast<double>(x))); }

    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        fixed_int16::apply(tanh_int16<fixed_int16::real<S>>, with, in[0], out[0]);
    }

    template <signature S, lowering_view Node>
    requires fixed_int16::signature_of_function<S>
    constexpr lowered lower(Node& node) const { return fixed_int16::lower(encode_tanh_int16, node); }
};

} // namespace ctq::inline CTQ_TARGET::op

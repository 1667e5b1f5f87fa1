#pragma once
// sigmoid: 1 / (1 + exp(-x)).
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/core/logistic_int16.hpp>
#include <ctq/operators/fixed_int16.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// 1 / (1 + exp(-x)); the output's scale is fixed, [0, 1) as `unit_interval` has it. Integer meaning: in 8 bits a table
/// of the nearest integers; in int16 core/logistic_int16.hpp, TFLite's arithmetic, which states the error.
struct sigmoid {
    static constexpr std::string_view name = "sigmoid";
    static constexpr std::string_view cpp_name = "ctq::op::sigmoid";
    // It adds nothing: in int16 the format bounds it, else it is a table.
    static constexpr operator_traits traits{.output_range = range_rule::fixed, .adds_nothing = true};
    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const sigmoid&, const sigmoid&) = default;

    using lowered = fixed_int16::lowered;

    static constexpr bounds output_bounds(dtype type) { return unit_interval(type); }
    constexpr float operator()(float x) const {
        return static_cast<float>(elementary::logistic(static_cast<double>(x)));
    }

    template <signature S>
    requires fixed_int16::signature_of_function<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        fixed_int16::apply(logistic_int16<fixed_int16::real<S>>, with, in[0], out[0]);
    }

    template <signature S, lowering_view Node>
    requires fixed_int16::signature_of_function<S>
    constexpr lowered lower(Node& node) const { return fixed_int16::lower(encode_logistic_int16, node); }
};

} // namespace ctq::inline CTQ_TARGET::op

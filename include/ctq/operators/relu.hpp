#pragma once
// relu: max(x, 0).
// room: operators | runs on: all | heap: no

#include <ctq/operators/clamping.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The larger of a real and zero. Integer meaning: the larger of the input's integer and its zero point, exact;
/// requantized first where the output has a scale of its own.
struct relu {
    static constexpr std::string_view name = "relu";
    static constexpr std::string_view cpp_name = "ctq::op::relu";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input};

    static constexpr auto attributes = no_attributes;

    friend constexpr bool operator==(const relu&, const relu&) = default;

    using lowered = clamp_scaling;

    constexpr bounds activation_bounds() const { return bounds::relu(); }
    constexpr float operator()(float x) const { return bounds::relu().clamp(x); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        clamp_integers<S>(with, in[0], out[0]);
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr bool never_overflows(const lowered& with, const_tensors in, const tensor_facts&) const {
        return clamp_fits(with, in[0].facts);
    }

    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr lowered lower(Node& node) const { return lower_clamp<S>(node); }
};

} // namespace ctq::inline CTQ_TARGET::op

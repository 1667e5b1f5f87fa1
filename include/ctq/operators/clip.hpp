#pragma once
// clip: min(max(x, low), high); ReLU6 among others.
// room: operators | runs on: all | heap: no

#include <ctq/operators/clamping.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// A real within `to`, which may be open at either end. Integer meaning: the input's integer within the nearest of each
/// bound, exact; requantized first where the output has a scale of its own.
struct clip {
    static constexpr std::string_view name = "clip";
    static constexpr std::string_view cpp_name = "ctq::op::clip";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input};

    bounds to{};

    static constexpr auto attributes = attribute_list{attribute{"to", &clip::to}};

    friend constexpr bool operator==(const clip&, const clip&) = default;

    using lowered = clamp_scaling;

    constexpr bounds activation_bounds() const { return to; }
    constexpr float operator()(float x) const { return to.clamp(x); }

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

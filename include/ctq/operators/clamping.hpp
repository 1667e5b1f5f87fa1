#pragma once
// The integer meaning that relu and clip share where they could not be fused into their producer.
// room: operators | runs on: all | heap: no

#include <ctq/core/rescale.hpp>
#include <ctq/operators/element_wise.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET::op {

/// What lowering makes of relu and clip.
struct clamp_scaling {
    bool rescales = false; ///< where input and output are not quantized alike
    scaling scale{};       ///< input over output, where it rescales

    static constexpr auto attributes =
        attribute_list{attribute{"rescales", &clamp_scaling::rescales}, attribute{"scale", &clamp_scaling::scale}};
    friend constexpr bool operator==(const clamp_scaling&, const clamp_scaling&) = default;
};

template <signature S, lowering_view Node> constexpr clamp_scaling lower_clamp(Node& node) {
    node.keep(0);
    const quantization &in = node.input(0).quantization, &out = node.output().quantization;
    if (in == out) return {};
    if constexpr (rounded<S>)
        return {true, encode_activation_rescale<requantizer_of<S>>(in, out)};
    else
        fail("a clamp without rounding needs an input and an output of one scale");
}

/// The bounds are the output's range.
template <signature S>
constexpr void clamp_integers(const clamp_scaling& with, const const_tensor& in, const tensor& out) {
    using stored = element<S.x>;
    const stored* from = in.as<stored>();
    stored* to = out.as<stored>();
    if constexpr (rounded<S>)
        if (with.rescales) {
            for (std::size_t i = 0; i < out.size(); ++i)
                to[i] = static_cast<stored>(rescale<requantizer_of<S>>(from[i], in.zero_point(), with.scale,
                                                                       out.zero_point(), out.facts.range));
            return;
        }
    for (std::size_t i = 0; i < out.size(); ++i) to[i] = static_cast<stored>(out.facts.range.clamp(from[i]));
}

/// True when no integer of the input is farther from its zero point than the change of scale takes.
constexpr bool clamp_fits(const clamp_scaling& with, const tensor_facts& in) {
    return !with.rescales || farthest_from_zero(in) <= largest_saturating;
}

} // namespace ctq::inline CTQ_TARGET::op

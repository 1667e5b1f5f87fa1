#pragma once
// leaky_relu: x where it is positive, else a part of it.
// room: operators | runs on: all | heap: no

#include <ctq/core/elementary.hpp>
#include <ctq/core/requantize.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// max(0, x) + alpha * min(0, x). Integer meaning: x less its zero point, rescaled by one of two multipliers; under
/// TFLite's rounding its LEAKY_RELU.
struct leaky_relu {
    static constexpr std::string_view name = "leaky_relu";
    static constexpr std::string_view cpp_name = "ctq::op::leaky_relu";

    float alpha = 0.01f; ///< the slope below 0, finite

    static constexpr auto attributes = attribute_list{attribute{"alpha", &leaky_relu::alpha}};

    friend constexpr bool operator==(const leaky_relu&, const leaky_relu&) = default;

    struct lowered {
        scaling above, below; ///< below 0: of the magnitude, by that of alpha

        static constexpr auto attributes =
            attribute_list{attribute{"above", &lowered::above}, attribute{"below", &lowered::below}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    constexpr float operator()(float x) const { return x < 0 ? alpha * x : x; }

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::int32_t x = in[0].as<element<S.x>>()[i] - in[0].zero_point(), zero = out[0].zero_point();
            const std::int32_t y = x >= 0 ? apply_saturating<requantizer_of<S>>(x, with.above, zero)
                                          : apply_saturating<requantizer_of<S>>(alpha < 0 ? -x : x, with.below, zero);
            out[0].as<element<S.y>>()[i] = static_cast<element<S.y>>(out[0].facts.range.clamp(y));
        }
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered&, const_tensors in, const tensor_facts&) const {
        return farthest_from_zero(in[0].facts) <= largest_saturating;
    }

    /// The factors are quotients of float32, as TFLite has them.
    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        require(elementary::is_finite(alpha), "the slope of leaky_relu must be finite");
        node.keep(0);
        const float in = node.input(0).quantization.scale, out = node.output().quantization.scale;
        const float above = in / out, below = exact(in * elementary::absolute(alpha)) / out;
        return {encode_saturating<S>(static_cast<double>(above)), encode_saturating<S>(static_cast<double>(below))};
    }
};

} // namespace ctq::inline CTQ_TARGET::op

#pragma once
// conversion: what quantize, dequantize and requantize share, the nodes that annotate inserts under known scales.
// room: operators | runs on: all | heap: no

#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

namespace detail {

/// One input, whose reals are the output's.
struct conversion {
    static constexpr auto attributes = no_attributes;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "a conversion takes one input");
        return in[0];
    }
    constexpr void compute(const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) out[0].as<float>()[i] = in[0].as<float>()[i];
    }
    friend constexpr bool operator==(const conversion&, const conversion&) = default;
};

} // namespace detail

} // namespace ctq::inline CTQ_TARGET::op

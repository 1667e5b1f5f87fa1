#pragma once
// The integer meaning that relu and clip share where they could not be fused into their producer.
// room: operators | runs on: all | heap: no

#include <ctq/core/quantization.hpp>
#include <ctq/core/tensor.hpp>

#include <cstdint>

namespace ctq {

constexpr void clamp_integers(const const_tensor& in, const tensor& out, const limits& to) {
    for (std::size_t i = 0; i < out.size(); ++i)
        out.as<std::int8_t>()[i] = static_cast<std::int8_t>(to.clamp(in.as<std::int8_t>()[i]));
}

template <class Rule, class Op, class Context> constexpr Op quantized_clamp(const Op& op, Context& context) {
    context.keep_input(0);
    Op result = op;
    result.clamp = Rule::activation_limits(op.activation_bounds(), context.output().quantization);
    return result;
}

} // namespace ctq

#pragma once
// dequantize: integers to float, at the exits of integer layers.
// room: operators | runs on: all | heap: no

#include <ctq/operators/conversion.hpp>
#include <ctq/registry/integer_meaning.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Integers to float32 under the input's scale and zero point.
struct dequantize : detail::conversion {
    static constexpr std::string_view name = "dequantize";
    static constexpr std::string_view cpp_name = "ctq::op::dequantize";
    static constexpr operator_traits traits{.converts = true, .adds_nothing = true};

    template <signature S>
    requires(is_activation(S.x) && S.y == dtype::float32) constexpr void compute_integer(const_tensors in,
                                                                                         tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<float>()[i] = ctq::dequantize(in[0].as<element<S.x>>()[i], in[0].facts.quantization);
    }
};

} // namespace ctq::inline CTQ_TARGET::op

#pragma once
// quantize: float to integers, at the entries of integer layers.
// room: operators | runs on: all | heap: no

#include <ctq/operators/conversion.hpp>
#include <ctq/registry/integer_meaning.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// float32 to integers under the output's scale and zero point.
struct quantize : detail::conversion {
    static constexpr std::string_view name = "quantize";
    static constexpr std::string_view cpp_name = "ctq::op::quantize";
    static constexpr operator_traits traits{.converts = true, .adds_nothing = true};

    /// Rounded as TFLite's QUANTIZE rounds where the node rounds as TFLite does.
    template <signature S>
    requires(S.x == dtype::float32 && is_activation(S.y)) constexpr void compute_integer(const_tensors in,
                                                                                         tensors out) const {
        const tensor_facts& facts = out[0].facts;
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const float real = in[0].as<float>()[i];
            if constexpr (S.how == rounding::double_rounding)
                out[0].as<element<S.y>>()[i] =
                    static_cast<element<S.y>>(quantize_half_away(real, facts.quantization, facts.range));
            else
                out[0].as<element<S.y>>()[i] = static_cast<element<S.y>>(ctq::quantize(real, facts));
        }
    }
};

} // namespace ctq::inline CTQ_TARGET::op

#pragma once
// The three conversions that annotate inserts under known scales: float to integers, back, and integers to integers.
// room: operators | runs on: all | heap: no

#include <ctq/core/rescale.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

namespace detail {

/// What the three have in common: one input, whose reals are the output's.
struct conversion {
    static constexpr std::array<std::string_view, 0> onnx_names{};
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

/// Integers under one scale and zero point to integers under another, where two consumers, a concat or two rules need
/// it.
struct requantize : detail::conversion {
    static constexpr std::string_view name = "requantize";
    static constexpr std::string_view cpp_name = "ctq::op::requantize";
    static constexpr operator_traits traits{.converts = true, .in_place = true};

    struct lowered {
        scaling scale{};

        static constexpr auto attributes = std::tuple{attribute{"scale", &lowered::scale}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };

    template <signature S>
    requires element_wise_signature<S>
    constexpr void compute_integer(const lowered& with, const_tensors in, tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i) {
            const std::int32_t value = rescale<requantizer_of<S>>(in[0].as<element<S.x>>()[i], in[0].zero_point(),
                                                                  with.scale, out[0].zero_point(), out[0].facts.range);
            out[0].as<element<S.y>>()[i] = static_cast<element<S.y>>(value);
        }
    }

    template <signature S>
    requires element_wise_signature<S>
    constexpr bool never_overflows(const lowered&, const_tensors in, const tensor_facts&) const {
        return farthest_from_zero(in[0].facts) <= largest_saturating;
    }

    template <signature S, lowering_view Node>
    requires element_wise_signature<S>
    constexpr lowered lower(Node& node) const {
        node.keep(0);
        return {encode_rescale<requantizer_of<S>>(node.input(0).quantization, node.output().quantization)};
    }
};

} // namespace ctq::inline CTQ_TARGET::op

#pragma once
// requantize: integers of one scale to integers of another, where readers want theirs.
// room: operators | runs on: all | heap: no

#include <ctq/core/rescale.hpp>
#include <ctq/operators/conversion.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/registry/integer_meaning.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Integers under one scale and zero point to integers under another, where two consumers, a concat or two rules need
/// it.
struct requantize : detail::conversion {
    static constexpr std::string_view name = "requantize";
    static constexpr std::string_view cpp_name = "ctq::op::requantize";
    static constexpr operator_traits traits{.converts = true, .in_place = true};

    struct lowered {
        scaling scale{};

        static constexpr auto attributes = attribute_list{attribute{"scale", &lowered::scale}};
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

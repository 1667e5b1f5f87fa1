#pragma once
// Rules that ctq does not have, so that the laws of integers are held under more than its own: symmetric and unsigned
// integers, both in one network, scales that are powers of two, an accumulator of 64 bits behind a requantizer of the
// rule's own, one that shifts, sums that stay accumulators, sums of another width, and 32-bit integers.

#include "../../examples/custom_rule/power_of_two.hpp"
#include "../../examples/custom_rule/shift_uint8.hpp"

#include <ctq/default_registry.hpp>
#include <ctq/quantize/annotate.hpp>

#include <operators/single_node.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::laws {

constexpr auto single_rounding_of_own = static_cast<rounding>(static_cast<int>(rounding::own) + 7);

} // namespace ctq::laws

template <> struct ctq::requantizer_for<ctq::laws::single_rounding_of_own> { using type = ctq::single_rounding; };

namespace ctq::laws {

/// Zero point 0 and integers of -127 to 127, rounded twice.
struct symmetric_int8 : rule::affine_int8_parameters<rounding::double_rounding> {
    static constexpr std::string_view name = "symmetric_int8";
    static constexpr bool symmetric = true;
    static constexpr int levels = 255;

    static constexpr quantization activation(const bounds& observed) {
        const bounds range = rule::with_zero(observed);
        const float magnitude = -range.low > range.high ? -range.low : range.high;
        constexpr float least = 1.0e-30f;
        return {magnitude / 127 < least ? least : magnitude / 127, 0};
    }
    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        constexpr limits all{-127, 127};
        const limits range = rule::limits_within(activation_type, activation, q);
        return {all.clamp(range.low), all.clamp(range.high)};
    }
};

/// Integers of 0 to 255 with a zero point; sums are fused into convolutions.
struct affine_uint8 : rule::affine_int8_parameters<rounding::three_step> {
    static constexpr std::string_view name = "affine_uint8";
    static constexpr dtype activation_type = dtype::uint8;
    static constexpr bool fuses_residual = true;

    static constexpr quantization activation(const bounds& observed) {
        const quantization q = affine_int8_parameters::activation(observed);
        return {q.scale, q.zero_point + 128};
    }
    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        return rule::limits_within(activation_type, activation, q);
    }
};

/// One rounding of a 64-bit product.
struct single_int8 : rule::affine_int8_parameters<single_rounding_of_own> {
    static constexpr std::string_view name = "single_int8";
};

/// MXNet's "auto": 0 to 255 where no value is negative, else -127 to 127; zero point 0.
struct auto_int8 : rule::affine_int8_parameters<rounding::three_step> {
    static constexpr std::string_view name = "auto_int8";
    static constexpr bool fuses_residual = true;
    static constexpr std::array activation_types{dtype::int8, dtype::uint8};

    static constexpr dtype activation_type_for(const bounds& observed) {
        return rule::with_zero(observed).low < 0 ? dtype::int8 : dtype::uint8;
    }
    static constexpr quantization activation(const bounds& observed) {
        const bounds range = rule::with_zero(observed);
        const float largest = range.low == 0 ? range.high / 255 : std::max(-range.low, range.high) / 127;
        constexpr float least = 1.0e-30f;
        return {largest < least ? least : largest, 0};
    }
    static constexpr limits activation_limits(dtype type, const bounds& activation, const quantization& q) {
        const limits all = type == dtype::int8 ? limits{-127, 127} : limits{0, 255};
        const limits range = rule::limits_within(type, activation, q);
        return {all.clamp(range.low), all.clamp(range.high)};
    }
};

/// The same, and sums of products stay accumulators.
struct auto_int8_sums : auto_int8 {
    static constexpr std::string_view name = "auto_int8_sums";
    static constexpr rounding weighted_how = rounding::unrounded;
    static constexpr bool per_channel = false, fuses_residual = false;
};

/// int16 activations whose sums are proved to fit 32 bits.
struct int16_in_32_bits : rule::int16x8 {
    static constexpr std::string_view name = "int16_in_32_bits";
    static constexpr rounding weighted_how = rounding::double_rounding;
    static constexpr dtype accumulator_type = dtype::int32;
};

/// int16 activations whose sums have 64 bits also where 32 would do; not among the rules of the laws.
struct int16_in_64_bits : rule::int16x8 {
    static constexpr std::string_view name = "int16_in_64_bits";
    static constexpr dtype accumulator_type = dtype::int64;
};

/// Activations and weights are int32 of a precision: -Largest to Largest.
template <std::int32_t Largest, dtype Sum, rounding Weighted> struct int32_parameters {
    using registered_kind = rule_tag;
    static constexpr rounding how = rounding::double_rounding, weighted_how = Weighted;
    static constexpr dtype activation_type = dtype::int32, weight_type = dtype::int32, accumulator_type = Sum;
    static constexpr bool per_channel = Weighted != rounding::unrounded, symmetric = true;
    static constexpr int levels = 2 * Largest + 1;
    static constexpr limits weight_limits{-Largest, Largest};

    static constexpr quantization activation(const bounds& observed) {
        const bounds range = rule::with_zero(observed);
        constexpr float least = 1.0e-30f;
        return {std::max(std::max(-range.low, range.high) / Largest, least), 0};
    }
    static constexpr limits activation_limits(const bounds& activation, const quantization& q) {
        const limits range = rule::limits_within(activation_type, activation, q);
        return {weight_limits.clamp(range.low), weight_limits.clamp(range.high)};
    }
    static constexpr double weight_scale(double magnitude) { return magnitude / Largest; }
};

/// 16 bits of precision, summed in 64 bits and rounded.
struct int32_in_64_bits : int32_parameters<32767, dtype::int64, rounding::single_rounding> {
    static constexpr std::string_view name = "int32_in_64_bits";
};
/// 12 bits, summed in 32 where that is proved and rounded.
struct int32_in_32_bits : int32_parameters<2047, dtype::int32, rounding::double_rounding> {
    static constexpr std::string_view name = "int32_in_32_bits";
};
/// 12 bits; the sums stay as they are.
struct int32_sums : int32_parameters<2047, dtype::int32, rounding::unrounded> {
    static constexpr std::string_view name = "int32_sums";
};

static_assert(quantization_rule<auto_int8> && quantization_rule<auto_int8_sums> &&
              quantization_rule<int16_in_32_bits> && quantization_rule<int32_in_64_bits> &&
              quantization_rule<int32_in_32_bits> && quantization_rule<int32_sums>);
static_assert(quantization_rule<symmetric_int8> && quantization_rule<affine_uint8> && quantization_rule<single_int8>);

/// What the laws of integers run over.
constexpr auto rules = default_registry.with<my::power_of_two>()
                           .with<symmetric_int8>()
                           .with<affine_uint8>()
                           .with<single_int8>()
                           .with<auto_int8>()
                           .with<auto_int8_sums>()
                           .with<my::shift_uint8>()
                           .with<int16_in_32_bits>()
                           .with<int32_in_64_bits>()
                           .with<int32_in_32_bits>()
                           .with<int32_sums>();

/// The same as one list. Graphs are annotated, lowered and run under the list, so that this is compiled once and not
/// once a rule; which rule a node follows is its domain.
using all_rules = rules_of<std::remove_const_t<decltype(rules)>>;

/// Calls visit(type of the rule) for each whose ranges are known beforehand; tests/quantize/dynamic_int8.cpp holds the
/// others to bounds of their own.
template <class Visitor> void for_each_rule(Visitor visit) {
    rules.for_each(rules.rules(), [&](auto rule) {
        if constexpr (!dynamic_ranges<typename decltype(rule)::type>) visit(rule);
    });
}

/// The domain of a rule's nodes.
template <class Rule> constexpr int domain_of = testing::domain_among<Rule, all_rules>::value;

/// The name of a domain's rule.
inline std::string rule_in(int domain) {
    return std::string(ctq::detail::domains_of(all_rules{})[static_cast<std::size_t>(domain)].name);
}

/// The graph under the rule of a domain; `keep_float`: nodes that stay float.
inline default_graph annotated_in(int domain, const default_graph& graph, std::vector<bounds> ranges,
                                  const flags& keep_float) {
    std::vector<int> domains;
    for (const std::uint8_t keep : keep_float) domains.push_back(keep != 0 ? float_domain : domain);
    return annotate<all_rules>(graph, std::move(ranges), domains);
}
template <class Rule>
default_graph annotated_under(const default_graph& graph, std::vector<bounds> ranges, const flags& keep_float) {
    return annotated_in(domain_of<Rule>, graph, std::move(ranges), keep_float);
}

} // namespace ctq::laws

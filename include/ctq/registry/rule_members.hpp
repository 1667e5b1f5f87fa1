#pragma once
// rule_members: what the members of a quantization rule must be. Checked once, where the rule is registered or used:
// one of another type would else count as not stated, or fail far from its cause. quantization_rule documents them.
// room: registry | runs on: compiler + host | heap: no

#include <ctq/core/quantization.hpp>
#include <ctq/core/signature.hpp>
#include <ctq/registry/signatures.hpp>
#include <ctq/registry/traits.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

namespace detail {

template <class Rule>
concept states_constant_types = (
                                    !requires { Rule::activation_type; } ||
                                    requires { typename std::integral_constant<dtype, Rule::activation_type>; }) &&
                                (
                                    !requires { Rule::activation_types; } ||
                                    requires {
                                        typename std::integral_constant<dtype, Rule::activation_types[0]>;
                                        typename std::integral_constant<std::size_t, Rule::activation_types.size()>;
                                    }) &&
                                (
                                    !requires { Rule::weight_type; } ||
                                    requires { typename std::integral_constant<dtype, Rule::weight_type>; }) &&
                                (
                                    !requires { Rule::accumulator_type; } ||
                                    requires { typename std::integral_constant<dtype, Rule::accumulator_type>; });

template <class Rule>
concept states_constant_roundings = (
                                        !requires { Rule::how; } ||
                                        requires { typename std::integral_constant<rounding, Rule::how>; }) &&
                                    (
                                        !requires { Rule::weighted_how; } ||
                                        requires { typename std::integral_constant<rounding, Rule::weighted_how>; });

/// The type of a flag: not that of a number, which converts.
template <class T>
concept constant_flag = std::same_as<T, const bool>;

template <class Rule>
concept states_constant_flags = (
                                    !requires { Rule::dynamic_ranges; } ||
                                    requires {
                                        typename std::bool_constant<Rule::dynamic_ranges>;
                                        requires constant_flag<decltype(Rule::dynamic_ranges)>;
                                    }) &&
                                (
                                    !requires { Rule::fuses_residual; } ||
                                    requires {
                                        typename std::bool_constant<Rule::fuses_residual>;
                                        requires constant_flag<decltype(Rule::fuses_residual)>;
                                    }) &&
                                (
                                    !requires { Rule::keeps_customary_ranges; } ||
                                    requires {
                                        typename std::bool_constant<Rule::keeps_customary_ranges>;
                                        requires constant_flag<decltype(Rule::keeps_customary_ranges)>;
                                    });

template <class Rule>
concept states_constant_header = !requires {
    Rule::header;
}
|| requires {
    typename std::bool_constant<std::string_view(Rule::header).empty()>;
};

template <rounding How>
concept has_requantizer = How == rounding::unrounded || requires {
    requires requantizer<typename requantizer_for<How>::type>;
};

} // namespace detail

/// True when each member that `Rule` states as an element type, a rounding, a flag or a header is a constant of its
/// type.
template <class Rule>
constexpr bool states_constant_members = detail::states_constant_types<Rule>&& detail::states_constant_roundings<Rule>&&
    detail::states_constant_flags<Rule>&& detail::states_constant_header<Rule>;

/// True for a rule of one element type, and for one that says of several which a range has and what they hold: its list
/// begins with `activation_type`. What is measured at run time has one type.
template <class Rule>
constexpr bool chooses_among_types = [] {
    constexpr bool chooses = requires(const bounds& range) {
        { Rule::activation_type_for(range) } -> std::same_as<dtype>;
    };
    if constexpr (requires { Rule::activation_types; })
        return chooses && !dynamic_ranges<Rule> && Rule::activation_types[0] == Rule::activation_type &&
               requires(const bounds& range, const quantization& q) {
            { Rule::activation_limits(Rule::activation_type, range, q) } -> std::same_as<limits>;
        };
    else
        return !chooses;
}();

/// True when nodes can have the element types: see is_activation and is_weight; measured activations are bytes,
/// and their sums int32.
template <class Rule>
constexpr bool states_types_of_nodes = [] {
    if constexpr (requires { Rule::activation_type; }) {
        for (const dtype type : activation_types_of<Rule>) {
            const dtype sum = accumulator_under<Rule>(type);
            if (!(dynamic_ranges<Rule> ? is_byte(type) : is_activation(type))) return false;
            if (sum != dtype::int32 && (sum != dtype::int64 || dynamic_ranges<Rule>)) return false;
        }
    }
    return is_weight(weight_type_of<Rule>);
}();

/// True when integer weights are integers of their type.
template <class Rule>
constexpr bool holds_weights = [] {
    if constexpr (requires { typename std::bool_constant<(limits(Rule::weight_limits), true)>; }) {
        const limits weights = Rule::weight_limits, held = limits_of(weight_type_of<Rule>);
        return held.low <= weights.low && weights.low <= weights.high && weights.high <= held.high;
    } else {
        return true;
    }
}();

/// True when each rounding of a rule is an arithmetic.
template <class Rule>
constexpr bool has_arithmetic = [] {
    if constexpr (requires { Rule::how; })
        return detail::has_requantizer<Rule::how> && detail::has_requantizer<weighted_rounding_of<Rule>>;
    else
        return true;
}();

namespace detail {

/// True when an arithmetic takes sums of one type and gives integers of another; one that rounds nothing takes all.
template <rounding How> constexpr bool rounds_to(dtype sum, dtype output) {
    if constexpr (How == rounding::unrounded) {
        return true;
    } else {
        using arithmetic = typename requantizer_for<How>::type;
        return bytes_of(sum, 1) <= sizeof(typename arithmetic::accumulator_type) &&
               static_cast<int>(8 * bytes_of(output, 1)) <= output_bits_of<arithmetic>;
    }
}

} // namespace detail

/// True when the roundings of a rule are defined for its sums and its activations, where it has both.
template <class Rule>
constexpr bool rounds_its_types = [] {
    if constexpr (has_arithmetic<Rule> && states_types_of_nodes<Rule> && requires {
                      Rule::how;
                      Rule::activation_type;
                  })
        for (const dtype type : activation_types_of<Rule>)
            if (!detail::rounds_to<Rule::how>(dtype::int32, type) ||
                !detail::rounds_to<weighted_rounding_of<Rule>>(accumulator_under<Rule>(type), type))
                return false;
    return true;
}();

/// True when nodes are rounded where ranges are known beforehand, and stay as they are where they are measured.
template <class Rule>
constexpr bool rounds_known_ranges = [] {
    if constexpr (requires { Rule::how; })
        return dynamic_ranges<Rule> == (Rule::how == rounding::unrounded) &&
               (!dynamic_ranges<Rule> || weighted_rounding_of<Rule> == rounding::unrounded);
    else
        return true;
}();

namespace detail {

/// True when the members of a rule are constants that agree with each other.
template <class Rule> constexpr bool members_agree() {
    constexpr bool chooses = chooses_among_types<Rule>, types = states_types_of_nodes<Rule>,
                   arithmetic = has_arithmetic<Rule>, defined = rounds_its_types<Rule>,
                   rounds = rounds_known_ranges<Rule>, holds = holds_weights<Rule>;
    static_assert(chooses, "ctq: rule: several activation_types begin with activation_type and are chosen among; give "
                           "activation_type_for(range) and activation_limits(type, bounds, q) with them");
    static_assert(types, "ctq: rule: element types that nodes have are required; see is_activation and is_weight, sums "
                         "are int32 or int64");
    static_assert(arithmetic, "ctq: rule: a requantizer for `how` and `weighted_how` is required; specialize "
                              "requantizer_for for a rounding of your own");
    static_assert(defined, "ctq: rule: requantizers that take its sums and give its activations are required; see "
                           "their accumulator_type and output_bits");
    static_assert(rounds, "ctq: rule: `how` is unrounded where ranges are measured and nowhere else; change it or "
                          "dynamic_ranges");
    static_assert(holds, "ctq: rule: weight_limits must be integers of weight_type; narrow them or state a wider type");
    return chooses && types && arithmetic && defined && rounds && holds;
}

} // namespace detail

/// True for a rule whose members are what they must be; if not, the compiler's error says what is wrong.
template <class Rule> constexpr bool check_rule_members() {
    constexpr bool constants =
        states_constant_members<Rule>; // apart, so that the compiler prints one error and no more
    static_assert(constants, "ctq: rule: members that are static constants are required; see `quantization_rule` for "
                             "their types");
    if constexpr (constants)
        return detail::members_agree<Rule>();
    else
        return false;
}

/// The same of all rules of a list.
template <class... Rules> constexpr bool check_rule_members(rule_list<Rules...>) {
    return (check_rule_members<Rules>() && ...);
}

} // namespace ctq::inline CTQ_TARGET

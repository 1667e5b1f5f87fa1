#pragma once
// The signatures that rules make: what the tool instantiates operators and kernels for, and chooses among.
// room: registry | runs on: compiler + host | heap: no

#include <ctq/core/signature.hpp>
#include <ctq/registry/operation.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace ctq::inline CTQ_TARGET {

template <class Rule>
constexpr rounding weighted_rounding_of = [] {
    if constexpr (requires { Rule::weighted_how; })
        return Rule::weighted_how;
    else
        return Rule::how;
}();

template <class Rule>
constexpr dtype weight_type_of = [] {
    if constexpr (requires { Rule::weight_type; })
        return Rule::weight_type;
    else
        return dtype::int8;
}();

/// Several rules, for networks whose layers follow different ones: layer by layer the rule with that position.
template <class... Rules> struct rule_list { static constexpr std::size_t size = sizeof...(Rules); };

namespace detail {

/// A rule as a list of one; a list as it is.
template <class Rule> struct as_rule_list { using type = rule_list<Rule>; };
template <class... Rules> struct as_rule_list<rule_list<Rules...>> { using type = rule_list<Rules...>; };

template <class Rule> constexpr auto own_signatures() {
    constexpr dtype a = Rule::activation_type, w = weight_type_of<Rule>;
    return std::array{signature{a, w, a, accumulator_of(a), weighted_rounding_of<Rule>},
                      signature{a, a, a, dtype::int32, Rule::how},
                      signature{dtype::float32, dtype::float32, a, dtype::int32, Rule::how},
                      signature{a, a, dtype::float32, dtype::int32, Rule::how}};
}

template <std::size_t A, std::size_t B>
constexpr auto joined(const std::array<signature, A>& first, const std::array<signature, B>& second) {
    std::array<signature, A + B> result{};
    for (std::size_t i = 0; i < A; ++i) result[i] = first[i];
    for (std::size_t i = 0; i < B; ++i) result[A + i] = second[i];
    return result;
}

/// From activations of any rule of the list to those of `Rule`.
template <class Rule, class... From> constexpr auto signatures_into() {
    return joined(own_signatures<Rule>(), std::array{signature{From::activation_type, From::activation_type,
                                                               Rule::activation_type, dtype::int32, Rule::how}...});
}

template <class Rules> struct signatures_for {
    static constexpr auto all() { return own_signatures<Rules>(); }
};

template <> struct signatures_for<rule_list<>> {
    static constexpr auto all() { return std::array<signature, 0>{}; }
};

template <class... Rules> struct signatures_for<rule_list<Rules...>> {
    template <std::size_t Count>
    static constexpr bool is_first(const std::array<signature, Count>& all, std::size_t place) {
        for (std::size_t i = 0; i < place; ++i)
            if (all[i] == all[place]) return false;
        return true;
    }

    template <std::size_t Count> static constexpr std::size_t distinct(const std::array<signature, Count>& all) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < Count; ++i) kept += is_first(all, i) ? 1 : 0;
        return kept;
    }

    template <class Rule, class... Rest> static constexpr auto from() {
        if constexpr (sizeof...(Rest) == 0)
            return signatures_into<Rule, Rules...>();
        else
            return joined(signatures_into<Rule, Rules...>(), from<Rest...>());
    }
    static constexpr auto all() { return without_repeats(); }

    static constexpr auto without_repeats() {
        constexpr auto given = from<Rules...>();
        constexpr std::size_t count = distinct(given);
        std::array<signature, count> result{};
        std::size_t kept = 0;
        for (std::size_t i = 0; i < given.size(); ++i)
            if (is_first(given, i)) result[kept++] = given[i];
        return result;
    }
};

} // namespace detail

/// The signatures of all nodes that a rule makes, or the rules of a list; conversions included.
template <class Rules> constexpr auto signatures_of = detail::signatures_for<Rules>::all();

/// True for signatures that nodes of `Op` have under rules like ours: sums of products read weights into the
/// accumulator of their activations, others read activations; only conversions go from one type to another. What no
/// node has is not compiled.
template <class Op> constexpr bool occurs_with(const signature& s) {
    if (s.x != s.y && !is_conversion<Op>) return false;
    return is_weighted<Op> ? s.sum == accumulator_of(s.x) : s.sum == dtype::int32 && s.w == s.x;
}

/// A signature to compile an operator for, if a rule makes it.
template <class Op, signature S>
concept compiled_for = occurs_with<Op>(S) && has_integer_meaning<Op, S>;

/// Calls visit.operator()<S>() with the signature `wanted` of an operator's node, among those that `Rules` make and
/// that the operator has an integer meaning for; faults when it is none of them.
template <class Rules, class Op, class Visitor>
constexpr void visit_signature(const signature& wanted, Visitor&& visit) {
    bool found = false;
    const auto try_one = [&]<std::size_t I>() {
        constexpr signature S = signatures_of<Rules>[I];
        if constexpr (compiled_for<Op, S>) {
            if (found || !(S == wanted)) return;
            found = true;
            visit.template operator()<S>();
        }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (try_one.template operator()<I>(), ...);
    }
    (std::make_index_sequence<signatures_of<Rules>.size()>{});
    require(found, "the operator has no integer meaning for the types of this node");
}

} // namespace ctq::inline CTQ_TARGET

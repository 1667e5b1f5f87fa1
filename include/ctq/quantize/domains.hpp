#pragma once
// domains: the rules of a list as the domains of a graph: 0 is float, then one for each rule.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/quantize/rule.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::detail {

/// A rule as nodes know it.
template <class Rule> constexpr domain domain_of() {
    constexpr bool has_one_scale = !keeps_accumulators<Rule> || !Rule::per_channel;
    static_assert(has_one_scale,
                  "ctq: rule: sums that stay accumulators need one weight scale; set per_channel to false");
    domain made{Rule::name, weighted_rounding_of<Rule>, Rule::how};
    if constexpr (fuses_residual<Rule>) {
        using requantizer = typename requantizer_for<weighted_rounding_of<Rule>>::type;
        constexpr bool adds = adds_residual<requantizer>; // apart, so that the compiler prints one error and no more
        static_assert(adds, "ctq: rule: a requantizer that adds residuals is required; set fuses_residual to false");
        if constexpr (adds) made.encode_residual = &requantizer::encode_residual;
    }
    return made;
}

/// The domains that a list of rules makes: float, then one for each rule.
template <class... Rules> constexpr std::vector<domain> domains_of(rule_list<Rules...>) {
    std::vector<domain> made(1, domain{"float"});
    (made.push_back(domain_of<Rules>()), ...);
    return made;
}

/// Calls visit(rule) for the rule of an integer domain; the rules are empty types.
template <class Visitor, class Rule, class... Rest>
constexpr decltype(auto) with_rule_of(int domain, rule_list<Rule, Rest...>, Visitor&& visit) {
    if constexpr (sizeof...(Rest) > 0)
        if (domain > 1) return with_rule_of(domain - 1, rule_list<Rest...>{}, visit);
    return visit(Rule{});
}

/// True for the domain of a rule whose ranges are measured when the network runs.
template <class Rules> constexpr bool is_dynamic_domain(int domain) {
    return domain != float_domain &&
           with_rule_of(domain, Rules{}, [](auto rule) { return dynamic_ranges<decltype(rule)>; });
}

/// The domain of what nodes of a domain make: those of a dynamic rule make reals.
template <class Rules> constexpr int domain_of_outputs(int domain) {
    return is_dynamic_domain<Rules>(domain) ? float_domain : domain;
}

/// The signature that nodes of `Op` have under `Rule` where all activations are of its `activation_type`; that of reals
/// where the rule makes none.
template <class Rule, class Op> constexpr signature signature_under() {
    if constexpr (node_signatures<Rule, Op>.empty())
        return {dtype::float32, dtype::float32, dtype::float32};
    else
        return node_signatures<Rule, Op>[0];
}

/// True when `Op` has an integer meaning for all types that its nodes can have under `Rule`, and these are some.
template <class Rule, class Op> constexpr bool is_integer_under = []<std::size_t... I>(std::index_sequence<I...>) {
    return sizeof...(I) > 0 && (has_integer_meaning<Op, node_signatures<Rule, Op>[I]> && ...);
}
(std::make_index_sequence<node_signatures<Rule, Op>.size()>{});

} // namespace ctq::inline CTQ_TARGET::detail

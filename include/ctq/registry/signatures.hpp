#pragma once
// The signatures that rules make: what the tool instantiates operators and kernels for, and chooses among.
// room: registry | runs on: compiler + host | heap: no

#include <ctq/core/quantization.hpp>
#include <ctq/core/signature.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
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

/// The element types that activations can have under a rule: its `activation_types`, or the one.
template <class Rule>
constexpr auto activation_types_of = [] {
    if constexpr (requires { Rule::activation_types; })
        return Rule::activation_types;
    else
        return std::array<dtype, 1>{Rule::activation_type};
}();

/// The element type of activations with this real range.
template <class Rule> constexpr dtype activation_type_for(const bounds& range) {
    if constexpr (requires { Rule::activation_types; })
        return Rule::activation_type_for(range);
    else
        return Rule::activation_type;
}

/// A fixed range under a rule, for the element type that the rule stores it in; `told(type)`: an operator's
/// output_bounds.
template <class Rule, class Told> constexpr bounds fixed_range_under(const Told& told) {
    return told(activation_type_for<Rule>(told(Rule::activation_type)));
}

/// True for a rule that keeps the ranges which are customary for some operators, as TFLite has them.
template <class Rule>
constexpr bool keeps_customary_ranges = [] {
    if constexpr (requires { Rule::keeps_customary_ranges; })
        return Rule::keeps_customary_ranges;
    else
        return false;
}();

/// True where outputs have their operator's own `output_bounds` under a rule. The arithmetic of 16 bits asks for
/// customary ones.
template <class Rule> constexpr bool has_fixed_range(range_rule output) {
    const bool is_kept = keeps_customary_ranges<Rule> || !is_byte(Rule::activation_type);
    return output == range_rule::fixed || (output == range_rule::customary && is_kept);
}

/// The accumulator of weighted sums of `x` under a rule: its `accumulator_type`, or that of the activations.
template <class Rule> constexpr dtype accumulator_under(dtype x) {
    if constexpr (requires { Rule::accumulator_type; })
        return Rule::accumulator_type;
    else
        return accumulator_of(x);
}

/// True when a layer's sums of `x` have 32 bits where they are proved to fit these: under a rule that chooses no type,
/// where the activations ask for 64. The arithmetic that rounds them is the same.
template <class Rule> constexpr bool narrows_accumulators(dtype x) {
    if constexpr (requires { Rule::accumulator_type; })
        return false;
    else
        return accumulator_of(x) == dtype::int64;
}

/// True for a rule whose activations have scales that are measured at run time: only its sums of products are integers,
/// and they become reals at once. Such a rule needs no calibrated ranges.
template <class Rule>
constexpr bool dynamic_ranges = [] {
    if constexpr (requires { Rule::dynamic_ranges; })
        return Rule::dynamic_ranges;
    else
        return false;
}();

/// True when the results of weighted sums are their accumulators, int32 in the scale of the products.
template <class Rule>
constexpr bool keeps_accumulators = weighted_rounding_of<Rule> == rounding::unrounded && !dynamic_ranges<Rule>;

/// Several rules, for networks whose layers follow different ones: layer by layer the rule with that position.
template <class... Rules> struct rule_list { static constexpr std::size_t size = sizeof...(Rules); };

namespace detail {

/// A rule as a list of one; a list as it is.
template <class Rule> struct as_rule_list { using type = rule_list<Rule>; };
template <class... Rules> struct as_rule_list<rule_list<Rules...>> { using type = rule_list<Rules...>; };

/// Nodes whose signatures differ in kind: sums of products read weights; what takes its operands' range has one type
/// for all (choices); pairs read two operands, each of its own type, and so do products, which are added up and so
/// rounded in another way; elements read one operand, or several of one type; only conversions go from one rule to
/// another. What measures a range makes its scale too (measurements), and no rule with known ranges has such a node.
enum class node_kind : std::uint8_t { sums, choices, pairs, products, elements, conversions, measurements };

template <class Op>
constexpr node_kind kind_of = [] {
    if constexpr (is_weighted<Op>) return node_kind::sums;
    if constexpr (traits_of<Op>.converts) return several_outputs<Op> ? node_kind::measurements : node_kind::conversions;
    if constexpr (traits_of<Op>.output_range == range_rule::same_as_input) return node_kind::choices;
    if constexpr (traits_of<Op>.sums_products) return node_kind::products;
    return traits_of<Op>.aligns_operands && computes_with_second<Op> ? node_kind::pairs : node_kind::elements;
}();

/// Calls visit(type) for the integers that nodes of a rule write for others: its activations, and accumulators where
/// these are results. A dynamic rule makes reals.
template <class Rule, class Visit> constexpr void for_each_made([[maybe_unused]] Visit visit) {
    if constexpr (!dynamic_ranges<Rule>)
        for (const dtype type : activation_types_of<Rule>) visit(type);
    if constexpr (keeps_accumulators<Rule>) visit(dtype::int32);
}

/// Calls visit(type) for the accumulators that sums of `x` can have under a rule.
template <class Rule, class Visit> constexpr void for_each_accumulator(dtype x, Visit visit) {
    visit(accumulator_under<Rule>(x));
    if (narrows_accumulators<Rule>(x)) visit(dtype::int32);
}

/// Calls visit(signature) for the nodes of one kind under `Rule`; repeats are the visitor's affair. `Rules`: whose
/// activations its conversions read.
template <node_kind Kind, class Rule, class... Rules, class Visit>
constexpr void for_each_signature(rule_list<Rules...>, Visit visit) {
    constexpr auto& types = activation_types_of<Rule>;
    [[maybe_unused]] const auto add = [&](dtype x, dtype w, dtype y) {
        visit(signature{x, w, y, dtype::int32, Rule::how});
    };
    for (const dtype y : types) {
        if constexpr (Kind == node_kind::conversions) {
            (for_each_made<Rules>([&](dtype x) { add(x, x, y); }), ...);
            add(dtype::float32, dtype::float32, y);
        }
        if constexpr (Kind == node_kind::choices) add(y, y, y);
        for (const dtype x : types) {
            if constexpr (Kind == node_kind::sums)
                for_each_accumulator<Rule>(x, [&](dtype sum) {
                    visit(signature{x, weight_type_of<Rule>, keeps_accumulators<Rule> ? dtype::int32 : y, sum,
                                    weighted_rounding_of<Rule>});
                });
            if constexpr (Kind == node_kind::elements) add(x, x, y);
            if constexpr (Kind == node_kind::pairs)
                for (const dtype w : types) add(x, w, y);
            if constexpr (Kind == node_kind::products)
                for (const dtype w : types)
                    visit(signature{x, w, y, accumulator_of_products(x, w),
                                    rounding_of_products(weighted_rounding_of<Rule>, Rule::how)});
        }
    }
    if constexpr (Kind == node_kind::conversions) for_each_made<Rule>([&](dtype x) { add(x, x, dtype::float32); });
}

/// The same of a dynamic rule: reals become integers, sums of these reals again; there are no other nodes.
template <node_kind Kind, class Rule, class... Rules, class Visit>
requires dynamic_ranges<Rule>
constexpr void for_each_signature(rule_list<Rules...>, [[maybe_unused]] Visit visit) {
    for (const dtype x : activation_types_of<Rule>) {
        if constexpr (Kind == node_kind::sums)
            visit(signature{x, weight_type_of<Rule>, dtype::float32, accumulator_under<Rule>(x),
                            weighted_rounding_of<Rule>});
        if constexpr (Kind == node_kind::measurements)
            visit(signature{dtype::float32, dtype::float32, x, dtype::int32, Rule::how});
    }
}

/// The element type of a fixed range that is the same for all operators of a type, whatever their attributes.
template <class Rule, class Op> constexpr dtype type_of_fixed_range() {
    return activation_type_for<Rule>(fixed_range_under<Rule>([](dtype type) { return Op::output_bounds(type); }));
}

/// True when the range of `Op`, which is fixed, leaves one of a rule's several element types, and the compiler knows
/// it.
template <class Rule, class Op>
constexpr bool fixes_type = [] {
    if constexpr (activation_types_of<Rule>.size() > 1 && requires(dtype type) { Op::output_bounds(type); })
        return requires {
            typename std::integral_constant<dtype, type_of_fixed_range<Rule, Op>()>;
        };
    else
        return false;
}();

/// Signatures without repeats.
template <std::size_t Most> struct signature_set {
    std::array<signature, Most> items{};
    std::size_t count = 0;

    constexpr void insert(const signature& one) {
        for (std::size_t i = 0; i < count; ++i)
            if (items[i] == one) return;
        items[count++] = one;
    }
};

/// The distinct ones, `all`, among the signatures that Source::for_each(visit) visits.
template <class Source> struct distinct_signatures {
    static constexpr std::size_t given = [] {
        std::size_t count = 0;
        Source::for_each([&](const signature&) { ++count; });
        return count;
    }();
    static constexpr signature_set<given> found = [] {
        signature_set<given> result;
        Source::for_each([&](const signature& one) { result.insert(one); });
        return result;
    }();
    static constexpr std::array<signature, found.count> all = [] {
        std::array<signature, found.count> result{};
        for (std::size_t i = 0; i < found.count; ++i) result[i] = found.items[i];
        return result;
    }();
};

template <node_kind Kind, class Rules> struct signatures_of_kind;
template <node_kind Kind, class... Rules> struct signatures_of_kind<Kind, rule_list<Rules...>> {
    template <class Visit> static constexpr void for_each([[maybe_unused]] Visit visit) {
        (for_each_signature<Kind, Rules>(rule_list<Rules...>{}, visit), ...);
    }
};

/// Without those that a fixed range leaves none of the nodes of `Op`.
template <class Op, class Rules> struct signatures_of_fixed_range;
template <class Op, class... Rules> struct signatures_of_fixed_range<Op, rule_list<Rules...>> {
    template <class Visit> static constexpr void for_each([[maybe_unused]] Visit visit) {
        (for_each_under<Rules>(visit), ...);
    }

  private:
    template <class Rule, class Visit> static constexpr void for_each_under(Visit visit) {
        for_each_signature<kind_of<Op>, Rule>(rule_list<Rules...>{}, [&](const signature& each) {
            if constexpr (fixes_type<Rule, Op>)
                if (each.y != type_of_fixed_range<Rule, Op>()) return;
            visit(each);
        });
    }
};

template <class Rules, class Op>
using signatures_of_nodes =
    std::conditional_t<is_own(traits_of<Op>.output_range) && !is_weighted<Op> && !traits_of<Op>.converts,
                       signatures_of_fixed_range<Op, Rules>, signatures_of_kind<kind_of<Op>, Rules>>;

template <class Rules> struct signatures_of_all_kinds {
    template <class Visit> static constexpr void for_each(Visit visit) {
        signatures_of_kind<node_kind::sums, Rules>::for_each(visit);
        signatures_of_kind<node_kind::choices, Rules>::for_each(visit);
        signatures_of_kind<node_kind::pairs, Rules>::for_each(visit);
        signatures_of_kind<node_kind::products, Rules>::for_each(visit);
        signatures_of_kind<node_kind::elements, Rules>::for_each(visit);
        signatures_of_kind<node_kind::conversions, Rules>::for_each(visit);
        signatures_of_kind<node_kind::measurements, Rules>::for_each(visit);
    }
};

} // namespace detail

/// The signatures of all nodes that a rule makes, or the rules of a list; conversions included.
template <class Rules>
constexpr auto signatures_of =
    detail::distinct_signatures<detail::signatures_of_all_kinds<typename detail::as_rule_list<Rules>::type>>::all;

/// Those of them that nodes of `Op` can have; under one rule the first reads its `activation_type`, and makes that
/// where the operator's range is not fixed.
template <class Rules, class Op>
constexpr auto& node_signatures =
    detail::distinct_signatures<detail::signatures_of_nodes<typename detail::as_rule_list<Rules>::type, Op>>::all;

/// A signature to compile an operator for, if the rules make it. What no node has is not compiled.
template <class Rules, class Op, signature S>
concept compiled_for = [] {
    for (const signature& each : node_signatures<Rules, Op>)
        if (each == S) return true;
    return false;
}() && has_integer_meaning<Op, S>;

/// Calls visit.operator()<S>() with each signature that nodes of `Op` can have under `Rules` and that the operator has
/// an integer meaning for.
template <class Rules, class Op, class Visitor> constexpr void for_each_node_signature(Visitor&& visit) {
    const auto try_one = [&]<std::size_t I>() {
        constexpr signature S = node_signatures<Rules, Op>[I];
        if constexpr (has_integer_meaning<Op, S>) visit.template operator()<S>();
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (try_one.template operator()<I>(), ...);
    }
    (std::make_index_sequence<node_signatures<Rules, Op>.size()>{});
}

/// Calls visit.operator()<S>() with the signature `wanted` of an operator's node, among those that `Rules` make and
/// that the operator has an integer meaning for; faults when it is none of them.
template <class Rules, class Op, class Visitor>
constexpr void visit_signature(const signature& wanted, Visitor&& visit) {
    bool found = false;
    for_each_node_signature<Rules, Op>([&]<signature S>() {
        if (found || !(S == wanted)) return;
        found = true;
        visit.template operator()<S>();
    });
    require(found, "the operator has no integer meaning for the types of this node");
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// The laws of operation, instantiated for every operator of a registry and for a user's own. An operator that is not a
// function of one real says in a specialization of `samples` what it can be given.

#include <ctq/default_registry.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace ctq::laws {

using testing::dice;
using testing::operand;

/// An operator with attributes other than the default's, and operands that it takes. Operands without elements are
/// activations; the checks fill them.
template <class Op> struct sample {
    Op op;
    std::vector<operand> operands;
};

template <class Op> struct samples {
    static std::vector<sample<Op>> all() {
        static_assert(unary_function<Op>, "ctq: laws: an operator needs samples; specialize ctq::laws::samples for it");
        return {{Op{}, {{{2, 3, 4}}}}, {Op{}, {{{1}}}}, {Op{}, {{{}}}}};
    }
};

namespace detail {

template <class Op, class Visitor> void for_each_attribute(Visitor visit) {
    apply([&](const auto&... each) { (visit(each), ...); }, Op::attributes);
}

template <class Op> void check_names() {
    const std::string_view name = Op::name, cpp_name = Op::cpp_name;
    CHECK_FALSE(name.empty());
    for (const char c : name) CHECK(((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'));
    CHECK_FALSE(cpp_name.empty());
    CHECK(cpp_name.find(' ') == std::string_view::npos);
    std::set<std::string_view> seen;
    for_each_attribute<Op>([&](const auto& each) {
        CHECK_FALSE(each.name.empty());
        CHECK(seen.insert(each.name).second);
    });
}

/// The attributes, laid out one after the other as data members are, fill the operator: none is missing.
template <class Op> void check_attributes_are_complete() {
    std::size_t end = 0;
    for_each_attribute<Op>([&](const auto& each) {
        using member = std::remove_cvref_t<decltype(std::declval<Op&>().*each.member)>;
        end = (end + alignof(member) - 1) / alignof(member) * alignof(member) + sizeof(member);
    });
    if (end == 0)
        CHECK(std::is_empty_v<Op>);
    else
        CHECK((end + alignof(Op) - 1) / alignof(Op) * alignof(Op) == sizeof(Op));
}

/// Equality sees every attribute, and nothing but the attributes.
template <class Op> void check_equality(const Op& op) {
    Op copy{};
    for_each_attribute<Op>([&](const auto& each) { copy.*each.member = op.*each.member; });
    CHECK(copy == op);
    for_each_attribute<Op>([&](const auto& each) {
        Op changed = op;
        auto bytes = std::bit_cast<std::array<std::uint8_t, sizeof(op.*each.member)>>(op.*each.member);
        bytes[0] ^= 1U;
        changed.*each.member = std::bit_cast<std::remove_cvref_t<decltype(op.*each.member)>>(bytes);
        CHECK_FALSE(changed == op);
    });
}

/// One run into memory that holds `before`, with a guard on each side; the guards must stay.
template <class T, class Run> std::vector<T> guarded(std::size_t count, T before, Run run) {
    constexpr std::size_t guard = 16;
    std::vector<T> memory(count + 2 * guard, before);
    run(memory.data() + guard);
    for (std::size_t i = 0; i < guard; ++i) {
        CHECK(memory[i] == before);
        CHECK(memory[guard + count + i] == before);
    }
    return {memory.begin() + guard, memory.end() - guard};
}

/// Operands with elements of their types, at random where a sample has none.
inline std::vector<testing::typed_operand> filled(std::vector<operand> operands, dice& random) {
    std::vector<testing::typed_operand> result;
    for (operand& each : operands) {
        if (!each.is_constant()) each.elements = random.reals(each.of.elements());
        result.push_back(testing::typed(each));
    }
    return result;
}

/// What memory holds before a run: one of two that differ.
template <class T> constexpr T left_over(bool first) {
    if constexpr (std::is_same_v<T, float>)
        return first ? 1e30f : -1e30f;
    else if constexpr (std::is_same_v<T, int4_pair>)
        return {static_cast<std::uint8_t>(first ? 85 : 170)};
    else
        return static_cast<T>(first ? 1 : 0);
}

/// The float meaning writes every element of the shape that the rule gives, reads its inputs only, and may run in place
/// if the operator says so. Second and later outputs have memory of their own.
template <class Op> void check_compute(const sample<Op>& given, dice& random) {
    std::vector<testing::typed_operand> operands = filled(given.operands, random);
    std::vector<const_tensor> in;
    std::vector<shape> shapes_in;
    std::vector<dtype> types_in;
    for (const testing::typed_operand& each : operands) {
        in.push_back({{each.elements.type(), each.of, {}}, each.elements.view()});
        shapes_in.push_back(each.of);
        types_in.push_back(each.elements.type());
    }
    const auto facts_of = [&](int i) {
        return tensor_facts{output_type(given.op, types_in, i), output_shape(given.op, shapes_in, i)};
    };
    std::vector<constant> others;
    std::vector<tensor> out(1);
    for (int i = 1; i < output_count(given.op); ++i) {
        others.push_back(constant::zeros(facts_of(i).type, facts_of(i).elements()));
        out.push_back({facts_of(i), others.back().writable()});
    }
    const tensor_facts facts = facts_of(0);
    with_element_type(facts.type, [&](auto each) {
        using type = decltype(each);
        const auto before = operands;
        const auto run = [&](type* to) {
            out[0] = {facts, to};
            compute(given.op, in, out);
        };
        const auto first = guarded(facts.elements(), left_over<type>(true), run);
        CHECK(first == guarded(facts.elements(), left_over<type>(false), run));
        for (std::size_t i = 0; i < operands.size(); ++i) CHECK(operands[i].elements == before[i].elements);
        if (!traits_of<Op>.in_place || types_in[0] != facts.type || shapes_in[0].elements() != facts.shape.elements())
            return;
        run(operands[0].elements.as<type>().data());
        CHECK(operands[0].elements.as<type>() == first);
    });
}

/// The signature of a sum that is proved to fit 32 bits, where a rule narrows such; else `S` itself.
template <class Rule, class Op, signature S>
constexpr signature narrowed = [] {
    signature narrow = S;
    if (is_weighted<Op> && narrows_accumulators<Rule>(S.x)) narrow.sum = dtype::int32;
    return narrow;
}();

/// The same for the integer meaning, the overflow proof, and the range rule. False for a node that stays float: one
/// whose parameters are not constant.
template <class Rule, class Graph, class Rules, class Op>
bool check_compute_integer(const sample<Op>& given, dice& random) {
    constexpr signature S = ctq::detail::signature_under<Rule, Op>(), narrow = narrowed<Rule, Op, S>;
    using stored = element<S.y>;
    const auto node = testing::quantized_in<Rule, Graph, Rules>(given.op, given.operands, {-0.75f, 1.0f});
    if (node.node().in_float()) return false;
    CHECK(node.never_overflows());
    if (traits_of<Op>.output_range == range_rule::same_as_input)
        CHECK(node.output().quantization == node.input().quantization);
    const auto made = node.lowered();
    const auto& last = made.nodes.back();
    CHECK((last.types == S || last.types == narrow));
    std::vector<std::vector<stored>> activations(made.values.size());
    std::vector<const_tensor> in;
    std::vector<tensor_facts> in_facts;
    for (const int index : last.inputs) {
        const tensor_facts& facts = made.value_at(index).facts;
        auto& elements = activations[static_cast<std::size_t>(index)];
        if (!made.is_constant(index))
            for (const std::int8_t each : random.integers(facts.shape.elements()))
                elements.push_back(static_cast<stored>(sizeof(stored) == 1 ? each : each * 257));
        in.push_back(made.is_constant(index) ? made.tensor_at(index) : const_tensor{facts, elements.data()});
        in_facts.push_back(facts);
    }
    const tensor_facts& facts = node.output();
    // An emitted header has no more than the facts to tell it from: a table that lowering appends is a parameter.
    CHECK((signature_of<Op>(in_facts, facts.type, last.types.how) == last.types));
    const auto& with = std::get<lowered_operator<Op>>(last.op);
    const kernels::variable_facts<Op> of{{with.op, with.lowered, in_facts, std::span(&facts, 1)}};
    std::vector<constant> others;
    std::vector<tensor> out(1);
    for (std::size_t i = 1; i < last.outputs.size(); ++i) {
        const tensor_facts& other = made.value_at(last.outputs[i]).facts;
        others.push_back(constant::zeros(other.type, other.elements()));
        out.push_back({other, others.back().writable()});
    }
    const auto run = [&](stored* to) {
        out[0] = {facts, to};
        if (last.types == narrow)
            run_node<kernels::scalar, narrow>(of, in, out, {});
        else
            run_node<kernels::scalar, S>(of, in, out, {});
    };
    const auto before = activations;
    const auto first = guarded(facts.elements(), stored{85}, run);
    CHECK(first == guarded(facts.elements(), static_cast<stored>(-86), run));
    CHECK(activations == before);
    const auto index = static_cast<std::size_t>(last.inputs[0]);
    if (traits_of<Op>.in_place && !activations[index].empty() && activations[index].size() == first.size()) {
        run(activations[index].data());
        CHECK(activations[index] == first);
    }
    return true;
}

/// An element-wise function gives the quantized function of each integer's real: exactly by a table and by a clamp,
/// nearly by a multiplier, and in 16 bits, where lines join the points of a table.
template <class Rule, class Graph, class Rules, class Op> void check_table(const Op& op) {
    const auto node = testing::quantized_in<Rule, Graph, Rules>(op, {{{256}, {}, {-3.0f, 5.0f}}}, {-3.0f, 5.0f});
    using stored = element<Rule::activation_type>;
    constexpr limits all = limits_of(Rule::activation_type);
    std::vector<stored> in(256);
    for (int i = 0; i < 256; ++i)
        in[static_cast<std::size_t>(i)] = static_cast<stored>(all.low + i * ((all.high - all.low) / 255));
    const auto out = node.run({in});
    constexpr bool is_exact = looks_up<Op, ctq::detail::signature_under<Rule, Op>()> || clamping<Op>;
    constexpr int tolerance = sizeof(stored) != 1 ? 8 : is_exact ? 0 : 1;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const float real = op(dequantize(in[i], node.input().quantization));
        CHECK(std::abs(out[i] - quantize(real, node.output())) <= tolerance);
    }
}

} // namespace detail

/// Every law of one operator of a graph's, under one rule, or under one of a list. The conversions that quantization
/// inserts have no rule of their own.
template <class Op, class Graph = default_graph, quantization_rule Rule = rule::affine_int8, class Rules = Rule>
void check_operation() {
    CAPTURE(std::string(Op::name));
    detail::check_names<Op>();
    detail::check_attributes_are_complete<Op>();
    CHECK(Op{} == Op{});
    dice random(7);
    bool is_integer = false;
    for (const sample<Op>& each : samples<Op>::all()) {
        detail::check_equality(each.op);
        detail::check_compute(each, random);
        if constexpr (testing::quantizable<Rule, Op>) {
            is_integer |= detail::check_compute_integer<Rule, Graph, Rules>(each, random);
            if constexpr (unary_function<Op>) detail::check_table<Rule, Graph, Rules>(each.op);
        }
    }
    CHECK(is_integer == testing::quantizable<Rule, Op>);
}

} // namespace ctq::laws

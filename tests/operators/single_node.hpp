#pragma once
// One operator alone: its float result, and its integer node as annotation and lowering make it. All of it constexpr,
// so that a test can run an operator inside a static_assert.

#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/operators/cast.hpp>
#include <ctq/quantize/affine_int8.hpp>
#include <ctq/quantize/annotate.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ctq::testing {

/// What goes into a node: a constant's elements, or the shape and the real range of an activation. `type`: that of the
/// elements, whose numbers are told as reals; or those of a constant of int64 are told as they are.
struct operand {
    shape of;
    std::vector<float> elements = {};
    bounds range = {-1.0f, 1.0f};
    dtype type = dtype::float32;
    std::vector<std::int64_t> integers = {};

    constexpr bool is_constant() const { return !elements.empty() || !integers.empty(); }
};

/// An operand of any element type.
struct typed_operand {
    shape of;
    constant elements;

    constexpr const_tensor view() const { return {{elements.type(), of}, elements.view()}; }
};

template <class Op> constexpr shape shape_from(const Op& op, const std::vector<operand>& operands) {
    std::vector<shape> in;
    for (const operand& each : operands) in.push_back(each.of);
    return output_shape(op, in);
}

constexpr boolean no = boolean::no, yes = boolean::yes;

/// The float meaning on operands of any type: all outputs.
template <class Op>
constexpr std::vector<constant> all_results(const Op& op, const std::vector<const_tensor>& operands) {
    std::vector<shape> of;
    std::vector<dtype> types;
    for (const const_tensor& each : operands) of.push_back(each.shape());
    for (const const_tensor& each : operands) types.push_back(each.facts.type);
    std::vector<tensor_facts> facts;
    std::vector<constant> made;
    for (int i = 0; i < output_count(op); ++i) {
        facts.push_back({output_type(op, types, i), output_shape(op, of, i)});
        made.push_back(constant::zeros(facts.back().type, facts.back().elements()));
    }
    std::vector<tensor> out;
    for (std::size_t i = 0; i < made.size(); ++i) out.push_back({facts[i], made[i].writable()});
    compute(op, operands, out);
    return made;
}

/// The first of them.
template <class Op> constexpr constant result_of(const Op& op, const std::vector<typed_operand>& operands) {
    std::vector<const_tensor> in;
    for (const typed_operand& each : operands) in.push_back(each.view());
    return all_results(op, in)[0];
}

/// A constant's elements in their type.
constexpr typed_operand typed(const operand& from) {
    if (!from.integers.empty()) return {from.of, constant(from.integers)};
    if (from.type == dtype::float32) return {from.of, constant(from.elements)};
    const typed_operand reals{from.of, constant(from.elements)};
    return {from.of, result_of(op::cast{from.type}, {reals})};
}

/// Operands as tensors; `others` holds those that are not told as reals.
constexpr std::vector<const_tensor> views_of(const std::vector<operand>& operands, std::vector<typed_operand>& others) {
    others.reserve(operands.size());
    std::vector<const_tensor> in;
    for (const operand& each : operands) {
        if (each.type == dtype::float32 && each.integers.empty()) {
            in.push_back({{dtype::float32, each.of}, each.elements.data()});
            continue;
        }
        const typed_operand made = typed(each); // copied: g++ 12 loses what it moves in a constant expression
        others.push_back(made);
        in.push_back(others.back().view());
    }
    return in;
}

/// All results of an operator whose outputs are all reals.
template <class Op>
constexpr std::vector<std::vector<float>> float_results(const Op& op, const std::vector<operand>& operands) {
    std::vector<typed_operand> others;
    std::vector<std::vector<float>> results;
    for (const constant& each : all_results(op, views_of(operands, others)))
        results.push_back(each.template as<float>());
    return results;
}

/// The result of an operator with one output, of reals; in fewer of the steps that clang allows a constant expression.
template <class Op> constexpr std::vector<float> float_result(const Op& op, const std::vector<operand>& operands) {
    std::vector<typed_operand> others;
    const std::vector<const_tensor> in = views_of(operands, others);
    const tensor_facts facts{dtype::float32, shape_from(op, operands), {}};
    std::vector<float> result(facts.elements(), -12345.0f);
    const tensor out{facts, result.data()};
    compute(op, in, tensors(&out, 1));
    return result;
}

template <class T> constexpr typed_operand list_of(std::vector<T> elements) {
    return {{static_cast<std::int32_t>(elements.size())}, constant(std::move(elements))};
}
template <class T> constexpr typed_operand scalar_of(T element) {
    return {{}, constant(std::vector<T>(1, element))};
}

template <class Op> using single_graph = basic_graph<std::variant<Op, op::quantize, op::dequantize, op::requantize>>;

/// Integers as a constant of an element type.
constexpr constant stored_as(dtype type, const std::vector<std::int32_t>& integers) {
    return with_element_type(type, [&](auto zero) {
        std::vector<decltype(zero)> stored;
        if constexpr (std::is_integral_v<decltype(zero)>)
            for (const std::int32_t each : integers) stored.push_back(static_cast<decltype(zero)>(each));
        return constant(std::move(stored));
    });
}

/// The integers of a constant.
constexpr std::vector<std::int32_t> integers_in(const constant& stored) {
    return stored.visit([](const auto& elements) {
        std::vector<std::int32_t> integers;
        if constexpr (std::is_integral_v<typename std::remove_cvref_t<decltype(elements)>::value_type>)
            for (const auto each : elements) integers.push_back(static_cast<std::int32_t>(each));
        return integers;
    });
}

/// The domain of a rule's nodes where a graph is annotated under this rule, or under this list of rules.
template <class Rule, class Rules> struct domain_among { static constexpr int value = 1; };
template <class Rule, class... Rules> struct domain_among<Rule, rule_list<Rules...>> {
    static constexpr int value = [] {
        int place = 0, found = -1;
        ((std::is_same_v<Rule, Rules> ? found = place++ : place++), ...);
        return 1 + found;
    }();
};

/// An integer node under `Rule`, with whatever conversions annotation put before it. `Rules`: the rule or a list that
/// has it; what several rules need of the compiler is then shared.
template <class Rule, class Op, class Graph = single_graph<Op>, class Rules = Rule> struct integer_node {
    using stored = element<Rule::activation_type>;

    Graph graph;

    constexpr const tensor_facts& input(std::size_t i = 0) const { return graph.value_at(graph.inputs[i].value).facts; }
    constexpr const tensor_facts& output() const { return graph.value_at(graph.outputs[0].value).facts; }
    constexpr const auto& node() const { return graph.nodes.back(); }
    constexpr auto lowered() const { return lower_graph<Rules>(graph); }

    constexpr std::vector<stored> run(const std::vector<std::vector<stored>>& inputs) const {
        std::vector<constant> in;
        for (const auto& each : inputs) in.push_back(constant(each));
        auto elements = evaluate<Rules>(graph, std::move(in));
        return elements[static_cast<std::size_t>(graph.outputs[0].value)].template as<stored>();
    }

    /// The same whatever the element types.
    constexpr std::vector<std::int32_t> run_integers(const std::vector<std::vector<std::int32_t>>& inputs) const {
        std::vector<constant> in;
        for (std::size_t i = 0; i < inputs.size(); ++i) in.push_back(stored_as(input(i).type, inputs[i]));
        const auto elements = evaluate<Rules>(graph, std::move(in));
        return integers_in(elements[static_cast<std::size_t>(graph.outputs[0].value)]);
    }

    /// The overflow proof from the lowered node's constants.
    constexpr bool never_overflows() const {
        const auto made = lowered();
        return ctq::never_overflows<Rules>(made, made.nodes.back());
    }
};

/// A float graph of one node that reads these operands, x0, x1 and so on, and makes its output.
template <class Graph, class Op> constexpr Graph one_node(const Op& op, const std::vector<operand>& operands) {
    Graph graph;
    std::vector<int> from;
    for (const operand& each : operands) {
        const text name = text("x") + decimal_text(static_cast<int>(from.size()));
        if (!each.is_constant()) {
            from.push_back(graph.add_value(name, {each.type, each.of, {}}));
            graph.inputs.push_back({name, from.back()});
        } else {
            from.push_back(graph.add_constant(name, each.of, typed(each).elements));
        }
    }
    graph.outputs.push_back({"out", graph.add_node("node", op, from)});
    return graph;
}

/// True when annotate makes integer nodes of the operator under the rule. The conversions it inserts by itself; nodes
/// of dynamic rules make reals, and tests/quantize/dynamic_int8.cpp holds what they mean.
template <class Rule, class Op>
constexpr bool quantizable =
    !dynamic_ranges<Rule> && !traits_of<Op>.converts && ctq::detail::is_integer_under<Rule, Op>;

/// Quantizes `op` on these operands; `range` is what its output was observed to be.
template <class Rule, class Graph, class Rules = Rule, class Op>
constexpr integer_node<Rule, Op, Graph, Rules> quantized_in(const Op& op, const std::vector<operand>& operands,
                                                            const bounds& range) {
    std::vector<bounds> ranges;
    for (const operand& each : operands) ranges.push_back(each.range);
    for (int i = 0; i < output_count(op); ++i) ranges.push_back(range);
    const std::vector<int> domains(1, domain_among<Rule, Rules>::value);
    return {annotate<Rules>(one_node<Graph>(op, operands), ranges, domains)};
}
template <class Rule = rule::affine_int8, class Op>
constexpr integer_node<Rule, Op> quantized_node(const Op& op, const std::vector<operand>& operands,
                                                const bounds& range = {-1.0f, 1.0f}) {
    return quantized_in<Rule, single_graph<Op>>(op, operands, range);
}

/// The integer that stands for `real`, rounded in double: what a perfect node would give.
inline int nearest_integer(double real, const quantization& q, const limits& range = limits_of(dtype::int8)) {
    const double exact = real / static_cast<double>(q.scale) + q.zero_point;
    if (exact < range.low) return range.low;
    return exact > range.high ? range.high : static_cast<int>(std::nearbyint(exact));
}

inline double exact_real_of(int integer, const quantization& q) {
    return static_cast<double>(q.scale) * (integer - q.zero_point);
}

/// Random operands; the same on every machine.
class dice {
  public:
    explicit dice(unsigned seed) : engine_(seed) {}

    int whole(int low, int high) {
        return low + static_cast<int>(engine_() % static_cast<std::uint32_t>(high - low + 1));
    }
    float real(float low, float high) { return low + (high - low) * static_cast<float>(engine_() >> 8) / 16777216.0f; }
    std::vector<std::int8_t> integers(std::int64_t count, int low = -128, int high = 127) {
        std::vector<std::int8_t> result(static_cast<std::size_t>(count));
        for (std::int8_t& each : result) each = static_cast<std::int8_t>(whole(low, high));
        return result;
    }
    std::vector<float> reals(std::int64_t count, float low = -1.0f, float high = 1.0f) {
        std::vector<float> result(static_cast<std::size_t>(count));
        for (float& each : result) each = real(low, high);
        return result;
    }

  private:
    std::mt19937 engine_;
};

} // namespace ctq::testing

#pragma once
// The law that the integers mean the reals: each integer value of a quantized graph is, within the error that
// integer_error.hpp states for its operator, what the float node makes of the reals that its operands' integers stand
// for. Node by node, so the bound stays tight at any depth; by induction it holds for the graph.

#include <ctq/default_registry.hpp>
#include <ctq/execute/evaluate.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/quantize/annotate.hpp>

#include <doctest/doctest.h>
#include <laws/integer_error.hpp>
#include <operators/single_node.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ctq::laws {

/// True when no integer node of the program can overflow, by its own proof.
template <class Rules, class Program> bool proved(const Program& lowered) {
    for (const auto& node : lowered.nodes)
        if (!never_overflows<Rules>(lowered, node)) return false;
    return true;
}

/// Equal, NaN to NaN too.
inline bool same_reals(const std::vector<float>& a, const std::vector<float>& b) {
    return std::ranges::equal(a, b, [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

/// A sample as the inputs of a quantized graph take it.
template <class Graph>
std::vector<constant> quantized_inputs(const Graph& integers, const std::vector<constant>& reals) {
    std::vector<constant> result;
    for (std::size_t i = 0; i < reals.size(); ++i) {
        const tensor_facts& facts = integers.value_at(integers.inputs[i].value).facts;
        if (facts.type == dtype::float32) {
            result.push_back(reals[i]);
            continue;
        }
        std::vector<std::int32_t> elements;
        for (const float each : reals[i].as<float>()) elements.push_back(quantize(each, facts));
        result.push_back(testing::stored_as(facts.type, elements));
    }
    return result;
}

/// A float graph beside its quantized one, at work on one sample: what no rule has a part in. Values are found by their
/// names: annotate keeps them, and calls a value's twin in the other domain after it.
class values_side_by_side {
  public:
    values_side_by_side(const default_graph& reals, const default_graph& integers, std::vector<constant> elements)
        : reals_(reals), integers_(integers), elements_(std::move(elements)), sides_(reals.values.size()) {
        for (const port& input : reals_.inputs) find_twins(input.value);
    }

  protected:
    enum where { nowhere, in_floats, in_integers };

    /// A value of the float graph in the quantized one: where it is made, and the values that hold it.
    struct both_sides {
        where domain = nowhere;
        int floats = -1, integers = -1;
        int read = -1;                 ///< what integer nodes read: not the sums that stayed accumulators
        std::vector<float> reals;      ///< of a value that was fused away
        std::vector<double> uncertain; ///< what the constants behind it may add
    };

    both_sides& side(int value) { return sides_[static_cast<std::size_t>(value)]; }
    const default_graph& reals() const { return reals_; }

    void find_twins(int index) {
        const text& name = reals_.value_at(index).name;
        both_sides& found = side(index);
        const int itself = named(name);
        if (itself < 0) return;
        const bool integer = integers_.value_at(itself).facts.type != dtype::float32;
        found.domain = integer ? in_integers : in_floats;
        found.integers = integer ? itself : named(name + ".quantized");
        found.floats = integer ? named(name + ".dequantized") : itself;
        const int requantized = named(name + ".requantized");
        found.read = requantized < 0 ? found.integers : requantized;
    }

    const tensor_facts& facts(int value) const { return integers_.value_at(value).facts; }
    const std::vector<float>& floats_of(int value) const {
        return elements_[static_cast<std::size_t>(value)].as<float>();
    }
    std::vector<float> dequantized(int value) const {
        std::vector<float> result;
        for (const std::int32_t each : integers_of(value))
            result.push_back(dequantize(each, facts(value).quantization));
        return result;
    }

    /// What a node in the integer (or float) domain reads for input `index`.
    real_operand operand(int index, bool in_integer_domain) {
        const tensor_facts& of = reals_.value_at(index).facts;
        if (of.type == dtype::int64) return {of, {}, {}, positions(index)};
        if (reals_.is_constant(index)) return {of, reals_.constant_of(index).as<float>(), {}};
        const both_sides& from = side(index);
        if (from.domain == nowhere) return {of, from.reals, quantization{1.0f, 0}};
        const int read = in_integer_domain ? from.read : from.floats;
        REQUIRE(read >= 0);
        return in_integer_domain ? real_operand{of, dequantized(read), facts(read).quantization}
                                 : real_operand{of, floats_of(read), quantization{1.0f, 0}};
    }

    /// "" when each integer is within `steps` of the exact real, clamped to what such a value can hold.
    std::string beyond(const std::vector<float>& exact, const std::vector<double>& steps, int value,
                       const limits& held) const {
        const quantization& q = facts(value).quantization;
        const std::vector<std::int32_t> found = integers_of(value);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const double wanted = static_cast<double>(exact[i]) / static_cast<double>(q.scale) + q.zero_point;
            const double clamped = std::clamp(wanted, double(held.low), double(held.high));
            const double slack = 0.002 + 1e-6 * std::fabs(wanted); // of the float reference
            if (!(std::fabs(found[i] - clamped) <= steps[i] + slack))
                return "element " + std::to_string(i) + " is " + std::to_string(found[i]) + ", exact " +
                       std::to_string(clamped) + ", allowed " + std::to_string(steps[i]) + " steps of " +
                       std::to_string(q.scale);
        }
        return "";
    }

    /// Outputs are the values that the float graph has there, in the domain where they are made.
    std::string deviation_of_outputs() {
        for (std::size_t i = 0; i < reals_.outputs.size(); ++i) {
            const int from = reals_.outputs[i].value, to = integers_.outputs[i].value;
            if (reals_.is_constant(from)) continue;
            const both_sides& made = side(from);
            const int wanted = made.domain == in_floats ? made.floats : made.integers;
            if (!(integers_.outputs[i].name == reals_.outputs[i].name) || to != wanted)
                return "output " + std::string(reals_.outputs[i].name.view()) + " is not where its value is made";
        }
        return "";
    }

  private:
    std::vector<std::int64_t> positions(int index) const {
        if (reals_.is_constant(index)) return reals_.constant_of(index).as<std::int64_t>();
        return elements_[static_cast<std::size_t>(named(reals_.value_at(index).name))].as<std::int64_t>();
    }
    int named(const text& name) const {
        for (std::size_t v = 0; v < integers_.values.size(); ++v)
            if (integers_.values[v].constant < 0 && integers_.values[v].name == name) return static_cast<int>(v);
        return -1;
    }
    std::vector<std::int32_t> integers_of(int value) const {
        return testing::integers_in(elements_[static_cast<std::size_t>(value)]);
    }

    const default_graph &reals_, &integers_;
    std::vector<constant> elements_;
    std::vector<both_sides> sides_;
};

/// The same under one rule, which says what nodes may deviate.
template <class Rule> class graphs_side_by_side : values_side_by_side {
  public:
    using values_side_by_side::values_side_by_side;

    /// The first thing that is not as it must be, or nothing.
    std::string deviation(const flags& keep_float) {
        for (std::size_t i = 0; i < reals().nodes.size(); ++i) {
            const auto& node = reals().nodes[i];
            find_twins(node.output());
            const std::string found = visit_operator(node, [&](const auto& op) { return deviation_of(op, node); });
            if (!found.empty())
                return std::string(Rule::name) + ": node " + std::string(node.name.view()) + ": " + found;
            if (keep_float[i] != 0 && side(node.output()).domain != in_floats)
                return std::string(node.name.view()) + " is to be kept in float";
        }
        return deviation_of_outputs();
    }

  private:
    template <class Op> std::string deviation_of(const Op& op, const default_graph::node_type& node) {
        both_sides& result = side(node.output());
        real_node at_work{{}, reals().value_at(node.output()).facts, {}};
        for (const int input : node.inputs) at_work.in.push_back(operand(input, result.domain != in_floats));
        const std::vector<float> exact = meaning(op, at_work.in);
        if (result.domain == in_floats) {
            if (!same_reals(exact, floats_of(result.floats))) return "is not the float node";
            if (result.integers < 0) return "";
            return beyond(exact, std::vector<double>(exact.size(), 0.5), result.integers, activations(result.integers));
        }
        if constexpr (testing::quantizable<Rule, Op>) {
            if (result.domain == nowhere) return fuse_away(op, at_work, exact, result);
            at_work.to = facts(result.integers).quantization;
            if (result.floats >= 0 && dequantized(result.integers) != floats_of(result.floats))
                return "is not dequantized to what its integers stand for";
            const bool stays_a_sum = is_weighted<Op> && keeps_accumulators<Rule>;
            return beyond(exact, allowed(op, at_work, node), result.integers,
                          stays_a_sum ? rule::limits_of_accumulators(bounds::none(), at_work.to)
                                      : activations(result.integers));
        }
        return "has no integer meaning and is in integers";
    }

    /// What the rule's activations hold in a value's type.
    limits activations(int value) const {
        return activation_limits_for<Rule>(facts(value).type, bounds::none(), facts(value).quantization);
    }

    /// Only a convolution is, and only into the sum that reads it.
    template <class Op>
    std::string fuse_away(const Op& op, const real_node& node, const std::vector<float>& exact, both_sides& result) {
        if constexpr (std::is_same_v<Op, op::conv2d>) {
            real_node as_reals = node;
            as_reals.to = {1.0f, 0};
            result.reals = exact;
            result.uncertain = weighted_error::of_constants<Rule>(op, as_reals);
            return "";
        }
        return "is gone";
    }

    template <class Op>
    std::vector<double> allowed(const Op& op, const real_node& at_work, const default_graph::node_type& node) {
        for (const int input : node.inputs) {
            if (reals().is_constant(input) || !reals().is_real(input) || side(input).domain != nowhere) continue;
            std::vector<double> steps = side(input).uncertain;
            for (double& each : steps) each = each / at_work.step() + fused_sum_error;
            return steps;
        }
        return integer_error<Op>::template steps<Rule>(op, at_work);
    }
};

/// "" or what the quantized graph does wrong on one sample. `Rules`: the list that it was annotated under.
template <class Rule, class Rules = Rule>
std::string deviation_of(const default_graph& reals, const default_graph& integers, const flags& keep_float,
                         const std::vector<constant>& sample) {
    auto elements = evaluate<Rules>(integers, quantized_inputs(integers, sample));
    return graphs_side_by_side<Rule>(reals, integers, std::move(elements)).deviation(keep_float);
}

} // namespace ctq::laws

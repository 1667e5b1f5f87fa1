#pragma once
// quantize_graph: from a prepared float graph and real ranges to an integer graph, with float islands where they must
// be. room: quantize | runs on: compiler + host (allocates)

#include <ctq/operators/conversions.hpp>
#include <ctq/operators/function_table.hpp>
#include <ctq/quantize/context.hpp>
#include <ctq/quantize/fuse_residual.hpp>
#include <ctq/quantize/rule.hpp>

#include <utility>
#include <vector>

namespace ctq {

/// True when `Op` has an integer meaning under `Rule`: its own, or the table of an element-wise function.
template <class Op, class Rule, class Context>
concept has_integer_meaning = unary_function<Op> || requires(const Op& op, Context& context) {
    op.template quantized<Rule>(context);
};

namespace detail {

/// Which values share one scale and zero point: a union-find over the values of a graph.
class sharing {
  public:
    constexpr explicit sharing(std::size_t values) {
        for (std::size_t i = 0; i < values; ++i) parent_.push_back(static_cast<int>(i));
    }
    constexpr int root(int value) const {
        while (parent_[static_cast<std::size_t>(value)] != value) value = parent_[static_cast<std::size_t>(value)];
        return value;
    }
    constexpr void join(int a, int b) { parent_[static_cast<std::size_t>(root(a))] = root(b); }

  private:
    std::vector<int> parent_;
};

template <class Node> constexpr range_rule range_rule_of_node(const Node& node) {
    return visit_operator(node, [](const auto& op) { return range_rule_of<std::remove_cvref_t<decltype(op)>>; });
}

template <class Node> constexpr bounds fixed_bounds(const Node& node) {
    return visit_operator(node, [](const auto& op) {
        if constexpr (requires { op.output_bounds(); })
            return op.output_bounds();
        else
            return none;
    });
}

} // namespace detail

/// The work of one call of quantize_graph.
template <class Rule, class Graph> class graph_quantizer {
  public:
    /// `ranges`: one for each value (those of constants are not read). `keep_float`: one flag for each node.
    constexpr graph_quantizer(const Graph& source, std::vector<bounds> ranges, const flags& keep_float)
        : source_(source), ranges_(std::move(ranges)), scales_(source.values.size()) {
        choose_domains(keep_float);
        choose_scales();
    }

    constexpr Graph run() {
        target_.name = source_.name;
        integer_of_.assign(source_.values.size(), -1);
        float_of_.assign(source_.values.size(), -1);
        for (const port& input : source_.inputs) {
            const bool quantized = read_by_integers_only(input.value);
            const int index = target_.add_value(input.name, facts_of(input.value, quantized));
            (quantized ? integer_of_ : float_of_)[static_cast<std::size_t>(input.value)] = index;
            target_.inputs.push_back({input.name, index});
        }
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) {
            if (integer_[i])
                append_integer(source_.nodes[i]);
            else
                append_float(source_.nodes[i]);
        }
        for (const port& output : source_.outputs) {
            const int integers = integer_of_[static_cast<std::size_t>(output.value)];
            target_.outputs.push_back({output.name, integers >= 0 ? integers : floats(output.value)});
        }
        return std::move(target_);
    }

  private:
    constexpr tensor_facts facts_of(int value, bool quantized) const {
        const tensor_facts& facts = source_.value_at(value).facts;
        if (!quantized) return facts;
        return {Rule::activation_type, facts.shape, quantizations_[static_cast<std::size_t>(scales_.root(value))]};
    }

    /// An operator that only moves values follows the domain of what it is given; all others are integer if they can
    /// be.
    constexpr void choose_domains(const flags& keep_float) {
        flags integer_value(source_.values.size(), false);
        for (const port& input : source_.inputs) integer_value[static_cast<std::size_t>(input.value)] = true;
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) {
            const auto& node = source_.nodes[i];
            bool integer = !keep_float[i] && can_be_integer(node);
            if (integer && detail::range_rule_of_node(node) == range_rule::same_as_input) {
                integer = false;
                for (const int input : node.inputs) integer |= integer_value[static_cast<std::size_t>(input)] != 0;
            }
            integer_.push_back(integer);
            integer_value[static_cast<std::size_t>(node.output)] = integer;
        }
    }

    template <class Node> constexpr bool can_be_integer(const Node& node) const {
        using context = quantize_context<Graph, int (*)(int)>;
        if (source_.is_constant(node.inputs[0]) && node.inputs.size() == 1) return false;
        return visit_operator(
            node, [](const auto& op) { return has_integer_meaning<std::remove_cvref_t<decltype(op)>, Rule, context>; });
    }

    constexpr void choose_scales() {
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) {
            const auto& node = source_.nodes[i];
            if (!integer_[i] || detail::range_rule_of_node(node) != range_rule::same_as_input) continue;
            for (const int input : node.inputs)
                if (!source_.is_constant(input) && (node.inputs.size() == 1 || !made_with_fixed_scale(input)))
                    scales_.join(input, node.output);
        }
        std::vector<bounds> shared(source_.values.size(), bounds{0.0f, 0.0f});
        for (std::size_t i = 0; i < source_.values.size(); ++i) {
            if (source_.values[i].constant >= 0) continue;
            bounds& range = shared[static_cast<std::size_t>(scales_.root(static_cast<int>(i)))];
            range = {ranges_[i].low < range.low ? ranges_[i].low : range.low,
                     ranges_[i].high > range.high ? ranges_[i].high : range.high};
        }
        for (const auto& node : source_.nodes) {
            if (detail::range_rule_of_node(node) != range_rule::fixed) continue;
            shared[static_cast<std::size_t>(scales_.root(node.output))] = detail::fixed_bounds(node);
        }
        for (const bounds& range : shared) quantizations_.push_back(Rule::activation(range));
    }

    /// True when a value is made under a scale that is not free to be widened, directly or moved about.
    constexpr bool made_with_fixed_scale(int value) const {
        for (int at = source_.producer_of(value); at >= 0;) {
            const auto& node = source_.node_at(at);
            if (detail::range_rule_of_node(node) == range_rule::fixed) return true;
            if (detail::range_rule_of_node(node) != range_rule::same_as_input || node.inputs.size() != 1) return false;
            at = source_.producer_of(node.inputs[0]);
        }
        return false;
    }

    constexpr bool read_by_integers_only(int value) const {
        bool read = false;
        for (std::size_t i = 0; i < source_.nodes.size(); ++i)
            for (const int input : source_.nodes[i].inputs) {
                if (input != value) continue;
                if (!integer_[i]) return false;
                read = true;
            }
        return read;
    }

    /// The target's integer value for a source value; quantizes the float one where only that exists.
    constexpr int integers(int value) {
        int& known = integer_of_[static_cast<std::size_t>(value)];
        if (known < 0) {
            const text name = source_.value_at(value).name + ".quantized";
            const int from = floats(value);
            known = target_.add_value(name, facts_of(value, true));
            target_.nodes.push_back({name, quantize_layer{}, {from}, known, {}});
        }
        return known;
    }

    /// The target's float value for a source value: a copied constant, or a dequantized activation.
    constexpr int floats(int value) {
        int& known = float_of_[static_cast<std::size_t>(value)];
        if (known >= 0) return known;
        const ctq::value& from = source_.value_at(value);
        if (from.constant >= 0) {
            const auto elements = source_.reals(value);
            known =
                target_.add_constant(from.name, from.facts.shape, std::vector<float>(elements.begin(), elements.end()));
            return known;
        }
        const text name = from.name + ".dequantized";
        known = target_.add_value(name, from.facts);
        target_.nodes.push_back({name, dequantize_layer{}, {integer_of_[static_cast<std::size_t>(value)]}, known, {}});
        return known;
    }

    template <class Node> constexpr void append_integer(const Node& node) {
        const auto integers_of = [this](int value) { return integers(value); };
        const tensor_facts facts = facts_of(node.output, true);
        quantize_context<Graph, decltype(integers_of)> context(source_, node, target_, facts, integers_of);
        typename Graph::operation_type op = visit_operator(node, [&](const auto& from) {
            using type = std::remove_cvref_t<decltype(from)>;
            if constexpr (requires { from.template quantized<Rule>(context); })
                return typename Graph::operation_type(from.template quantized<Rule>(context));
            else if constexpr (unary_function<type>)
                return typename Graph::operation_type(quantized_table<type, Rule>(from, context));
            else
                return typename Graph::operation_type(from);
        });
        const int output = target_.add_value(source_.value_at(node.output).name, facts);
        target_.nodes.push_back({node.name, std::move(op), context.inputs(), output, node.origins});
        integer_of_[static_cast<std::size_t>(node.output)] = output;
    }

    template <class Node> constexpr void append_float(const Node& node) {
        Node copy = node;
        for (int& input : copy.inputs) input = floats(input);
        copy.output = target_.add_value(source_.value_at(node.output).name, source_.value_at(node.output).facts);
        float_of_[static_cast<std::size_t>(node.output)] = copy.output;
        target_.nodes.push_back(std::move(copy));
    }

    const Graph& source_;
    std::vector<bounds> ranges_;
    detail::sharing scales_;
    flags integer_;
    std::vector<quantization> quantizations_;
    Graph target_;
    std::vector<int> integer_of_, float_of_;
};

/// Quantizes a prepared float graph. `ranges`: the real range of each value; `keep_float`: nodes that stay float.
/// Faults (model_error, or the compiler's error) when a layer's constants do not fit the rule's integers.
template <class Rule, class Graph>
constexpr Graph quantize_graph(const Graph& graph, std::vector<bounds> ranges, const flags& keep_float) {
    static_assert(
        quantization_rule<Rule>,
        "ctq: quantize_graph: a quantization_rule is required; give the type the members that the concept lists");
    using operation = typename Graph::operation_type;
    constexpr bool has_both = is_alternative<conv2d, operation> && is_alternative<add, operation>;
    if constexpr (requires { requires Rule::fuses_residual && has_both; }) {
        Graph fused = graph;
        flags keep = keep_float;
        fuse_residual<Rule>(fused, ranges, keep);
        return graph_quantizer<Rule, Graph>(fused, std::move(ranges), keep).run();
    } else {
        return graph_quantizer<Rule, Graph>(graph, std::move(ranges), keep_float).run();
    }
}

} // namespace ctq

#pragma once
// annotate: from a prepared float graph and real ranges to the same graph with integers: each value has an element type
// and a quantization, weights are integers, conversions stand where two domains meet. What a kernel makes of a node is
// not its affair: see kernels/kernel.hpp.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/operators/conversions.hpp>
#include <ctq/operators/function_table.hpp>
#include <ctq/quantize/rule.hpp>
#include <ctq/quantize/weights.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// Which values share one scale and zero point: a union-find over the values of a graph.
class sharing {
  public:
    constexpr explicit sharing(std::size_t values) {
        for (std::size_t i = 0; i < values; ++i) parent_.push_back(static_cast<int>(i));
    }
    constexpr int root(int value) {
        int top = value;
        while (parent_[static_cast<std::size_t>(top)] != top) top = parent_[static_cast<std::size_t>(top)];
        while (value != top) value = std::exchange(parent_[static_cast<std::size_t>(value)], top);
        return top;
    }
    constexpr void join(int a, int b) { parent_[static_cast<std::size_t>(root(a))] = root(b); }

  private:
    std::vector<int> parent_;
};

template <class Node> constexpr range_rule range_rule_of_node(const Node& node) {
    return visit_operator(node, [](const auto& op) { return range_rule_of<std::remove_cvref_t<decltype(op)>>; });
}

template <class Node> constexpr bounds fixed_bounds(const Node& node, dtype type) {
    return visit_operator(node, [&](const auto& op) {
        if constexpr (requires { op.output_bounds(type); })
            return op.output_bounds(type);
        else
            return none;
    });
}

/// A rule as nodes know it.
template <class Rule> constexpr domain domain_of() {
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

/// The signature that nodes of `Op` have under `Rule`.
template <class Rule, class Op> constexpr signature signature_under() {
    constexpr dtype a = Rule::activation_type;
    return is_weighted<Op> ? signature{a, weight_type_of<Rule>, a, accumulator_of(a), weighted_rounding_of<Rule>}
                           : signature{a, a, a, dtype::int32, Rule::how};
}

/// The work of one call of annotate. A value has a twin for each domain that makes or reads it, made when it is first
/// asked for; the one of its producer's domain comes first.
template <class Rules, class Graph> class annotator {
  public:
    using node_type = typename Graph::node_type;

    constexpr annotator(const Graph& source, std::vector<bounds> ranges, const std::vector<int>& domains)
        : source_(source), ranges_(std::move(ranges)), made_in_(source.values.size(), float_domain) {
        target_.domains = domains_of(Rules{});
        choose_domains(domains);
        for (std::size_t d = 0; d < target_.domains.size(); ++d) choose_quantizations(static_cast<int>(d));
    }

    constexpr Graph run() {
        target_.name = source_.name;
        twins_.assign(target_.domains.size(), std::vector<int>(source_.values.size(), -1));
        for (const port& input : source_.inputs) {
            const int domain = made_in(input.value);
            const int index = target_.add_value(input.name, facts_in(domain, input.value));
            twin(domain, input.value) = index;
            target_.inputs.push_back({input.name, index});
        }
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) append(source_.nodes[i], domains_[i]);
        for (const port& output : source_.outputs)
            target_.outputs.push_back({output.name, in_domain(made_in(output.value), output.value)});
        return std::move(target_);
    }

  private:
    constexpr int& twin(int domain, int value) {
        return twins_[static_cast<std::size_t>(domain)][static_cast<std::size_t>(value)];
    }
    constexpr int& made_in(int value) { return made_in_[static_cast<std::size_t>(value)]; }

    template <class Visitor> static constexpr decltype(auto) with_rule(int domain, Visitor&& visit) {
        return with_rule_of(domain, Rules{}, visit);
    }

    /// Facts of an activation under a domain's rule: all the integers that the rule has.
    static constexpr tensor_facts integer_facts(int domain, const shape& of, const quantization& q) {
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            return tensor_facts{rule_type::activation_type, of, q, rule_type::activation_limits(none, q)};
        });
    }

    /// Facts of a value's twin in a domain.
    constexpr tensor_facts facts_in(int domain, int value) const {
        const tensor_facts& facts = source_.value_at(value).facts;
        if (domain == float_domain || facts.type != dtype::float32) return facts;
        return integer_facts(domain, facts.shape, quantization_of(domain, value));
    }

    static constexpr dtype activation_type(int domain) {
        return with_rule(domain, [](auto rule) { return decltype(rule)::activation_type; });
    }

    /// A node has the domain that it is given if its operator has an integer meaning there. One that only moves
    /// elements follows what it is given; a graph's input has the domain of those who read it if none of them is float.
    constexpr void choose_domains(const std::vector<int>& wanted) {
        for (const port& input : source_.inputs) made_in(input.value) = 1;
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) {
            const node_type& node = source_.nodes[i];
            int domain = can_be_integer(node, wanted[i]) ? wanted[i] : float_domain;
            if (domain != float_domain && range_rule_of_node(node) == range_rule::same_as_input) {
                bool any = false;
                for (const int input : node.inputs)
                    any |= !source_.is_constant(input) && made_in(input) != float_domain;
                if (!any) domain = float_domain;
            }
            domains_.push_back(domain);
            for (const int output : node.outputs) made_in(output) = domain;
        }
        for (const port& input : source_.inputs) made_in(input.value) = domain_of_readers(input.value);
    }

    constexpr int domain_of_readers(int value) const {
        int found = float_domain;
        for (std::size_t i = 0; i < source_.nodes.size(); ++i)
            for (const int input : source_.nodes[i].inputs) {
                if (input != value) continue;
                if (domains_[i] == float_domain) return float_domain;
                if (found == float_domain) found = domains_[i];
            }
        return found;
    }

    constexpr bool can_be_integer(const node_type& node, int domain) const {
        if (domain == float_domain || node.inputs.empty()) return false;
        if (source_.is_constant(node.inputs[0]) && node.inputs.size() == 1) return false;
        return with_rule(domain, [&](auto rule) {
            return visit_operator(node, [](const auto& op) {
                using op_type = std::remove_cvref_t<decltype(op)>;
                return has_integer_meaning<op_type, signature_under<decltype(rule), op_type>()>;
            });
        });
    }

    /// The quantization of each value in one integer domain, shared where its nodes only choose among elements.
    constexpr void choose_quantizations(int domain) {
        quantizations_.emplace_back();
        if (domain == float_domain) return;
        sharing same(source_.values.size());
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) {
            const node_type& node = source_.nodes[i];
            if (domains_[i] != domain || range_rule_of_node(node) != range_rule::same_as_input) continue;
            for (const int output : node.outputs)
                for (const int input : node.inputs)
                    if (!source_.is_constant(input) && (node.inputs.size() == 1 || !made_with_fixed_scale(input)))
                        same.join(input, output);
        }
        std::vector<bounds> shared(source_.values.size(), bounds{0.0f, 0.0f});
        for (std::size_t i = 0; i < source_.values.size(); ++i) {
            if (source_.values[i].constant >= 0) continue;
            bounds& range = shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))];
            range = {ranges_[i].low < range.low ? ranges_[i].low : range.low,
                     ranges_[i].high > range.high ? ranges_[i].high : range.high};
        }
        for (const node_type& node : source_.nodes) {
            if (range_rule_of_node(node) != range_rule::fixed) continue;
            for (const int output : node.outputs)
                shared[static_cast<std::size_t>(same.root(output))] = fixed_bounds(node, activation_type(domain));
        }
        with_rule(domain, [&](auto rule) {
            for (std::size_t i = 0; i < source_.values.size(); ++i)
                quantizations_.back().push_back(
                    decltype(rule)::activation(shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))]));
        });
    }

    /// True when a value is made under a scale that is not free to be widened, directly or moved about.
    constexpr bool made_with_fixed_scale(int value) const {
        for (int at = source_.producer_of(value); at >= 0;) {
            const node_type& node = source_.node_at(at);
            if (range_rule_of_node(node) == range_rule::fixed) return true;
            if (range_rule_of_node(node) != range_rule::same_as_input || node.inputs.size() != 1) return false;
            at = source_.producer_of(node.inputs[0]);
        }
        return false;
    }

    /// The target's value for a source value in a domain; converted where it is not there yet.
    constexpr int in_domain(int domain, int value) {
        if (twin(domain, value) >= 0) return twin(domain, value);
        const ctq::value& from = source_.value_at(value);
        if (from.constant >= 0) return twin(domain, value) = copied_constant(value);
        const int home = made_in(value);
        if (domain == float_domain)
            return twin(domain, value) = converted(dequantize_layer{}, from.name + ".dequantized",
                                                   in_domain(home, value), from.facts, home);
        const tensor_facts facts = facts_in(domain, value);
        if (home == float_domain)
            return twin(domain, value) =
                       converted(quantize_layer{}, from.name + ".quantized", in_domain(home, value), facts, domain);
        return twin(domain, value) =
                   converted(requantize_layer{}, from.name + ".requantized", in_domain(home, value), facts, domain);
    }

    constexpr int copied_constant(int value) {
        const ctq::value& from = source_.value_at(value);
        const int copy = target_.add_value(from.name, from.facts);
        target_.value_at(copy).constant = static_cast<int>(target_.constants.size());
        target_.constants.push_back(source_.constant_of(value));
        return copy;
    }

    template <class Op>
    constexpr int converted(const Op& op, const text& name, int from, const tensor_facts& facts, int domain) {
        const int made = target_.add_value(name, facts);
        target_.nodes.push_back({name, op, {from}, {made}, {}, domain});
        return made;
    }

    constexpr void append(const node_type& node, int domain) {
        node_type copy = node;
        copy.domain = domain;
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            copy.inputs[i] =
                domain == float_domain ? in_domain(float_domain, node.inputs[i]) : integer_operand(node, domain, i);
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            const int value = node.outputs[i];
            tensor_facts facts = facts_in(domain, value);
            if (is_integer(facts.type) && domain != float_domain) facts.range = range_of(node, copy, domain, facts);
            copy.outputs[i] = target_.add_value(source_.value_at(value).name, facts);
            twin(domain, value) = copy.outputs[i];
        }
        target_.nodes.push_back(std::move(copy));
    }

    /// The integers that a node can make: those of its operands where it chooses among them, within its own clamp.
    constexpr limits range_of(const node_type& node, const node_type& copy, int domain, const tensor_facts& facts) {
        const bounds clamp = visit_operator(node, [](const auto& op) { return clamp_of(op); });
        const limits own =
            with_rule(domain, [&](auto rule) { return decltype(rule)::activation_limits(clamp, facts.quantization); });
        const bool moves =
            visit_operator(node, [](const auto& op) { return moves_elements<std::remove_cvref_t<decltype(op)>>; });
        const limits from = moves ? target_.value_at(copy.inputs[0]).facts.range : limits_of(facts.type);
        return {own.clamp(from.low), own.clamp(from.high)};
    }

    constexpr int integer_operand(const node_type& node, int domain, std::size_t i) {
        const int value = node.inputs[i];
        const operand_role role =
            visit_operator(node, [&](const auto& op) { return role_of<std::remove_cvref_t<decltype(op)>>(i); });
        if (role == operand_role::parameter) return in_domain(float_domain, value);
        if (role == operand_role::weights) return integer_weights_of(node, domain);
        if (role == operand_role::bias) return integer_bias_of(node, domain);
        const bool shares = range_rule_of_node(node) == range_rule::same_as_input;
        const quantization& out = quantization_of(domain, node.output());
        if (source_.is_constant(value))
            return integer_constant(value, domain, shares ? out : quantization_of_constant(value, domain));
        const int integers = in_domain(domain, value);
        if (!shares || target_.value_at(integers).facts.quantization == out) return integers;
        return shared_operand(node, integers, out, domain);
    }

    constexpr const quantization& quantization_of(int domain, int value) const {
        return quantizations_[static_cast<std::size_t>(domain)][static_cast<std::size_t>(value)];
    }

    /// An operand that must have the output's quantization, converted to it once for all readers.
    constexpr int shared_operand(const node_type& node, int integers, const quantization& wanted, int domain) {
        for (const auto& [from, to] : conversions_)
            if (from == integers && target_.value_at(to).facts.quantization == wanted) return to;
        const value& from = target_.value_at(integers);
        const text name = node.name + "." + from.name.view() + ".requantized";
        const tensor_facts facts = integer_facts(domain, from.facts.shape, wanted);
        const int to = converted(requantize_layer{}, name, integers, facts, domain);
        conversions_.push_back({integers, to});
        return to;
    }

    /// A constant operand has the quantization of its own range.
    constexpr quantization quantization_of_constant(int value, int domain) const {
        bounds range{0.0f, 0.0f};
        for (const float each : source_.reals(value))
            range = {each < range.low ? each : range.low, each > range.high ? each : range.high};
        return with_rule(domain, [&](auto rule) { return decltype(rule)::activation(range); });
    }

    constexpr int integer_constant(int value, int domain, const quantization& q) {
        const ctq::value& from = source_.value_at(value);
        const tensor_facts facts = integer_facts(domain, from.facts.shape, q);
        const int index = with_rule(domain, [&](auto rule) {
            using stored = element<decltype(rule)::activation_type>;
            std::vector<stored> integers;
            for (const float each : source_.reals(value))
                integers.push_back(static_cast<stored>(quantize(each, facts)));
            return target_.add_constant(from.name, from.facts.shape, std::move(integers), q);
        });
        target_.value_at(index).facts = facts;
        return index;
    }

    constexpr std::span<const float> biases_of(const node_type& node) const {
        return node.inputs.size() > 2 ? source_.reals(node.inputs[2]) : std::span<const float>();
    }
    constexpr double input_scale(const node_type& node, int domain) {
        return static_cast<double>(target_.value_at(in_domain(domain, node.inputs[0])).facts.quantization.scale);
    }

    constexpr int integer_weights_of(const node_type& node, int domain) {
        require(source_.is_constant(node.inputs[1]), "weights must be constant");
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            const auto weights = source_.reals(node.inputs[1]);
            const auto channels = static_cast<std::size_t>(source_.value_at(node.inputs[1]).facts.shape[0]);
            const auto output_scale = static_cast<double>(quantization_of(domain, node.output()).scale);
            weight_scales_ =
                weight_scales<rule_type>(weights, biases_of(node), channels, input_scale(node, domain), output_scale);
            return scaled_constant(node.inputs[1], integer_weights<rule_type>(weights, weight_scales_), weight_scales_,
                                   rule_type::weight_limits);
        });
    }

    /// The bias follows the weights, whose scales are known by then.
    constexpr int integer_bias_of(const node_type& node, int domain) {
        require(source_.is_constant(node.inputs[2]), "a bias must be constant");
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            std::vector<double> scales = weight_scales_;
            for (double& scale : scales) scale *= input_scale(node, domain);
            constant made = integer_bias<rule_type>(source_.reals(node.inputs[2]), scales);
            const limits all{};
            return scaled_constant(node.inputs[2], std::move(made), std::move(scales), all);
        });
    }

    constexpr int scaled_constant(int value, constant made, std::vector<double> scales, const limits& range) {
        const ctq::value& from = source_.value_at(value);
        const int index = target_.add_value(from.name, {made.type(), from.facts.shape, {}, range});
        target_.value_at(index).scales = std::move(scales);
        target_.value_at(index).constant = static_cast<int>(target_.constants.size());
        target_.constants.push_back(std::move(made));
        return index;
    }

    const Graph& source_;
    std::vector<bounds> ranges_;
    std::vector<int> domains_;                             ///< of each node
    std::vector<int> made_in_;                             ///< the domain that makes each value
    std::vector<std::vector<quantization>> quantizations_; ///< by domain and value
    std::vector<std::vector<int>> twins_;                  ///< by domain and value of the source
    std::vector<std::pair<int, int>> conversions_;         ///< values of the target: from, to
    std::vector<double> weight_scales_;                    ///< of the node that is being annotated
    Graph target_;
};

} // namespace detail

/// Annotates a prepared float graph under `Rules`, a rule or a rule_list. `ranges`: the real range of each value;
/// `domains`: for each node 0 for float, or the position of its rule in the list, counted from 1. An operator without
/// an integer meaning under its rule stays in float. Faults (model_error, or the compiler's error) where a layer's
/// constants do not fit the rule's integers. Cost: a pass over the constants.
template <class Rules, class Graph>
constexpr Graph annotate(const Graph& graph, std::vector<bounds> ranges, const std::vector<int>& domains) {
    return detail::annotator<typename detail::as_rule_list<Rules>::type, Graph>(graph, std::move(ranges), domains)
        .run();
}

/// The same under one rule; `keep_float`: nodes that stay float.
template <quantization_rule Rule, class Graph>
constexpr Graph annotate(const Graph& graph, std::vector<bounds> ranges, const flags& keep_float) {
    std::vector<int> domains;
    for (const std::uint8_t keep : keep_float) domains.push_back(keep != 0 ? float_domain : 1);
    return annotate<rule_list<Rule>>(graph, std::move(ranges), domains);
}

} // namespace ctq::inline CTQ_TARGET

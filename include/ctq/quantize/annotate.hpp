#pragma once
// annotate: from a prepared float graph and real ranges to the same graph with integers: each value has an element type
// and a quantization, weights are integers, conversions stand where two domains meet. What runs of a node is not its
// affair: see execute/lower.hpp.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/quantize/value_twins.hpp>
#include <ctq/quantize/weights.hpp>

#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// The work of one call of annotate: the target's nodes, what they read, its ports and states.
template <class Rules, class Graph> class annotator {
  public:
    using node_type = typename Graph::node_type;

    constexpr annotator(const Graph& source, std::vector<bounds> ranges, const std::vector<int>& domains)
        : source_(source),
          domains_(choose_domains<Rules>(source, domains)),
          forms_(source, domains_, std::move(ranges)),
          twins_(source, domains_, forms_, target_) {
        target_.name = source.name;
        target_.domains = domains_of(Rules{});
    }

    constexpr Graph run() {
        for (const port& input : source_.inputs)
            target_.inputs.push_back({input.name, add_given(domains_.made_in(input.value), input.name, input.value)});
        for (const graph_state& each : source_.states) append_state(each);
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) append(source_.nodes[i], domains_.node(i));
        for (const port& output : source_.outputs)
            target_.outputs.push_back(
                {output.name, twins_.in_domain(domains_.made_in(output.value), output.value), output.count});
        for (std::size_t i = 0; i < source_.states.size(); ++i)
            target_.states[i].written = written_value(source_.states[i]);
        return std::move(target_);
    }

  private:
    template <class Visitor> static constexpr decltype(auto) with_rule(int domain, Visitor&& visit) {
        return with_rule_of(domain, Rules{}, visit);
    }

    static constexpr bool sums_stay(int domain) {
        return with_rule(domain, [](auto rule) { return keeps_accumulators<decltype(rule)>; });
    }
    static constexpr dtype accumulator_in(int domain, dtype x) {
        return with_rule(domain, [&](auto rule) { return accumulator_under<decltype(rule)>(x); });
    }

    /// What nothing makes, in the domain that it is given in.
    constexpr int add_given(int domain, const text& name, int value) {
        return twins_.twin(domain, value) = target_.add_value(name, twins_.facts_in(domain, value));
    }

    constexpr void append(const node_type& node, int domain) {
        node_type copy = node;
        copy.domain = domain;
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            copy.inputs[i] = domain == float_domain ? twins_.in_domain(float_domain, node.inputs[i])
                                                    : integer_operand(node, domain, i);
        const bool sums = domain != float_domain && traits_of_node(node).is_weighted();
        if (sums) name_accumulator(copy, domain, node.output());
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            const int value = node.outputs[i];
            const tensor_facts facts =
                sums && sums_stay(domain) ? facts_of_sums(copy, value) : facts_of_output(node, copy, domain, value);
            copy.outputs[i] = target_.add_value(source_.value_at(value).name, facts);
            twins_.twin(domains_.made_in(value), value) = copy.outputs[i];
        }
        target_.nodes.push_back(std::move(copy));
    }

    static constexpr bounds clamp_of_node(const node_type& node) {
        return visit_operator(node, [](const auto& op) { return clamp_of(op); });
    }

    /// A sum of products has the type of its bias: the rule's, or 32 bits where these are proved to do. One that has
    /// none gets zeros where the accumulators are not those that follow from the activations.
    constexpr void name_accumulator(node_type& copy, int domain, int output) {
        const dtype x = target_.value_at(copy.inputs[0]).facts.type, chosen = accumulator_in(domain, x);
        const dtype type = fits_32_bits(copy, domain, output) ? dtype::int32 : chosen;
        if (copy.inputs.size() == 2) {
            if (type == accumulator_of(x)) return;
            const shape& of = target_.value_at(copy.inputs[1]).facts.shape;
            const std::int32_t channels = of[traits_of_node(copy).weight_axis];
            copy.inputs.push_back(target_.add_zeros(copy.name + ".bias", type, channels));
        } else if (type != chosen) {
            narrow(copy.inputs[2]);
        }
    }

    /// Whether 32 bits hold all sums of a layer that would have 64, from its integers. The type of a bias must tell it.
    constexpr bool fits_32_bits(const node_type& copy, int domain, int output) const {
        if (traits_of_node(copy).role(2) != operand_role::bias) return false;
        const tensor_facts& x = target_.value_at(copy.inputs[0]).facts;
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            if constexpr (narrows_some_accumulators<rule_type>)
                return narrows_accumulators<rule_type>(x.type) &&
                       channels_fit_32_bits<rule_type>(copy, x, forms_.in(domain, output).quantization);
            else
                return false;
        });
    }
    template <class Rule>
    constexpr bool channels_fit_32_bits(const node_type& copy, const tensor_facts& x, const quantization& out) const {
        const auto sums =
            channel_sums<Rule>(target_.constant_of(copy.inputs[1]), target_.value_at(copy.inputs[1]).facts.shape,
                               traits_of_node(copy).weight_axis);
        for (std::size_t channel = 0; channel < sums.size(); ++channel) {
            const double product = static_cast<double>(x.quantization.scale) * weight_scales_[channel];
            std::int64_t bias = 0;
            if (copy.inputs.size() > 2) bias = target_.constant_of(copy.inputs[2]).template as<std::int64_t>()[channel];
            if (!sum_fits_32_bits<Rule>(sums[channel], bias, x, product / static_cast<double>(out.scale))) return false;
        }
        return true;
    }

    /// A bias of 64 bits that 32 hold.
    constexpr void narrow(int bias) {
        std::vector<std::int32_t> integers;
        for (const std::int64_t each : target_.constant_of(bias).template as<std::int64_t>())
            integers.push_back(static_cast<std::int32_t>(each));
        value& narrowed = target_.value_at(bias);
        narrowed.facts.type = dtype::int32;
        target_.constants[static_cast<std::size_t>(narrowed.constant)] = constant(std::move(integers));
    }

    /// Accumulators that stay as they are, in the scale of the products.
    constexpr tensor_facts facts_of_sums(const node_type& copy, int value) const {
        const double x = static_cast<double>(target_.value_at(copy.inputs[0]).facts.quantization.scale);
        const quantization q{static_cast<float>(x * target_.value_at(copy.inputs[1]).scale_of(0)), 0};
        return {dtype::int32, source_.value_at(value).facts.shape, q,
                rule::limits_of_accumulators(clamp_of_node(copy), q)};
    }

    /// The integers that a node can make: those of its operands where it chooses among them, within its own clamp.
    constexpr tensor_facts facts_of_output(const node_type& node, const node_type& copy, int domain, int value) {
        tensor_facts facts = twins_.facts_in(domain, value);
        if (!twins_.is_real(value) || !is_integer(facts.type) || domain == float_domain) return facts;
        const limits own = twins_.limits_in(domain, form_of(facts), clamp_of_node(node));
        const limits from =
            traits_of_node(node).moves_elements ? target_.value_at(copy.inputs[0]).facts.range : limits_of(facts.type);
        facts.range = {own.clamp(from.low), own.clamp(from.high)};
        return facts;
    }

    constexpr int integer_operand(const node_type& node, int domain, std::size_t i) {
        const int value = node.inputs[i];
        const operand_role role = traits_of_node(node).role(i);
        const bool stays_real = role == operand_role::bias && is_dynamic_domain<Rules>(domain);
        if (role == operand_role::parameter || role == operand_role::positions || stays_real)
            return twins_.in_domain(float_domain, value);
        if (role == operand_role::weights) return integer_weights_of(node, domain);
        if (role == operand_role::bias) return integer_bias_of(node, domain);
        if (is_dynamic_domain<Rules>(domain)) return twins_.in_domain(domain, value);
        const bool shares = traits_of_node(node).output_range == range_rule::same_as_input;
        const stored_form& out = forms_.in(domain, node.output());
        if (source_.is_constant(value))
            return integer_constant(value, domain, shares ? out : form_of_constant(value, domain));
        const int integers = twins_.activation_in(domain, value);
        return shares && twins_.is_real(value) ? shared_operand(node, integers, out, domain) : integers;
    }

    /// An operand that must have the output's form.
    constexpr int shared_operand(const node_type& node, int integers, const stored_form& wanted, int domain) {
        if (twins_.has_form(integers, wanted)) return integers;
        const text& from = target_.value_at(integers).name;
        return twins_.converted_to(wanted, integers, node.name + "." + from.view() + ".requantized", domain);
    }

    /// A constant operand has the form of its own range.
    constexpr stored_form form_of_constant(int value, int domain) const {
        const bounds range = range_of_constant(source_, value);
        return with_rule(domain, [&](auto rule) { return form_for<decltype(rule)>(range); });
    }

    constexpr int integer_constant(int value, int domain, const stored_form& form) {
        const ctq::value& from = source_.value_at(value);
        const tensor_facts facts = twins_.integer_facts(domain, from.facts.shape, form);
        const int index = target_.add_value(from.name, facts);
        target_.set_constant(index, with_element_type(form.type, [&](auto zero) {
                                 using stored = decltype(zero);
                                 std::vector<stored> integers;
                                 if constexpr (std::is_integral_v<stored>)
                                     for (const float each : source_.reals(value))
                                         integers.push_back(static_cast<stored>(quantize(each, facts)));
                                 return constant(std::move(integers));
                             }));
        return index;
    }

    constexpr void append_state(const graph_state& each) {
        const int domain = domains_.made_in(each.read);
        const int read = add_given(domain, source_.value_at(each.read).name, each.read);
        target_.states.push_back({each.name, held_constant(each.initial, each, domain), read, -1});
    }

    /// A constant as a state holds it.
    constexpr int held_constant(int value, const graph_state& in, int domain) {
        if (domain == float_domain || !twins_.is_real(value)) return twins_.in_domain(float_domain, value);
        return integer_constant(value, domain, forms_.in(domain, in.read));
    }

    /// What is written to a state, as the state holds it: converted where another domain makes it, or another scale is
    /// fixed for it.
    constexpr int written_value(const graph_state& each) {
        const int domain = domains_.made_in(each.read);
        if (source_.is_constant(each.written)) return held_constant(each.written, each, domain);
        const int made = twins_.in_domain(domain, each.written);
        const bool kept = domain == float_domain || twins_.has_form(made, forms_.in(domain, each.read));
        return kept ? made
                    : twins_.converted_to(forms_.in(domain, each.read), made, each.name + ".requantized", domain);
    }

    constexpr std::span<const float> biases_of(const node_type& node) const {
        return node.inputs.size() > 2 ? source_.reals(node.inputs[2]) : std::span<const float>();
    }
    /// The activations that a weighted node multiplies.
    constexpr const tensor_facts& input_facts(const node_type& node, int domain) {
        return target_.value_at(twins_.activation_in(domain, node.inputs[0])).facts;
    }

    constexpr int integer_weights_of(const node_type& node, int domain) {
        require(source_.is_constant(node.inputs[1]), "weights must be constant");
        const shape& of = source_.value_at(node.inputs[1]).facts.shape;
        const int axis = traits_of_node(node).weight_axis;
        require(axis < of.rank, "weights must have the channel axis that their operator states");
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            const channel_weights weights{source_.reals(node.inputs[1]), of, axis};
            if constexpr (dynamic_ranges<rule_type>) {
                weight_scales_ = weight_scales<rule_type>(weights, {}, 1.0, 1.0); // the bias stays real
            } else {
                const auto input_scale = static_cast<double>(input_facts(node, domain).quantization.scale);
                const auto output_scale = static_cast<double>(forms_.in(domain, node.output()).quantization.scale);
                weight_scales_ = weight_scales<rule_type>(weights, biases_of(node), input_scale, output_scale);
            }
            const int made = scaled_constant(node.inputs[1], integer_weights<rule_type>(weights, weight_scales_),
                                             weight_scales_, rule_type::weight_limits);
            target_.value_at(made).scale_axis = axis;
            return made;
        });
    }

    /// The bias follows the weights, whose scales are known by then.
    constexpr int integer_bias_of(const node_type& node, int domain) {
        require(source_.is_constant(node.inputs[2]), "a bias must be constant");
        const tensor_facts x = input_facts(node, domain);
        std::vector<double> scales = weight_scales_;
        for (double& scale : scales) scale *= static_cast<double>(x.quantization.scale);
        const dtype type = accumulator_in(domain, x.type);
        constant made = integer_bias(source_.reals(node.inputs[2]), scales, type);
        return scaled_constant(node.inputs[2], std::move(made), std::move(scales), limits{});
    }

    constexpr int scaled_constant(int value, constant made, std::vector<double> scales, const limits& range) {
        const ctq::value& from = source_.value_at(value);
        const int index = target_.add_value(from.name, {made.type(), from.facts.shape, {}, range});
        target_.value_at(index).scales = std::move(scales);
        target_.set_constant(index, std::move(made));
        return index;
    }

    const Graph& source_;
    Graph target_;
    chosen_domains domains_;
    value_forms<Rules, Graph> forms_;
    value_twins<Rules, Graph> twins_;
    std::vector<double> weight_scales_; ///< of the node that is being annotated
};

} // namespace detail

/// Annotates a prepared float graph under `Rules`, a rule or a rule_list. `ranges`: the real range of each value;
/// `domains`: for each node 0 for float, or the position of its rule in the list, counted from 1. An operator without
/// an integer meaning under its rule stays in float. Faults (model_error, or the compiler's error) where a layer's
/// constants do not fit the rule's integers. Cost: a pass over the constants.
template <class Rules, class Graph>
constexpr Graph annotate(const Graph& graph, std::vector<bounds> ranges, const std::vector<int>& domains) {
    using rules = typename detail::as_rule_list<Rules>::type;
    if constexpr (check_rule_members(rules{}))
        return detail::annotator<rules, Graph>(graph, std::move(ranges), domains).run();
    else
        return graph;
}

/// The same under one rule; `keep_float`: nodes that stay float.
template <quantization_rule Rule, class Graph>
constexpr Graph annotate(const Graph& graph, std::vector<bounds> ranges, const flags& keep_float) {
    std::vector<int> domains;
    for (const std::uint8_t keep : keep_float) domains.push_back(keep != 0 ? float_domain : 1);
    return annotate<rule_list<Rule>>(graph, std::move(ranges), domains);
}

} // namespace ctq::inline CTQ_TARGET

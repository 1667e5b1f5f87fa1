#pragma once
// annotate: from a prepared float graph and real ranges to the same graph with integers: each value has an element type
// and a quantization, weights are integers, conversions stand where two domains meet. What a kernel makes of a node is
// not its affair: see kernels/kernel.hpp.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/core/dynamic_range.hpp>
#include <ctq/operators/conversions.hpp>
#include <ctq/operators/dynamic_quantize.hpp>
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
            return bounds::none();
    });
}

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

/// How the activations of one real range are stored.
struct stored_form {
    dtype type = dtype::float32;
    ctq::quantization quantization{};

    friend constexpr bool operator==(const stored_form&, const stored_form&) = default;
};

constexpr stored_form form_of(const tensor_facts& facts) {
    return {facts.type, facts.quantization};
}

template <class Rule> constexpr stored_form form_for(const bounds& range) {
    return {activation_type_for<Rule>(range), Rule::activation(range)};
}

/// The work of one call of annotate. A value has a twin for each domain that makes or reads it, made when it is first
/// asked for; the one of its producer's domain comes first.
template <class Rules, class Graph> class annotator {
  public:
    using node_type = typename Graph::node_type;

    constexpr annotator(const Graph& source, std::vector<bounds> ranges, const std::vector<int>& domains)
        : source_(source), ranges_(std::move(ranges)), made_in_(source.values.size(), float_domain) {
        target_.domains = domains_of(Rules{});
        widen_ranges_of_states();
        choose_domains(domains);
        for (std::size_t d = 0; d < target_.domains.size(); ++d) choose_forms(static_cast<int>(d));
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
        for (const graph_state& each : source_.states) append_state(each);
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) append(source_.nodes[i], domains_[i]);
        for (const port& output : source_.outputs)
            target_.outputs.push_back({output.name, in_domain(made_in(output.value), output.value)});
        for (std::size_t i = 0; i < source_.states.size(); ++i)
            target_.states[i].written = written_value(source_.states[i]);
        return std::move(target_);
    }

  private:
    constexpr int& twin(int domain, int value) {
        return twins_[static_cast<std::size_t>(domain)][static_cast<std::size_t>(value)];
    }
    constexpr int& made_in(int value) { return made_in_[static_cast<std::size_t>(value)]; }
    constexpr int made_in(int value) const { return made_in_[static_cast<std::size_t>(value)]; }

    template <class Visitor> static constexpr decltype(auto) with_rule(int domain, Visitor&& visit) {
        return with_rule_of(domain, Rules{}, visit);
    }

    static constexpr bool is_dynamic(int domain) {
        return domain != float_domain && with_rule(domain, [](auto rule) { return dynamic_ranges<decltype(rule)>; });
    }

    /// The domain of what nodes of a domain make: those of a dynamic rule make reals.
    static constexpr int domain_of_outputs(int domain) { return is_dynamic(domain) ? float_domain : domain; }

    /// Facts of an activation under a domain's rule: all the integers that the rule has.
    static constexpr tensor_facts integer_facts(int domain, const shape& of, const stored_form& form) {
        return {form.type, of, form.quantization, limits_in(domain, form, bounds::none())};
    }

    static constexpr limits limits_in(int domain, const stored_form& form, const bounds& activation) {
        return with_rule(domain, [&](auto rule) {
            return activation_limits_for<decltype(rule)>(form.type, activation, form.quantization);
        });
    }

    /// Facts of a value's twin in a domain.
    constexpr tensor_facts facts_in(int domain, int value) const {
        const tensor_facts& facts = source_.value_at(value).facts;
        if (domain_of_outputs(domain) == float_domain || facts.type != dtype::float32) return facts;
        return integer_facts(domain, facts.shape, form_in(domain, value));
    }

    static constexpr bool sums_stay(int domain) {
        return with_rule(domain, [](auto rule) { return keeps_accumulators<decltype(rule)>; });
    }
    static constexpr dtype accumulator_in(int domain, dtype x) {
        return with_rule(domain, [&](auto rule) { return accumulator_under<decltype(rule)>(x); });
    }

    /// A node has the domain that it is given if its operator has an integer meaning there. One that only moves
    /// elements follows what it is given; a graph's input and a state have the domain of those who read it if none of
    /// them is float.
    constexpr void choose_domains(const std::vector<int>& wanted) {
        for (const port& input : source_.inputs) made_in(input.value) = 1;
        for (const graph_state& each : source_.states) made_in(each.read) = 1;
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
            for (const int output : node.outputs) made_in(output) = domain_of_outputs(domain);
        }
        for (const port& input : source_.inputs) made_in(input.value) = domain_of_readers(input.value);
        for (const graph_state& each : source_.states) made_in(each.read) = domain_of_readers(each.read);
    }

    constexpr int domain_of_readers(int value) const {
        int found = float_domain;
        for (std::size_t i = 0; i < source_.nodes.size(); ++i)
            for (const int input : source_.nodes[i].inputs) {
                if (input != value) continue;
                if (domain_of_outputs(domains_[i]) == float_domain) return float_domain;
                if (found == float_domain) found = domains_[i];
            }
        return found;
    }

    constexpr bool can_be_integer(const node_type& node, int domain) const {
        if (domain == float_domain || node.inputs.empty()) return false;
        if (source_.is_constant(node.inputs[0]) && (node.inputs.size() == 1 || is_dynamic(domain))) return false;
        return with_rule(domain, [&](auto rule) {
            return visit_operator(node, [](const auto& op) {
                return is_integer_under<decltype(rule), std::remove_cvref_t<decltype(op)>>;
            });
        });
    }

    /// The type and the quantization of each value in one integer domain.
    constexpr void choose_forms(int domain) {
        forms_.emplace_back();
        if (domain_of_outputs(domain) == float_domain) return;
        sharing same = values_of_one_form(domain);
        const std::vector<bounds> shared = ranges_of_forms(domain, same);
        with_rule(domain, [&](auto rule) {
            for (std::size_t i = 0; i < source_.values.size(); ++i)
                forms_.back().push_back(
                    form_for<decltype(rule)>(shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))]));
        });
    }

    /// Which values share a form: those that a domain's nodes only choose among, and those that a state holds.
    constexpr sharing values_of_one_form(int domain) const {
        sharing same(source_.values.size());
        for (std::size_t i = 0; i < source_.nodes.size(); ++i) {
            const node_type& node = source_.nodes[i];
            if (domains_[i] != domain || range_rule_of_node(node) != range_rule::same_as_input) continue;
            for (const int output : node.outputs)
                for (const int input : node.inputs)
                    if (!source_.is_constant(input) &&
                        (node.inputs.size() == 1 || !made_with_fixed_scale(input, domain)))
                        same.join(input, output);
        }
        for (const graph_state& each : source_.states)
            if (made_in(each.read) == domain && is_copied(each, domain)) same.join(each.read, each.written);
        return same;
    }

    /// By the root of the values that share a form: the range of all of them, or a fixed one.
    constexpr std::vector<bounds> ranges_of_forms(int domain, sharing& same) const {
        std::vector<bounds> shared(source_.values.size(), bounds{0.0f, 0.0f});
        for (std::size_t i = 0; i < source_.values.size(); ++i) {
            if (source_.values[i].constant >= 0) continue;
            bounds& range = shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))];
            range = joined(range, ranges_[i]);
        }
        for (const node_type& node : source_.nodes) {
            if (range_rule_of_node(node) != range_rule::fixed) continue;
            for (const int output : node.outputs)
                shared[static_cast<std::size_t>(same.root(output))] = fixed_range(node, domain);
        }
        return shared;
    }

    /// The range of a node whose scale is fixed, for the element type that the rule stores such a range in.
    static constexpr bounds fixed_range(const node_type& node, int domain) {
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            return fixed_bounds(node, activation_type_for<rule_type>(fixed_bounds(node, rule_type::activation_type)));
        });
    }

    /// True when a value is made under a scale that is not free to be widened, directly or moved about, in this call
    /// or, where a state holds it, in an earlier one. Of a state whose initial value does not fit that scale it is not.
    constexpr bool made_with_fixed_scale(int value, int domain) const {
        bounds initial{0.0f, 0.0f};
        for (std::size_t left = source_.nodes.size() + source_.states.size() + 1; left > 0; --left) {
            if (const graph_state* held = source_.state_read_as(value)) {
                initial = joined(initial, range_of_constant(held->initial));
                value = held->written;
                continue;
            }
            const int at = source_.producer_of(value);
            if (at < 0) return false;
            const node_type& node = source_.node_at(at);
            if (range_rule_of_node(node) == range_rule::fixed) return contains(fixed_range(node, domain), initial);
            if (range_rule_of_node(node) != range_rule::same_as_input || node.inputs.size() != 1) return false;
            value = node.inputs[0];
        }
        return false;
    }

    /// The target's value for a source value in a domain; converted where it is not there yet.
    constexpr int in_domain(int domain, int value) {
        if (twin(domain, value) >= 0) return twin(domain, value);
        const ctq::value& from = source_.value_at(value);
        if (from.constant >= 0) return twin(domain, value) = copied_constant(value);
        if (is_dynamic(domain)) return twin(domain, value) = measured(value, domain);
        const int home = made_in(value);
        if (domain == float_domain)
            return twin(domain, value) = converted(op::dequantize{}, from.name + ".dequantized", in_domain(home, value),
                                                   from.facts, home);
        const tensor_facts facts = facts_in(domain, value);
        if (home == float_domain)
            return twin(domain, value) =
                       converted(op::quantize{}, from.name + ".quantized", in_domain(home, value), facts, domain);
        return twin(domain, value) =
                   converted(op::requantize{}, from.name + ".requantized", in_domain(home, value), facts, domain);
    }

    /// A value's integers under a dynamic rule.
    constexpr int measured(int value, int domain) {
        return with_rule(domain, [&](auto rule) {
            if constexpr (dynamic_ranges<decltype(rule)>)
                return measured_under<decltype(rule)>(value, domain);
            else
                return -1;
        });
    }

    /// The same: a node measures their scale and zero point when the network runs.
    template <class Rule> constexpr int measured_under(int value, int domain) {
        constexpr dtype type = Rule::activation_type;
        constexpr limits range = dynamic_limits(type), zeros{0, Rule::symmetric ? 0 : range.high};
        const ctq::value& from = source_.value_at(value);
        const int reals = in_domain(float_domain, value);
        const int integers = target_.add_value(from.name + ".quantized", {type, from.facts.shape, {}, range});
        const int scale = target_.add_value(from.name + ".scale", {dtype::float32, {}});
        const int zero = target_.add_value(from.name + ".zero_point", {dtype::int32, {}, {}, zeros});
        target_.value_at(integers).dynamic = {scale, Rule::symmetric ? -1 : zero};
        target_.nodes.push_back(
            {from.name + ".quantized", op::dynamic_quantize{}, {reals}, {integers, scale, zero}, {}, domain});
        return integers;
    }

    constexpr int copied_constant(int value) {
        const ctq::value& from = source_.value_at(value);
        const int copy = target_.add_value(from.name, from.facts);
        target_.set_constant(copy, source_.constant_of(value));
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
        const bool sums = domain != float_domain && is_weighted_node(node);
        if (sums) name_accumulator(copy, domain);
        for (std::size_t i = 0; i < node.outputs.size(); ++i) {
            const int value = node.outputs[i];
            const tensor_facts facts =
                sums && sums_stay(domain) ? facts_of_sums(copy, value) : facts_of_output(node, copy, domain, value);
            copy.outputs[i] = target_.add_value(source_.value_at(value).name, facts);
            twin(made_in(value), value) = copy.outputs[i];
        }
        target_.nodes.push_back(std::move(copy));
    }

    static constexpr bool moves(const node_type& node) {
        return visit_operator(node, [](const auto& op) { return moves_elements<std::remove_cvref_t<decltype(op)>>; });
    }

    static constexpr bool is_weighted_node(const node_type& node) {
        return visit_operator(node, [](const auto& op) { return is_weighted<std::remove_cvref_t<decltype(op)>>; });
    }
    static constexpr bounds clamp_of_node(const node_type& node) {
        return visit_operator(node, [](const auto& op) { return clamp_of(op); });
    }

    /// A sum of products has the type of its bias. One that has none gets zeros where the rule's accumulators are not
    /// those that follow from the activations.
    constexpr void name_accumulator(node_type& copy, int domain) {
        const dtype x = target_.value_at(copy.inputs[0]).facts.type, type = accumulator_in(domain, x);
        if (copy.inputs.size() != 2 || type == accumulator_of(x)) return;
        const std::int32_t channels = target_.value_at(copy.inputs[1]).facts.shape[0];
        copy.inputs.push_back(target_.add_zeros(copy.name + ".bias", type, channels));
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
        tensor_facts facts = facts_in(domain, value);
        if (!is_integer(facts.type) || domain == float_domain) return facts;
        const limits own = limits_in(domain, form_of(facts), clamp_of_node(node));
        const limits from = moves(node) ? target_.value_at(copy.inputs[0]).facts.range : limits_of(facts.type);
        facts.range = {own.clamp(from.low), own.clamp(from.high)};
        return facts;
    }

    constexpr int integer_operand(const node_type& node, int domain, std::size_t i) {
        const int value = node.inputs[i];
        const operand_role role =
            visit_operator(node, [&](const auto& op) { return role_of<std::remove_cvref_t<decltype(op)>>(i); });
        const bool stays_real = role == operand_role::bias && is_dynamic(domain);
        if (role == operand_role::parameter || stays_real) return in_domain(float_domain, value);
        if (role == operand_role::weights) return integer_weights_of(node, domain);
        if (role == operand_role::bias) return integer_bias_of(node, domain);
        if (is_dynamic(domain)) return in_domain(domain, value);
        const bool shares = range_rule_of_node(node) == range_rule::same_as_input;
        const stored_form& out = form_in(domain, node.output());
        if (source_.is_constant(value))
            return integer_constant(value, domain, shares ? out : form_of_constant(value, domain));
        const int integers = activation_in(domain, value);
        return shares && is_quantized(value) ? shared_operand(node, integers, out, domain) : integers;
    }

    constexpr const stored_form& form_in(int domain, int value) const {
        return forms_[static_cast<std::size_t>(domain)][static_cast<std::size_t>(value)];
    }

    /// A value as integer nodes read it: accumulators that stayed as they are in the form of its range.
    constexpr int activation_in(int domain, int value) {
        const int integers = in_domain(domain, value);
        const stored_form& read = form_in(domain, value);
        if (!is_quantized(value) || has_form(integers, read)) return integers;
        return converted_to(read, integers, target_.value_at(integers).name + ".requantized", domain);
    }

    /// What is real in the source; integers and truth values there are what they are.
    constexpr bool is_quantized(int value) const { return source_.value_at(value).facts.type == dtype::float32; }

    constexpr bool has_form(int integers, const stored_form& form) const {
        return form_of(target_.value_at(integers).facts) == form;
    }

    /// An operand that must have the output's form.
    constexpr int shared_operand(const node_type& node, int integers, const stored_form& wanted, int domain) {
        if (has_form(integers, wanted)) return integers;
        const text& from = target_.value_at(integers).name;
        return converted_to(wanted, integers, node.name + "." + from.view() + ".requantized", domain);
    }

    /// What a value is converted to, once for all readers.
    constexpr int converted_to(const stored_form& wanted, int integers, const text& name, int domain) {
        for (const auto& [from, to] : conversions_)
            if (from == integers && has_form(to, wanted)) return to;
        const shape of = target_.value_at(integers).facts.shape;
        const int to = converted(op::requantize{}, name, integers, integer_facts(domain, of, wanted), domain);
        conversions_.push_back({integers, to});
        return to;
    }

    static constexpr bounds joined(const bounds& a, const bounds& b) {
        return {b.low < a.low ? b.low : a.low, b.high > a.high ? b.high : a.high};
    }
    static constexpr bool contains(const bounds& all, const bounds& part) {
        return part.low >= all.low && part.high <= all.high;
    }

    constexpr bounds range_of_constant(int value) const {
        bounds range{0.0f, 0.0f};
        for (const float each : source_.reals(value)) range = joined(range, {each, each});
        return range;
    }

    /// A constant operand has the form of its own range.
    constexpr stored_form form_of_constant(int value, int domain) const {
        const bounds range = range_of_constant(value);
        return with_rule(domain, [&](auto rule) { return form_for<decltype(rule)>(range); });
    }

    constexpr int integer_constant(int value, int domain, const stored_form& form) {
        const ctq::value& from = source_.value_at(value);
        const tensor_facts facts = integer_facts(domain, from.facts.shape, form);
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

    /// A state has the range of its initial value and of what is written to it, and what moves its elements has that
    /// too; as often as there are states, for one may be written from another.
    constexpr void widen_ranges_of_states() {
        const auto range = [&](int value) -> bounds& { return ranges_[static_cast<std::size_t>(value)]; };
        for (std::size_t round = 0; round < source_.states.size(); ++round) {
            for (const graph_state& each : source_.states) {
                if (!is_real(each.read)) continue;
                range(each.read) = joined(range(each.read), range_of_constant(each.initial));
                range(each.read) =
                    joined(range(each.read),
                           source_.is_constant(each.written) ? range_of_constant(each.written) : range(each.written));
            }
            for (const node_type& node : source_.nodes)
                if (moves(node) && is_real(node.inputs[0]) && !source_.is_constant(node.inputs[0]))
                    for (const int output : node.outputs) range(output) = joined(range(output), range(node.inputs[0]));
        }
    }

    constexpr bool is_real(int value) const { return source_.value_at(value).facts.type == dtype::float32; }

    /// True when a state holds the very integers that are written to it: in its domain both then have one scale.
    constexpr bool is_copied(const graph_state& each, int domain) const {
        if (source_.is_constant(each.written)) return false;
        return made_with_fixed_scale(each.read, domain) || !made_with_fixed_scale(each.written, domain);
    }

    constexpr void append_state(const graph_state& each) {
        const int domain = made_in(each.read);
        const int read = target_.add_value(source_.value_at(each.read).name, facts_in(domain, each.read));
        twin(domain, each.read) = read;
        target_.states.push_back({each.name, held_constant(each.initial, each, domain), read, -1});
    }

    /// A constant as a state holds it.
    constexpr int held_constant(int value, const graph_state& in, int domain) {
        if (domain == float_domain || !is_real(value)) return in_domain(float_domain, value);
        return integer_constant(value, domain, form_in(domain, in.read));
    }

    /// What is written to a state, as the state holds it: converted where another domain makes it, or another scale is
    /// fixed for it.
    constexpr int written_value(const graph_state& each) {
        const int domain = made_in(each.read);
        if (source_.is_constant(each.written)) return held_constant(each.written, each, domain);
        const int made = in_domain(domain, each.written);
        const bool kept = domain == float_domain || has_form(made, form_in(domain, each.read));
        return kept ? made : converted_to(form_in(domain, each.read), made, each.name + ".requantized", domain);
    }

    constexpr std::span<const float> biases_of(const node_type& node) const {
        return node.inputs.size() > 2 ? source_.reals(node.inputs[2]) : std::span<const float>();
    }
    /// The activations that a weighted node multiplies.
    constexpr const tensor_facts& input_facts(const node_type& node, int domain) {
        return target_.value_at(activation_in(domain, node.inputs[0])).facts;
    }

    constexpr int integer_weights_of(const node_type& node, int domain) {
        require(source_.is_constant(node.inputs[1]), "weights must be constant");
        return with_rule(domain, [&](auto rule) {
            using rule_type = decltype(rule);
            const auto weights = source_.reals(node.inputs[1]);
            const auto channels = static_cast<std::size_t>(source_.value_at(node.inputs[1]).facts.shape[0]);
            if constexpr (dynamic_ranges<rule_type>) {
                weight_scales_ = weight_scales<rule_type>(weights, {}, channels, 1.0, 1.0); // the bias stays real
            } else {
                const auto input_scale = static_cast<double>(input_facts(node, domain).quantization.scale);
                const auto output_scale = static_cast<double>(form_in(domain, node.output()).quantization.scale);
                weight_scales_ =
                    weight_scales<rule_type>(weights, biases_of(node), channels, input_scale, output_scale);
            }
            return scaled_constant(node.inputs[1], integer_weights<rule_type>(weights, weight_scales_), weight_scales_,
                                   rule_type::weight_limits);
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
    std::vector<bounds> ranges_;
    std::vector<int> domains_;                     ///< of each node
    std::vector<int> made_in_;                     ///< the domain that makes each value
    std::vector<std::vector<stored_form>> forms_;  ///< by domain and value
    std::vector<std::vector<int>> twins_;          ///< by domain and value of the source
    std::vector<std::pair<int, int>> conversions_; ///< values of the target: from, to
    std::vector<double> weight_scales_;            ///< of the node that is being annotated
    Graph target_;
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

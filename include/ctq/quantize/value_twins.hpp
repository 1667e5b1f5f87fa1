#pragma once
// value_twins: the values of an annotated graph: each value of the source has a twin for each domain that makes or
// reads it, made when it is first asked for, and a conversion before it where another domain makes it.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/core/dynamic_range.hpp>
#include <ctq/operators/dequantize.hpp>
#include <ctq/operators/dynamic_quantize.hpp>
#include <ctq/operators/quantize.hpp>
#include <ctq/operators/requantize.hpp>
#include <ctq/quantize/value_forms.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::detail {

/// Of the source and the target of one call of annotate.
template <class Rules, class Graph> class value_twins {
  public:
    constexpr value_twins(const Graph& source, const chosen_domains& domains, const value_forms<Rules, Graph>& forms,
                          Graph& target)
        : source_(source), domains_(domains), forms_(forms), target_(target), twins_(Rules::size + 1) {
        twins_of(float_domain).assign(source.values.size(), -1);
        for (const int domain : domains.of_nodes)
            if (twins_of(domain).empty()) twins_of(domain).assign(source.values.size(), -1);
    }

    /// The twin of a value in a domain, -1 where there is none yet. The first is that of the domain that makes it.
    constexpr int& twin(int domain, int value) { return twins_of(domain)[static_cast<std::size_t>(value)]; }

    /// The same; made where there is none yet.
    constexpr int in_domain(int domain, int value) {
        if (twin(domain, value) >= 0) return twin(domain, value);
        const ctq::value& from = source_.value_at(value);
        if (from.constant >= 0) return twin(domain, value) = copied_constant(value);
        if (is_dynamic_domain<Rules>(domain)) return twin(domain, value) = measured(value, domain);
        const int home = domains_.made_in(value);
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

    /// A value as integer nodes read it: accumulators that stayed as they are in the form of its range.
    constexpr int activation_in(int domain, int value) {
        const int integers = in_domain(domain, value);
        const stored_form& read = forms_.in(domain, value);
        if (!is_real(value) || has_form(integers, read)) return integers;
        return converted_to(read, integers, target_.value_at(integers).name + ".requantized", domain);
    }

    /// What a value of the target is converted to, once for all readers.
    constexpr int converted_to(const stored_form& wanted, int integers, const text& name, int domain) {
        latest_conversion_.resize(target_.values.size(), -1);
        for (int at = latest_conversion_of(integers); at >= 0; at = conversions_[static_cast<std::size_t>(at)].before)
            if (has_form(conversions_[static_cast<std::size_t>(at)].to, wanted))
                return conversions_[static_cast<std::size_t>(at)].to;
        const shape of = target_.value_at(integers).facts.shape;
        const int to = converted(op::requantize{}, name, integers, integer_facts(domain, of, wanted), domain);
        conversions_.push_back(
            {to, std::exchange(latest_conversion_of(integers), static_cast<int>(conversions_.size()))});
        return to;
    }

    /// What is real in the source; integers and truth values there are what they are.
    constexpr bool is_real(int value) const { return source_.value_at(value).facts.type == dtype::float32; }

    /// Of a value of the target.
    constexpr bool has_form(int integers, const stored_form& form) const {
        return form_of(target_.value_at(integers).facts) == form;
    }

    /// Facts of a value's twin in a domain.
    constexpr tensor_facts facts_in(int domain, int value) const {
        const tensor_facts& facts = source_.value_at(value).facts;
        if (domain_of_outputs<Rules>(domain) == float_domain || facts.type != dtype::float32) return facts;
        return integer_facts(domain, facts.shape, forms_.in(domain, value));
    }

    /// Facts of an activation under a domain's rule: all the integers that the rule has.
    static constexpr tensor_facts integer_facts(int domain, const shape& of, const stored_form& form) {
        return {form.type, of, form.quantization, limits_in(domain, form, bounds::none())};
    }

    static constexpr limits limits_in(int domain, const stored_form& form, const bounds& activation) {
        const limits held = limits_of(form.type);
        const limits range = with_rule_of(domain, Rules{}, [&](auto rule) {
            return activation_limits_for<decltype(rule)>(form.type, activation, form.quantization);
        });
        require(held.low <= range.low && range.low <= range.high && range.high <= held.high,
                "a rule's activation_limits are not integers of its activation_type; give it limits of that type");
        return range;
    }

  private:
    /// What a value of the target was converted to, and the conversion of it before.
    struct conversion {
        int to, before;
    };

    constexpr int& latest_conversion_of(int value) { return latest_conversion_[static_cast<std::size_t>(value)]; }
    constexpr std::vector<int>& twins_of(int domain) { return twins_[static_cast<std::size_t>(domain)]; }

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

    /// A value's integers under a dynamic rule.
    constexpr int measured(int value, int domain) {
        return with_rule_of(domain, Rules{}, [&](auto rule) {
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

    const Graph& source_;
    const chosen_domains& domains_;
    const value_forms<Rules, Graph>& forms_;
    Graph& target_;
    std::vector<std::vector<int>> twins_; ///< by domain and value of the source
    std::vector<conversion> conversions_;
    std::vector<int> latest_conversion_; ///< by value of the target, into conversions_
};

} // namespace ctq::inline CTQ_TARGET::detail

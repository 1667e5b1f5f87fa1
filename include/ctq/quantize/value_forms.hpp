#pragma once
// value_forms: the element type and the quantization of each value in each domain. Values that a node only chooses
// among share one, and so do those that a state holds.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/quantize/choose_domains.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::detail {

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

constexpr bounds joined(const bounds& a, const bounds& b) {
    return {b.low < a.low ? b.low : a.low, b.high > a.high ? b.high : a.high};
}
constexpr bool contains(const bounds& all, const bounds& part) {
    return part.low >= all.low && part.high <= all.high;
}

/// The range of a constant's elements and zero; what stands for infinity in it is left out, since nobody reads it in
/// integers.
template <class Graph> constexpr bounds range_of_constant(const Graph& graph, int value) {
    bounds range{0.0f, 0.0f};
    for (const float each : graph.reals(value))
        if (is_bounded(each)) range = joined(range, {each, each});
    return range;
}

template <class Node> constexpr bounds fixed_bounds(const Node& node, dtype type) {
    return visit_operator(node, [&](const auto& op) {
        if constexpr (requires { op.output_bounds(type); })
            return op.output_bounds(type);
        else
            return bounds::none();
    });
}

/// A range with what a node adds to it. What is so far out that in 8 bits all else would be one integer saturates
/// instead: a border that stands for minus infinity around a maximum.
constexpr bounds with_added(const bounds& range, const bounds& added) {
    const float most = 127 * (-range.low > range.high ? -range.low : range.high);
    return joined(range, {added.low < -most ? 0.0f : added.low, added.high > most ? 0.0f : added.high});
}

/// What a node that chooses among its inputs' elements may put in their place: what its operator says, and where it
/// clamps all to one side of zero, the bound on that side.
template <class Node> constexpr bounds added_bounds(const Node& node) {
    return visit_operator(node, [](const auto& op) {
        const float clamped = clamp_of(op).clamp(0.0f);
        const bounds bound = elementary::is_finite(clamped) ? bounds{clamped, clamped} : bounds{0.0f, 0.0f};
        if constexpr (requires { op.added_bounds(); })
            return joined(bound, op.added_bounds());
        else
            return bound;
    });
}

/// The forms of a graph's values by domain, found when it is made; of domains that no node has there are none.
template <class Rules, class Graph> class value_forms {
    using node_type = typename Graph::node_type;

  public:
    /// `ranges`: the real range of each value.
    constexpr value_forms(const Graph& graph, const chosen_domains& domains, std::vector<bounds> ranges)
        : graph_(graph), domains_(domains), ranges_(std::move(ranges)), links_(graph) {
        forms_.resize(Rules::size + 1);
        for (const int domain : domains.of_nodes)
            if (forms_of(domain).empty() && domain_of_outputs<Rules>(domain) != float_domain) choose_forms(domain);
    }

    constexpr const stored_form& in(int domain, int value) const {
        return forms_[static_cast<std::size_t>(domain)][static_cast<std::size_t>(value)];
    }

  private:
    constexpr std::vector<stored_form>& forms_of(int domain) { return forms_[static_cast<std::size_t>(domain)]; }
    constexpr bool is_real(int value) const { return graph_.value_at(value).facts.type == dtype::float32; }

    /// The ranges for a domain, with those of what calibration does not look at: outputs of a fixed range, which a
    /// float node makes too; states, which have the range of their initial value and of what is written to them; and
    /// what only moves elements of these. As often as there are states, for one may be written from another.
    constexpr std::vector<bounds> complete_ranges(int domain) const {
        std::vector<bounds> ranges = ranges_;
        for (std::size_t round = 0; round <= graph_.states.size(); ++round) {
            for (const graph_state& each : graph_.states)
                if (is_real(each.read)) widen(ranges, each.read, range_of_state(ranges, each));
            for (const node_type& node : graph_.nodes)
                for (const int output : node.outputs)
                    if (is_real(output)) widen(ranges, output, range_by_node(ranges, node, domain));
        }
        return ranges;
    }

    static constexpr void widen(std::vector<bounds>& ranges, int value, const bounds& by) {
        bounds& range = ranges[static_cast<std::size_t>(value)];
        range = joined(range, by);
    }

    constexpr bounds range_of(const std::vector<bounds>& ranges, int value) const {
        return graph_.is_constant(value) ? range_of_constant(graph_, value) : ranges[static_cast<std::size_t>(value)];
    }

    constexpr bounds range_of_state(const std::vector<bounds>& ranges, const graph_state& state) const {
        return joined(range_of_constant(graph_, state.initial), range_of(ranges, state.written));
    }

    /// What is known of a node's outputs without calibration.
    constexpr bounds range_by_node(const std::vector<bounds>& ranges, const node_type& node, int domain) const {
        if (has_own_range(node)) return own_range(node, domain);
        if (traits_of_node(node).moves_elements) return range_of(ranges, node.inputs[0]);
        return {0.0f, 0.0f};
    }

    constexpr void choose_forms(int domain) {
        origins_.assign(graph_.values.size(), origin{});
        sharing same = values_of_one_form(domain);
        const std::vector<bounds> shared = ranges_of_forms(domain, same);
        with_rule_of(domain, Rules{}, [&](auto rule) {
            for (std::size_t i = 0; i < graph_.values.size(); ++i)
                forms_of(domain).push_back(
                    form_for<decltype(rule)>(shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))]));
        });
    }

    /// Which values share a form: those that a domain's nodes only choose among, and those that a state holds.
    constexpr sharing values_of_one_form(int domain) {
        sharing same(graph_.values.size());
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const node_type& node = graph_.nodes[i];
            if (domains_.node(i) != domain || traits_of_node(node).output_range != range_rule::same_as_input) continue;
            for (const int output : node.outputs)
                for (std::size_t k = 0; k < node.inputs.size(); ++k)
                    if (shares_form(node, k, output) &&
                        (!made_with_fixed_scale(node.inputs[k], domain) || made_with_fixed_scale(output, domain)))
                        same.join(node.inputs[k], output);
        }
        for (const graph_state& each : graph_.states)
            if (domains_.made_in(each.read) == domain && is_copied(each, domain)) same.join(each.read, each.written);
        return same;
    }

    /// Whether an input of a node that chooses among its operands' elements is one of these, and the output is made of
    /// them.
    constexpr bool shares_form(const node_type& node, std::size_t input, int output) const {
        return traits_of_node(node).role(input) == operand_role::operand && !graph_.is_constant(node.inputs[input]) &&
               is_real(output);
    }

    /// True when a state holds the very integers that are written to it: in its domain both then have one scale.
    constexpr bool is_copied(const graph_state& each, int domain) {
        if (graph_.is_constant(each.written)) return false;
        return made_with_fixed_scale(each.read, domain) || !made_with_fixed_scale(each.written, domain);
    }

    /// By the root of the values that share a form: the range of all of them, or a fixed one.
    constexpr std::vector<bounds> ranges_of_forms(int domain, sharing& same) const {
        const std::vector<bounds> ranges = complete_ranges(domain);
        std::vector<bounds> shared(graph_.values.size(), bounds{0.0f, 0.0f});
        for (std::size_t i = 0; i < graph_.values.size(); ++i) {
            if (graph_.values[i].constant >= 0) continue;
            bounds& range = shared[static_cast<std::size_t>(same.root(static_cast<int>(i)))];
            range = joined(range, ranges[i]);
        }
        for (const node_type& node : graph_.nodes) {
            for (const int output : node.outputs) {
                bounds& range = shared[static_cast<std::size_t>(same.root(output))];
                range = has_own_range(node) ? own_range(node, domain) : with_added(range, added_bounds(node));
            }
        }
        return shared;
    }

    static constexpr bool has_own_range(const node_type& node) { return is_own(traits_of_node(node).output_range); }

    /// The range of a node that has one of its own: a customary one that the rule does not keep goes as far as the data
    /// within it, but not less far than a 256th: arithmetic has so many steps in it.
    constexpr bounds own_range(const node_type& node, int domain) const {
        const bounds own = fixed_range(node, domain);
        const bool is_kept = with_rule_of(domain, Rules{}, [&](auto rule) {
            return has_fixed_range<decltype(rule)>(traits_of_node(node).output_range);
        });
        if (is_kept) return own;
        const bounds seen = joined(ranges_[static_cast<std::size_t>(node.output())], {own.low / 256, own.high / 256});
        return {own.clamp(seen.low), own.clamp(seen.high)};
    }

    /// The range of a node whose scale is fixed, for the element type that the rule stores such a range in.
    static constexpr bounds fixed_range(const node_type& node, int domain) {
        return with_rule_of(domain, Rules{}, [&](auto rule) {
            return fixed_range_under<decltype(rule)>([&](dtype type) { return fixed_bounds(node, type); });
        });
    }

    /// True when a value is made under a scale that is not free to be widened, directly or moved about, in this call
    /// or, where a state holds it, in an earlier one. Where a state's initial value or what a node adds does not fit
    /// that scale it is not.
    constexpr bool made_with_fixed_scale(int value, int domain) {
        const origin& from = origin_of(value, domain);
        return from.is_fixed && contains(from.fixed, from.initial) &&
               contains(from.fixed, with_added(from.fixed, from.added));
    }

    /// What a value is moved from, if it is one that nodes and states only move: where it was made, and what is put
    /// beside it on the way.
    struct origin {
        bool is_known = false, is_fixed = false;
        bounds fixed{0.0f, 0.0f}, initial{0.0f, 0.0f}, added{0.0f, 0.0f};
    };

    /// Found once for each value in a domain. What goes round in a circle of states was made nowhere.
    constexpr const origin& origin_of(int value, int domain) {
        std::vector<int> way;
        for (int at = value; at >= 0 && !known_origin(at).is_known; at = moved_from(at)) {
            known_origin(at).is_known = true;
            way.push_back(at);
        }
        for (std::size_t i = way.size(); i-- > 0;) known_origin(way[i]) = origin_by_maker(way[i], domain);
        return known_origin(value);
    }

    constexpr origin& known_origin(int value) { return origins_[static_cast<std::size_t>(value)]; }

    /// The value that a value is a copy of, but for what is added; -1 if it is made here.
    constexpr int moved_from(int value) {
        if (const graph_state* held = graph_.state_read_as(value)) return held->written;
        const int at = links_.producer_of(value);
        if (at < 0) return -1;
        const node_type& node = graph_.node_at(at);
        if (traits_of_node(node).output_range != range_rule::same_as_input) return -1;
        std::size_t operands = 0;
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            operands += traits_of_node(node).role(i) == operand_role::operand ? 1 : 0;
        return operands == 1 ? node.inputs[0] : -1;
    }

    /// From that of what it is moved from, which is known.
    constexpr origin origin_by_maker(int value, int domain) {
        const int before = moved_from(value);
        origin from = before < 0 ? origin{true} : known_origin(before);
        if (const graph_state* held = graph_.state_read_as(value)) {
            from.initial = joined(from.initial, range_of_constant(graph_, held->initial));
        } else if (const int at = links_.producer_of(value); at >= 0) {
            const node_type& node = graph_.node_at(at);
            if (before >= 0) from.added = joined(from.added, added_bounds(node));
            if (has_own_range(node)) {
                from.is_fixed = true;
                from.fixed = own_range(node, domain);
            }
        }
        return from;
    }

    const Graph& graph_;
    const chosen_domains& domains_;
    std::vector<bounds> ranges_;
    connections<const Graph> links_;
    std::vector<std::vector<stored_form>> forms_; ///< by domain and value
    std::vector<origin> origins_;                 ///< by value, in the domain whose forms are chosen
};

} // namespace ctq::inline CTQ_TARGET::detail

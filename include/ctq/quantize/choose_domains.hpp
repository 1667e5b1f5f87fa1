#pragma once
// choose_domains: which rule, or float, each node of a graph follows, and which domain makes each value.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/quantize/domains.hpp>
#include <ctq/quantize/infinite_values.hpp>

#include <cstddef>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::detail {

/// The domain of each node, and that of what makes each value: of inputs and states the one that they are given in.
struct chosen_domains {
    std::vector<int> of_nodes, of_values;

    constexpr int node(std::size_t index) const { return of_nodes[index]; }
    constexpr int made_in(int value) const { return of_values[static_cast<std::size_t>(value)]; }
};

/// Who reads a value.
struct reading {
    bool by_floats = false, by_integers = false;
    int first = float_domain; ///< the domain of the first node that reads it in integers, or does so if it has them
};

/// The work of one call of choose_domains: each pass settles what the one before left undecided.
template <class Rules, class Graph> class domain_chooser {
    using node_type = typename Graph::node_type;

    /// Of what is given, and of nodes that only move it: the domain is that of those who read it.
    static constexpr int undecided = -1;

  public:
    constexpr domain_chooser(const Graph& graph, const std::vector<int>& wanted)
        : graph_(graph),
          wanted_(wanted),
          made_{std::vector<int>(graph.nodes.size(), undecided), std::vector<int>(graph.values.size(), float_domain)},
          readings_(graph.values.size(), reading{}),
          infinite_(infinite_values(graph)) {}

    constexpr chosen_domains run() {
        for_each_given([&](int value) { made_in(value) = undecided; });
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) settle(i, as_fed(i));
        for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
            if (made_.node(i) == undecided) settle(i, as_read(i));
            note_reader(i);
        }
        for_each_given([&](int value) {
            const reading& by = readings_[static_cast<std::size_t>(value)];
            made_in(value) = by.by_floats ? float_domain : by.first;
        });
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (made_.node(i) == undecided) settle(i, as_fed(i) == float_domain ? float_domain : wanted_[i]);
        return std::move(made_);
    }

  private:
    constexpr int& made_in(int value) { return made_.of_values[static_cast<std::size_t>(value)]; }

    /// Calls visit(value) for the graph's inputs and what its states are read as.
    template <class Visit> constexpr void for_each_given(Visit visit) const {
        for (const port& input : graph_.inputs) visit(input.value);
        for (const graph_state& each : graph_.states) visit(each.read);
    }

    /// What is not real is made in no rule's domain.
    constexpr void settle(std::size_t node, int domain) {
        made_.of_nodes[node] = domain;
        const int of_outputs = domain == undecided ? undecided : domain_of_outputs<Rules>(domain);
        for (const int output : graph_.nodes[node].outputs)
            if (graph_.is_real(output)) made_in(output) = of_outputs;
    }

    /// The domain of a node by its operator and, if it only moves elements, by what it is given: undecided where that
    /// is constant, a table that is looked up.
    constexpr int as_fed(std::size_t index) const {
        const node_type& node = graph_.nodes[index];
        if (!can_be_integer(node, wanted_[index])) return float_domain;
        if (traits_of_node(node).output_range != range_rule::same_as_input) return wanted_[index];
        bool reads_reals = false, is_open = false;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const int input = node.inputs[i];
            if (graph_.is_constant(input) || traits_of_node(node).role(i) != operand_role::operand) continue;
            const int made = made_.made_in(input);
            if (made != undecided && made != float_domain) return wanted_[index];
            reads_reals |= made == float_domain;
            is_open |= made == undecided;
        }
        return reads_reals && !is_open ? float_domain : undecided;
    }

    /// The same by who reads it: where that is the outside alone, it goes with what it moves.
    constexpr int as_read(std::size_t index) const {
        int found = undecided;
        for (const int output : graph_.nodes[index].outputs) {
            const reading& by = readings_[static_cast<std::size_t>(output)];
            if (by.by_integers) return wanted_[index];
            if (by.by_floats) found = float_domain;
        }
        return found;
    }

    /// For nodes from the last to the first.
    constexpr void note_reader(std::size_t index) {
        const int domain = made_.node(index);
        const bool in_float = domain != undecided && domain_of_outputs<Rules>(domain) == float_domain;
        const node_type& node = graph_.nodes[index];
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            if (traits_of_node(node).role(i) == operand_role::positions) continue;
            reading& by = readings_[static_cast<std::size_t>(node.inputs[i])];
            by.by_floats |= in_float;
            by.by_integers |= domain != undecided && !in_float;
            if (!in_float) by.first = wanted_[index];
        }
    }

    constexpr bool can_be_integer(const node_type& node, int domain) const {
        if (domain == float_domain || node.inputs.empty()) return false;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const operand_role role = traits_of_node(node).role(i);
            if (role != operand_role::positions && !graph_.is_real(node.inputs[i])) return false;
            if (role == operand_role::parameter && !graph_.is_constant(node.inputs[i])) return false;
            if (infinite_[static_cast<std::size_t>(node.inputs[i])] != 0) return false;
        }
        if (graph_.is_constant(node.inputs[0]) && (node.inputs.size() == 1 || is_dynamic_domain<Rules>(domain)))
            return false;
        return with_rule_of(domain, Rules{}, [&](auto rule) {
            return visit_operator(node, [](const auto& op) {
                return is_integer_under<decltype(rule), std::remove_cvref_t<decltype(op)>>;
            });
        });
    }

    const Graph& graph_;
    const std::vector<int>& wanted_;
    chosen_domains made_;
    std::vector<reading> readings_; ///< of each value
    flags infinite_;                ///< likewise
};

/// A node has the domain that is wanted for it if its operator has an integer meaning there, what it computes with is
/// real and not infinite, and its parameters are constant. One that only moves elements follows what it is given; where
/// that is a graph's input or a state it is float if floats read it and no integers do. An input and a state have the
/// domain of those who read it if none of them is float. Cost: three passes over the nodes.
template <class Rules, class Graph>
constexpr chosen_domains choose_domains(const Graph& graph, const std::vector<int>& wanted) {
    return domain_chooser<Rules, Graph>(graph, wanted).run();
}

} // namespace ctq::inline CTQ_TARGET::detail

#pragma once
// choose_domains: which rule, or float, each node of a graph follows, and which domain makes each value.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/quantize/domains.hpp>

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

/// The work of one call of choose_domains.
template <class Rules, class Graph> class domain_chooser {
    using node_type = typename Graph::node_type;

  public:
    constexpr domain_chooser(const Graph& graph, const std::vector<int>& wanted)
        : graph_(graph), wanted_(wanted), made_{{}, std::vector<int>(graph.values.size(), float_domain)} {}

    constexpr chosen_domains run() {
        for_each_given([&](int value) { made_in(value) = 1; });
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const node_type& node = graph_.nodes[i];
            made_.of_nodes.push_back(choice(node, wanted_[i]));
            for (const int output : node.outputs) made_in(output) = domain_of_outputs<Rules>(made_.of_nodes.back());
        }
        for_each_given([&](int value) { made_in(value) = domain_of_readers(value); });
        return std::move(made_);
    }

  private:
    constexpr int& made_in(int value) { return made_.of_values[static_cast<std::size_t>(value)]; }

    /// Calls visit(value) for the graph's inputs and what its states are read as.
    template <class Visit> constexpr void for_each_given(Visit visit) const {
        for (const port& input : graph_.inputs) visit(input.value);
        for (const graph_state& each : graph_.states) visit(each.read);
    }

    constexpr int choice(const node_type& node, int wanted) const {
        if (!can_be_integer(node, wanted)) return float_domain;
        return range_rule_of_node(node) != range_rule::same_as_input || reads_integers(node) ? wanted : float_domain;
    }

    constexpr bool reads_integers(const node_type& node) const {
        for (const int input : node.inputs)
            if (!graph_.is_constant(input) && made_.made_in(input) != float_domain) return true;
        return false;
    }

    constexpr int domain_of_readers(int value) const {
        int found = float_domain;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            for (const int input : graph_.nodes[i].inputs) {
                if (input != value) continue;
                if (domain_of_outputs<Rules>(made_.node(i)) == float_domain) return float_domain;
                if (found == float_domain) found = made_.node(i);
            }
        return found;
    }

    constexpr bool can_be_integer(const node_type& node, int domain) const {
        if (domain == float_domain || node.inputs.empty()) return false;
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
};

/// A node has the domain that is wanted for it if its operator has an integer meaning there. One that only moves
/// elements follows what it is given; a graph's input and a state have the domain of those who read it if none of them
/// is float.
template <class Rules, class Graph>
constexpr chosen_domains choose_domains(const Graph& graph, const std::vector<int>& wanted) {
    return domain_chooser<Rules, Graph>(graph, wanted).run();
}

} // namespace ctq::inline CTQ_TARGET::detail

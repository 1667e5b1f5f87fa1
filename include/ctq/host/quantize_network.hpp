#pragma once
// quantize_network: from a float network and a calibration table to integers that are proved not to overflow.
// room: host | runs on: host | heap: yes

#include <ctq/calibrate/table.hpp>
#include <ctq/host/choose_rules.hpp>
#include <ctq/host/domains_of_nodes.hpp>
#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/fingerprint.hpp>
#include <ctq/host/engine/strategy_by_name.hpp>
#include <ctq/host/network.hpp>
#include <ctq/host/proof.hpp>
#include <ctq/quantize/annotate.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// What quantization options mean for a network: no work is done yet, and all names are known.
struct quantization_plan {
    chosen_rules rules;
    network_domains domains;
    std::string strategy; ///< the registry's first where it is empty

    /// Whether a rule takes its ranges from a calibration table.
    [[nodiscard]] bool is_calibrated() const { return !rules.all_dynamic(); }
};

/// Throws `failure` (usage) for names of rules, strategies and nodes that there are not, and for rules under which a
/// node would not be of integers.
template <const auto& Registry>
[[nodiscard]] quantization_plan plan_quantization(const network<Registry>& net, const quantization_options& options) {
    chosen_rules rules = choose_rules<Registry>(options);
    with_strategy(Registry, options.strategy, [](const auto&) {});
    network_domains domains = domains_of_nodes<registered_rules<Registry>>(net.graph, net.path, rules, options);
    return {std::move(rules), std::move(domains), options.strategy};
}

/// Throws `failure` (malformed) for a calibration table of another network; `name`: what messages call the table.
template <const auto& Registry>
void check_made_for(const network<Registry>& net, const calibration::table& table, std::string_view name) {
    if (table.model != fingerprint(net.graph))
        fail_malformed(name, "was made for another model than ", printable_path(net.path), "; calibrate this one");
}

namespace detail {

/// For each value the domain of the rule whose integers its range is cut for: the one that makes it, or that it is
/// given in; of what is made in float, one that reads it, the network's before others. Float where no rule asks.
template <const auto& Registry, class Graph>
std::vector<int> domains_that_ask(const Graph& graph, const ctq::detail::chosen_domains& chosen, int network) {
    std::vector<int> asking = chosen.of_values;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const int domain = chosen.node(i);
        if (domain == float_domain || ctq::detail::is_dynamic_domain<registered_rules<Registry>>(domain)) continue;
        for (const int input : graph.nodes[i].inputs) {
            int& by = asking[static_cast<std::size_t>(input)];
            if (by == float_domain || (domain == network && chosen.made_in(input) == float_domain)) by = domain;
        }
    }
    return asking;
}

/// The range of each value, as the integers ask for that stand for it; `rules`: one of them takes ranges.
template <const auto& Registry, class Graph>
std::vector<bounds> ranges_under(const Graph& graph, const calibration::table& table, const chosen_rules& rules,
                                 const ctq::detail::chosen_domains& chosen, const std::string& strategy,
                                 const std::string& table_name) {
    const auto ranges_of_rule = [&](const rule_facts& rule) {
        return ranges_by_name(graph, table, grid_of(rule), strategy, Registry, table_name);
    };
    const rule_facts& first = *rules.first_calibrated();
    std::vector<bounds> ranges = ranges_of_rule(first);
    const std::vector<int> asking = domains_that_ask<Registry>(graph, chosen, rules.network.domain);
    for (const chosen_rule& rule : rules.of_layers()) {
        if (rule.facts.dynamic_ranges || grid_of(rule.facts) == grid_of(first)) continue;
        const std::vector<bounds> others = ranges_of_rule(rule.facts);
        for (std::size_t i = 0; i < ranges.size(); ++i)
            if (asking[i] == rule.domain) ranges[i] = others[i];
    }
    return ranges;
}

} // namespace detail

/// A network's integers, annotated and proved under all registered rules, and the rules that its nodes follow.
template <const auto& Registry> struct quantized_network {
    using rule_list = registered_rules<Registry>;

    chosen_rules rules;
    proved_network<rule_list, graph_of<Registry>> integers;
    std::string path;   ///< the model's file; what messages call the network
    std::string source; ///< the fingerprint of the float network
};

/// Annotates and proves: what could overflow is not emitted, run or evaluated. `table`: of this network, empty where
/// the plan takes none; `table_name`: what messages call it. The rules share one instantiation of all that follows; the
/// graph's domains say which one is meant. Throws `failure`: malformed for a table without a tensor that needs a range,
/// unsupported for what is not proved.
template <const auto& Registry>
[[nodiscard]] quantized_network<Registry> quantize_network(const network<Registry>& net, quantization_plan plan,
                                                           const calibration::table& table = {},
                                                           const std::string& table_name = "table") {
    using graph_type = graph_of<Registry>;
    using all_rules = registered_rules<Registry>;
    std::vector<bounds> ranges(net.graph.values.size());
    if (plan.is_calibrated())
        ranges = detail::ranges_under<Registry>(net.graph, table, plan.rules, plan.domains.chosen, plan.strategy,
                                                table_name);
    return naming_the_model(net.path, [&] {
        graph_type integers =
            post_process(annotate<all_rules>(net.graph, std::move(ranges), plan.domains.wanted), Registry);
        return quantized_network<Registry>{std::move(plan.rules),
                                           proved_network<all_rules, graph_type>(std::move(integers)), net.path,
                                           fingerprint(net.graph)};
    });
}

} // namespace ctq::inline CTQ_TARGET::host

#pragma once
// The stages that the verbs are made of: load and prepare, calibrate, quantize under the rules that are chosen.
// room: host | runs on: host | heap: yes

#include <ctq/host/calibration_table.hpp>
#include <ctq/host/cli/arguments.hpp>
#include <ctq/host/cli/domains_of_nodes.hpp>
#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/engine/strategy_by_name.hpp>
#include <ctq/host/progress.hpp>
#include <ctq/host/proof.hpp>
#include <ctq/host/shape_text.hpp>
#include <ctq/quantize/annotate.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

template <const auto& Registry> using registry_type = std::remove_cvref_t<decltype(Registry)>;

inline void warn(const std::string& line) {
    std::cerr << "ctq: warning: " << line << '\n';
}

/// Calls work(); what a pass or a rule finds wrong with the network names the model's file.
template <class Work> auto naming_the_model(const model_arguments& model, Work work) {
    try {
        return work();
    } catch (const model_error& fault) {
        throw failure(exit_code::unsupported, message(printable_path(model.path), ": ", fault.what()));
    }
}

/// The most elements that all activations of a network may have together: 4 GiB of float. A file of a hundred bytes can
/// ask for any number, and engines, which reuse memory where they can, may have to hold all of them.
inline constexpr std::int64_t most_activation_elements = std::int64_t{1} << 30;

/// Refuses a network with more of them.
template <class Graph> void check_activations(const Graph& graph, const model_arguments& model) {
    std::int64_t sum = 0;
    const value* largest = nullptr;
    for (const value& each : graph.values) {
        if (each.constant >= 0) continue;
        sum += each.facts.shape.elements();
        if (largest == nullptr || each.facts.shape.elements() > largest->facts.shape.elements()) largest = &each;
    }
    if (sum > most_activation_elements)
        throw failure(exit_code::unsupported,
                      message(printable_path(model.path), ": its activations have ", sum,
                              " elements together, of which ", in_quotes(largest->name.view()), " is ",
                              text_of(largest->facts.shape), "; at most ", most_activation_elements,
                              " are supported: give its inputs smaller dimensions"));
}

/// The model's float graph after all passes. Warnings go to stderr.
template <const auto& Registry> auto load_prepared(const model_arguments& model) {
    std::vector<std::string> warnings;
    auto graph = onnx::load_model<registry_type<Registry>>(model.path, model.options(), &warnings);
    for (const std::string& line : warnings) warn(line);
    auto prepared = naming_the_model(model, [&] { return prepare(std::move(graph), Registry); });
    check_activations(prepared, model);
    return prepared;
}

/// Makes a run report to `bar`.
template <class Options> void show_progress(Options& options, progress& bar) {
    options.progress = [&bar](std::size_t done) { bar(done); };
}

/// The observations of all tensors: read from a table, or made by running the samples.
template <class Graph>
calibration::table calibration_table_of(const Graph& graph, const calibration_arguments& arguments,
                                        const model_arguments& model) {
    if (arguments.is_table()) {
        if (arguments.samples != 0)
            fail_usage("--samples: a table has no samples to choose from; give it to ctq calibrate");
        const std::string& path = arguments.data.items.front();
        calibration::table table = load_calibration_table(path);
        if (table.model != fingerprint(graph))
            fail_malformed(path, "was made for another model than ", printable_path(model.path),
                           "; calibrate this one");
        return table;
    }
    const std::vector<dataset> data = arguments.data.load(graph, "--calibration");
    calibration_options options;
    options.samples = arguments.samples;
    options.model = model.path;
    options.data = arguments.data.items.front();
    progress bar("calibrate", sample_count(data, arguments.samples, options.data));
    show_progress(options, bar);
    calibration_result result = run_calibration(graph, data, options);
    for (const std::string& line : result.warnings) warn(line);
    return std::move(result.table);
}

/// The name of the strategy that is used: the one asked for, or the first of the registry.
template <const auto& Registry> std::string strategy_name(const calibration_arguments& calibration) {
    std::string name = calibration.strategy;
    registry_type<Registry>::for_each(registry_type<Registry>::strategies(), [&](auto each) {
        if (name.empty()) name = decltype(each)::type::name;
    });
    return name;
}

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
                                 const ctq::detail::chosen_domains& chosen, const calibration_arguments& calibration) {
    const auto ranges_of_rule = [&](const rule_facts& rule) {
        return ranges_by_name(graph, table, grid_of(rule), calibration.strategy, Registry,
                              calibration.data.items.front());
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

/// A network's integers, and what they were made with.
template <class Rules, class Graph> struct quantized_network {
    chosen_rules rules;
    calibration::table table;              ///< empty under rules that measure ranges at run time
    proved_network<Rules, Graph> integers; ///< annotated under all registered rules; see registered_rules
};

/// Calibrates (or reads the table) where a rule needs it, annotates, proves: what could overflow is not emitted, run or
/// evaluated. Wrong names are refused before the work begins. The rules share one instantiation of all that follows;
/// the graph's domains say which one is meant.
template <const auto& Registry, class Graph>
quantized_network<registered_rules<Registry>, Graph> quantized(const Graph& graph, const model_arguments& model,
                                                               const calibration_arguments& calibration,
                                                               const quantization_arguments& arguments) {
    using all_rules = registered_rules<Registry>;
    chosen_rules rules = choose_rules<Registry>(arguments);
    check_calibration(calibration, rules);
    with_strategy(Registry, calibration.strategy, [](const auto&) {});
    const network_domains domains = domains_of_nodes<all_rules>(graph, rules, arguments.excluded, model);
    calibration::table table;
    std::vector<bounds> ranges(graph.values.size());
    if (!rules.all_dynamic()) {
        table = calibration_table_of(graph, calibration, model);
        ranges = ranges_under<Registry>(graph, table, rules, domains.chosen, calibration);
    }
    return naming_the_model(model, [&] {
        Graph integers = post_process(annotate<all_rules>(graph, std::move(ranges), domains.wanted), Registry);
        return quantized_network<all_rules, Graph>{std::move(rules), std::move(table),
                                                   proved_network<all_rules, Graph>(std::move(integers))};
    });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

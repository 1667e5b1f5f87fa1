#pragma once
// The stages that the verbs are made of: load and prepare, calibrate, quantize under a rule chosen by name.
// room: host | runs on: host | heap: yes

#include <ctq/host/calibration_table.hpp>
#include <ctq/host/cli/arguments.hpp>
#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/engine/strategy_by_name.hpp>
#include <ctq/host/near_misses.hpp>
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
calibrate::table calibration_table_of(const Graph& graph, const calibration_arguments& arguments,
                                      const model_arguments& model) {
    if (arguments.is_table()) {
        if (arguments.samples != 0)
            fail_usage("--samples: a table has no samples to choose from; give it to ctq calibrate");
        const std::string& path = arguments.data.items.front();
        calibrate::table table = load_calibration_table(path);
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

/// The registered rules.
template <const auto& Registry> using registered_rules = rules_of<registry_type<Registry>>;
template <const auto& Registry> constexpr auto facts_of_registered_rules = facts_of_rules(registered_rules<Registry>{});

/// A registered rule: its domain in graphs that are annotated under all of them.
struct chosen_rule {
    rule_facts facts;
    int domain = float_domain;
};

/// The registered rule of that name, if there is one; the first one when the name is empty.
template <const auto& Registry> std::optional<chosen_rule> find_rule(std::string_view name) {
    int domain = float_domain;
    for (const rule_facts& each : facts_of_registered_rules<Registry>) {
        ++domain;
        if (name.empty() || each.name == name) return chosen_rule{each, domain};
    }
    return std::nullopt;
}

/// The same; a name that no rule has is refused.
template <const auto& Registry> chosen_rule rule_by_name(std::string_view name) {
    if (const auto found = find_rule<Registry>(name)) return *found;
    std::vector<std::string_view> known;
    for (const rule_facts& each : facts_of_registered_rules<Registry>) known.push_back(each.name);
    fail_usage("--rule: no rule is called ", in_quotes(name), near_misses(name, known));
}

/// Refuses a name of --exclude that no node of the prepared network has; `known` are those that nodes have.
[[noreturn]] inline void fail_not_excluded(std::string_view name, const std::set<std::string_view>& known,
                                           const model_arguments& model) {
    const onnx::model file = onnx::read(model.path);
    if (std::ranges::any_of(file.graph.nodes, [&](const onnx::node& n) { return n.name == name && !name.empty(); }))
        fail_usage("--exclude: the node ", in_quotes(name), " of ", printable_path(model.path),
                   " is computed, removed or merged into others before layers are quantized; leave it out");
    fail_usage("--exclude: no node is called ", in_quotes(name),
               near_misses(name, std::vector<std::string_view>(known.begin(), known.end())));
}

/// The domain of each node: `domain`, but float for those that `names` exclude. A fused node goes by each name it came
/// from.
template <class Graph>
std::vector<int> domains_without(const Graph& graph, int domain, const std::vector<std::string>& names,
                                 const model_arguments& model) {
    std::vector<int> domains(graph.nodes.size(), domain);
    for (const std::string& name : names) {
        bool found = false;
        std::set<std::string_view> known;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const auto& node = graph.nodes[i];
            known.insert(node.name.view());
            bool named = node.name.view() == name;
            for (const text& origin : node.origins) {
                known.insert(origin.view());
                named |= origin.view() == name;
            }
            if (named) domains[i] = float_domain;
            found |= named;
        }
        if (!found) fail_not_excluded(name, known, model);
    }
    return domains;
}

/// How a network is to be quantized.
struct quantization_arguments {
    std::string rule;
    std::optional<int> weight_bits; ///< the rule's own where they are not given
    std::vector<std::string> excluded;

    void add_to(CLI::App& verb) {
        verb.add_option("--rule", rule, "quantization rule; see ctq supported-ops");
        verb.add_option("--weights-bits", weight_bits, "bits of a weight: 8, or 4 for two weights in a byte")
            ->check(CLI::IsMember({8, 4}));
        verb.add_option("--exclude", excluded, "keep the node of this name in float (repeatable)")
            ->allow_extra_args(false);
    }
};

/// The rule that is asked for, its weights as wide as asked for: with_weight_bits names the narrow forms.
template <const auto& Registry> chosen_rule rule_of(const quantization_arguments& arguments) {
    const chosen_rule named = rule_by_name<Registry>(arguments.rule);
    if (!arguments.weight_bits || *arguments.weight_bits == named.facts.weight_bits) return named;
    if (const auto narrow = find_rule<Registry>(message(named.facts.name, "_w", *arguments.weight_bits)))
        return *narrow;
    fail_usage("--weights-bits ", *arguments.weight_bits, ": the rule ", in_quotes(named.facts.name),
               " has weights of ", named.facts.weight_bits,
               " bits and no such form; register ctq::rule::with_weight_bits of it");
}

/// Calibration is for the rules that take ranges from it, and required by them.
inline void check_calibration(const calibration_arguments& calibration, const rule_facts& rule) {
    if (rule.dynamic_ranges && !calibration.is_empty())
        fail_usage("--calibration, --strategy and --samples: the rule ", in_quotes(rule.name),
                   " measures ranges when the network runs; leave them out");
    if (!rule.dynamic_ranges && calibration.data.items.empty())
        fail_usage("--calibration is required: the rule ", in_quotes(rule.name), " takes its ranges from samples");
}

/// The name of the strategy that is used: the one asked for, or the first of the registry.
template <const auto& Registry> std::string strategy_name(const calibration_arguments& calibration) {
    std::string name = calibration.strategy;
    registry_type<Registry>::for_each(registry_type<Registry>::strategies(), [&](auto each) {
        if (name.empty()) name = decltype(each)::type::name;
    });
    return name;
}

/// A network's integers, and what they were made with.
template <class Rules, class Graph> struct quantized_network {
    rule_facts rule;
    calibrate::table table;                ///< empty under a rule that measures ranges at run time
    proved_network<Rules, Graph> integers; ///< annotated under all registered rules; see registered_rules
};

/// Calibrates (or reads the table) where the rule needs it, annotates, proves: what could overflow is not emitted, run
/// or evaluated. Wrong names are refused before the work begins. The rules share one instantiation of all that follows;
/// the graph's domains say which one is meant.
template <const auto& Registry, class Graph>
quantized_network<registered_rules<Registry>, Graph> quantized(const Graph& graph, const model_arguments& model,
                                                               const calibration_arguments& calibration,
                                                               const quantization_arguments& arguments) {
    using rules = registered_rules<Registry>;
    const chosen_rule rule = rule_of<Registry>(arguments);
    check_calibration(calibration, rule.facts);
    with_strategy(Registry, calibration.strategy, [](const auto&) {});
    const std::vector<int> domains = domains_without(graph, rule.domain, arguments.excluded, model);
    calibrate::table table;
    std::vector<bounds> ranges(graph.values.size());
    if (!rule.facts.dynamic_ranges) {
        table = calibration_table_of(graph, calibration, model);
        ranges = ranges_by_name(graph, table, grid_of(rule.facts), calibration.strategy, Registry,
                                calibration.data.items.front());
    }
    return naming_the_model(model, [&] {
        Graph integers = post_process(annotate<rules>(graph, std::move(ranges), domains), Registry);
        return quantized_network<rules, Graph>{rule.facts, std::move(table),
                                               proved_network<rules, Graph>(std::move(integers))};
    });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

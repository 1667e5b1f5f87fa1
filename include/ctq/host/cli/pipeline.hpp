#pragma once
// The stages that the verbs are made of: load and prepare, calibrate, quantize under a rule chosen by name.
// room: host | runs on: host

#include <ctq/host/calibration_table.hpp>
#include <ctq/host/cli/arguments.hpp>
#include <ctq/host/engine/calibrated_ranges.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/engine/strategy_by_name.hpp>
#include <ctq/host/near_misses.hpp>
#include <ctq/host/progress.hpp>
#include <ctq/quantize/quantize.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::host::cli {

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

/// The model's float graph after all passes. Warnings go to stderr.
template <const auto& Registry> auto load_prepared(const model_arguments& model) {
    std::vector<std::string> warnings;
    auto graph = onnx::load_model<registry_type<Registry>>(model.path, model.options(), &warnings);
    for (const std::string& line : warnings) warn(line);
    return naming_the_model(model, [&] { return prepare(std::move(graph), Registry); });
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

/// Calls use(rule) with a value of the registered rule of that name; the first one when the name is empty.
template <const auto& Registry, class Use> void with_rule(std::string_view name, Use use) {
    std::vector<std::string_view> known;
    bool found = false;
    registry_type<Registry>::for_each(registry_type<Registry>::rules(), [&](auto each) {
        using rule = typename decltype(each)::type;
        known.push_back(rule::name);
        if (found || (!name.empty() && name != rule::name)) return;
        found = true;
        use(rule{});
    });
    if (!found) fail_usage("--rule: no rule is called ", in_quotes(name), near_misses(name, known));
}

/// One flag for each node: true for those that `names` keep in float. A fused node goes by each name it came from.
template <class Graph> flags kept_in_float(const Graph& graph, const std::vector<std::string>& names) {
    flags keep(graph.nodes.size(), std::uint8_t{0});
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
            if (named) keep[i] = 1;
            found |= named;
        }
        if (!found)
            fail_usage("--exclude: no node is called ", in_quotes(name),
                       near_misses(name, std::vector<std::string_view>(known.begin(), known.end())));
    }
    return keep;
}

/// How a network is to be quantized.
struct quantization_arguments {
    std::string rule;
    std::vector<std::string> excluded;

    void add_to(CLI::App& verb) {
        verb.add_option("--rule", rule, "quantization rule; see ctq supported-ops");
        verb.add_option("--exclude", excluded, "keep the node of this name in float (repeatable)")
            ->allow_extra_args(false);
    }
};

/// The name of the strategy that is used: the one asked for, or the first of the registry.
template <const auto& Registry> std::string strategy_name(const calibration_arguments& calibration) {
    std::string name = calibration.strategy;
    registry_type<Registry>::for_each(registry_type<Registry>::strategies(), [&](auto each) {
        if (name.empty()) name = decltype(each)::type::name;
    });
    return name;
}

/// Calibrates (or reads the table), quantizes, then calls use(rule, integer graph, table). Wrong names are refused
/// before the work begins.
template <const auto& Registry, class Graph, class Use>
void with_quantized(const Graph& graph, const model_arguments& model, const calibration_arguments& calibration,
                    const quantization_arguments& arguments, Use use) {
    with_rule<Registry>(arguments.rule, [](auto) {});
    with_strategy(Registry, calibration.strategy, [](const auto&) {});
    const flags in_float = kept_in_float(graph, arguments.excluded);
    const calibrate::table table = calibration_table_of(graph, calibration, model);
    with_rule<Registry>(arguments.rule, [&](auto rule) {
        using rule_type = decltype(rule);
        std::vector<bounds> ranges =
            ranges_by_name<rule_type>(graph, table, calibration.strategy, Registry, calibration.data.items.front());
        const Graph integers =
            naming_the_model(model, [&] { return quantize_graph<rule_type>(graph, std::move(ranges), in_float); });
        use(rule, integers, table);
    });
}

} // namespace ctq::host::cli

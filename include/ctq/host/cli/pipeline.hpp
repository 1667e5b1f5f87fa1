#pragma once
// The stages that the verbs are made of: arguments become what the library's functions take; warnings and progress.
// room: host | runs on: host | heap: yes

#include <ctq/host/calibration_table.hpp>
#include <ctq/host/cli/arguments.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/network.hpp>
#include <ctq/host/progress.hpp>
#include <ctq/host/quantize_network.hpp>

#include <cstddef>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

inline void warn(const std::string& line) {
    std::cerr << "ctq: warning: " << line << '\n';
}

/// The model's float network. Warnings go to stderr.
template <const auto& Registry> network<Registry> load_network(const model_arguments& model) {
    network<Registry> net = load<Registry>(model.path, model.options());
    for (const std::string& line : net.warnings) warn(line);
    return net;
}

/// Makes a run report to `bar`.
template <class Options> void show_progress(Options& options, progress& bar) {
    options.progress = [&bar](std::size_t done) { bar(done); };
}

/// The observations of all tensors: read from a table, or made by running the samples.
template <const auto& Registry>
calibration::table calibration_table_of(const network<Registry>& net, const calibration_arguments& arguments) {
    if (arguments.is_table()) {
        if (arguments.samples != 0)
            fail_usage("--samples: a table has no samples to choose from; give it to ctq calibrate");
        const std::string& path = arguments.data.items.front();
        calibration::table table = load_calibration_table(path);
        check_made_for(net, table, path);
        return table;
    }
    const std::vector<dataset> data = arguments.data.load(net.graph, "--calibration");
    calibration_options options;
    options.samples = arguments.samples;
    options.model = net.path;
    options.data = arguments.data.items.front();
    progress bar("calibrate", sample_count(data, arguments.samples, options.data));
    show_progress(options, bar);
    calibration_result result = run_calibration(net.graph, data, options);
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

/// Calibration is for the rules that take ranges from it, and required by them.
inline void check_calibration(const calibration_arguments& calibration, const chosen_rules& rules) {
    const rule_facts* const calibrated = rules.first_calibrated();
    if (calibrated == nullptr && !calibration.is_empty())
        fail_usage("--calibration, --strategy and --samples: the rule ", in_quotes(rules.network.facts.name),
                   " measures ranges when the network runs; leave them out");
    if (calibrated != nullptr && calibration.data.items.empty())
        fail_usage("--calibration is required: the rule ", in_quotes(calibrated->name),
                   " takes its ranges from samples");
}

/// A quantized network, and the table that it was made with: empty under rules that measure ranges at run time.
template <const auto& Registry> struct quantized_by_arguments {
    quantized_network<Registry> network;
    calibration::table table;
};

/// Calibrates (or reads the table) where a rule needs it, and quantizes. Wrong names are refused before the work
/// begins.
template <const auto& Registry>
quantized_by_arguments<Registry> quantized(const network<Registry>& net, const calibration_arguments& calibration,
                                           const quantization_arguments& arguments) {
    quantization_plan plan = plan_quantization(net, arguments.options(calibration.strategy));
    check_calibration(calibration, plan.rules);
    calibration::table table;
    std::string name;
    if (plan.is_calibrated()) {
        table = calibration_table_of(net, calibration);
        name = calibration.data.items.front();
    }
    return {quantize_network(net, std::move(plan), table, name), std::move(table)};
}

} // namespace ctq::inline CTQ_TARGET::host::cli

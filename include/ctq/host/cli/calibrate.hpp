#pragma once
// ctq calibrate: runs samples through the float network and saves what every tensor held, as a table that can be
// merged.
// room: host | runs on: host | heap: yes

#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/table.hpp>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <cstddef>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

struct calibrate_verb {
    model_arguments model;
    calibration_arguments calibration;
    std::string output, resumed;

    /// The table holds observations, so one serves every strategy; the ranges that --strategy chooses are printed.
    template <const auto& Registry> void run() const {
        check<Registry>();
        const network<Registry> net = load_network<Registry>(model);
        std::optional<calibration::table> before;
        if (!resumed.empty()) before = load_calibration_table(resumed);
        if (before && before->model != fingerprint(net.graph))
            fail_malformed(resumed, "was made for another model than ", printable_path(model.path),
                           "; it cannot be resumed with this one");
        calibration::table table = calibration_table_of(net, calibration);
        if (before && table.merge(*before) != calibration::merge_result::merged)
            fail_malformed(resumed, "together with these samples counts more than 2^64 values");
        save_calibration_table(output, table);
        if (!calibration.strategy.empty()) std::cout << ranges_text<Registry>(net.graph, table);
    }

  private:
    template <const auto& Registry> void check() const {
        if (calibration.is_table())
            fail_usage("--calibration: samples are required, not a table; use ctq merge-calibration to add tables up");
        std::vector<std::string> inputs = calibration.data.possible_paths();
        inputs.push_back(model.path);
        check_output("-o", output, inputs);
        with_strategy(Registry, calibration.strategy, [](const auto&) {});
    }

    /// One line for each tensor that needs a range, as the first rule of the registry would have it.
    template <const auto& Registry, class Graph>
    [[nodiscard]] std::string ranges_text(const Graph& graph, const calibration::table& table) const {
        table_rows rows{{"tensor", "low", "high"}};
        const chosen_rule rule = first_rule<Registry>();
        const std::vector<bounds> ranges =
            ranges_by_name(graph, table, grid_of(rule.facts), calibration.strategy, Registry, output);
        for (std::size_t v = 0; v < graph.values.size(); ++v) {
            const std::string_view name = graph.values[v].name.view();
            if (table.tensors.find(name) == table.tensors.end()) continue;
            rows.push_back({printable(name), fmt::format("{:.6g}", printed(ranges[v].low)),
                            fmt::format("{:.6g}", printed(ranges[v].high))});
        }
        return aligned_text(rows, 1);
    }
};

template <const auto& Registry> void add_calibrate(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<calibrate_verb>();
    CLI::App* verb = app.add_subcommand("calibrate", "observes every tensor over samples; writes a table");
    arguments->model.add_to(*verb);
    arguments->calibration.add_to(*verb, true);
    arguments->calibration.data.add_scaling_to(*verb);
    verb->add_option("-o,--output", arguments->output, "where the table goes")->required();
    verb->add_option("--resume", arguments->resumed,
                     "a table of the same model to add the samples to; may be the output");
    verb->footer("Example:\n  ctq calibrate model.onnx --calibration images.npy --samples 1000 -o table.json");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

#pragma once
// ctq calibrate: runs samples through the float network and saves what every tensor held, as a table that can be
// merged. room: host | runs on: host

#include <ctq/host/cli/pipeline.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>

namespace ctq::host::cli {

struct calibrate_verb {
    model_arguments model;
    calibration_arguments calibration;
    std::string output, resumed;

    /// The table holds observations, so one serves every strategy; --strategy is checked, and its ranges are shown.
    template <const auto& Registry> void run() const {
        const auto graph = load_prepared<Registry>(model);
        if (calibration.is_table())
            fail_usage("--calibration: samples are required, not a table; use ctq merge-calibration to add tables up");
        if (!calibration.strategy.empty()) with_strategy(Registry, calibration.strategy, [](const auto&) {});
        calibrate::table table = calibration_table_of(graph, calibration, model);
        if (!resumed.empty()) {
            const calibrate::table before = load_calibration_table(resumed);
            if (table.merge(before) != calibrate::merge_result::merged)
                fail_malformed(resumed, "cannot be resumed with ", printable_path(model.path),
                               ": it is of another model, or full");
        }
        save_calibration_table(output, table);
    }
};

template <const auto& Registry> void add_calibrate(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<calibrate_verb>();
    CLI::App* verb = app.add_subcommand("calibrate", "observes every tensor over samples; writes a table");
    arguments->model.add_to(*verb);
    arguments->calibration.add_to(*verb, true);
    arguments->calibration.data.add_scaling_to(*verb);
    verb->add_option("-o,--output", arguments->output, "where the table goes")->required();
    verb->add_option("--resume", arguments->resumed, "a table of the same model to continue from");
    verb->footer("Example:\n  ctq calibrate model.onnx --calibration images.npy --samples 1000 -o table.json");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::host::cli

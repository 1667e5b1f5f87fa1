#pragma once
// ctq merge-calibration: tables from several machines become the table of one.
// room: host | runs on: host | heap: yes

#include <ctq/host/calibration_table.hpp>
#include <ctq/host/cli/arguments.hpp>
#include <ctq/host/failure.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

struct merge_calibration {
    std::vector<std::string> tables;
    std::string output;

    void run() const {
        check_output("-o", output, tables);
        calibration::table whole = load_calibration_table(tables.front());
        for (std::size_t i = 1; i < tables.size(); ++i) {
            switch (whole.merge(load_calibration_table(tables[i]))) {
            case calibration::merge_result::merged:
                break;
            case calibration::merge_result::different_models:
                fail_malformed(tables[i], "is of another model than ", printable_path(tables.front()),
                               "; calibrate both with the same one");
            case calibration::merge_result::too_many_values:
                fail_malformed(tables[i], "together with the tables before it counts more than 2^64 values");
            }
        }
        save_calibration_table(output, whole);
    }
};

inline void add_merge_calibration(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<merge_calibration>();
    CLI::App* verb = app.add_subcommand("merge-calibration", "adds calibration tables up, exactly, in any order");
    verb->add_option("TABLES", arguments->tables, "tables of `ctq calibrate` for the same model")->required();
    verb->add_option("-o,--output", arguments->output, "where the merged table goes")->required();
    verb->footer("Example:\n  ctq merge-calibration part1.json part2.json -o whole.json");
    verb->callback([&run, arguments] { run = [arguments] { arguments->run(); }; });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

#pragma once
// ctq quantize, the main job: an ONNX model and samples become a C++ header.
// room: host | runs on: host | heap: yes

#include <ctq/host/atomic_write.hpp>
#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/emit/header.hpp>
#include <ctq/host/emit/identifiers.hpp>
#include <ctq/host/emit/report.hpp>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

struct quantize_verb {
    model_arguments model;
    calibration_arguments calibration;
    quantization_arguments quantization;
    std::string output, name, report, weights = "header";

    template <const auto& Registry> void run() const {
        check();
        check_calibration(calibration, choose_rules<Registry>(quantization.options()));
        const network<Registry> net = load_network<Registry>(model);
        const auto made = quantized(net, calibration, quantization);
        const auto options = emit_options_for<Registry>(made.network.rules, made.table);
        const auto& integers = made.network.integers;
        const auto costs = emit::report_of<registered_rules<Registry>>(integers.lowered());
        write(costs, naming_the_model(model.path, [&] { return emit::emit_header(integers, options); }));
    }

  private:
    /// All files or none. The header comes last: where it is new, so are the files beside it.
    void write(const emit::model_report& costs, const emit::emitted& made) const {
        atomic_files files;
        const auto add = [&](const std::string& path, std::string_view bytes) {
            files.begin(path);
            files.write(bytes);
        };
        if (!made.weights.empty()) add(weights_path(), made.weights);
        if (!report.empty()) add(report, emit::to_json(costs));
        add(output, made.header);
        files.commit();
        std::cout << emit::to_text(costs);
    }

    [[nodiscard]] std::string space() const { return name.empty() ? emit::namespace_of_file(output) : name; }
    [[nodiscard]] std::string weights_path() const {
        return std::filesystem::path(output).replace_extension(".weights").string();
    }

    void check() const {
        if (!name.empty() && !emit::is_namespace_name(name))
            fail_usage("--name ", in_quotes(name),
                       ": a C++ namespace name is required; use letters, digits and single "
                       "underscores, no keyword");
        std::vector<std::string> inputs = calibration.data.possible_paths();
        inputs.push_back(model.path);
        check_output("-o", output, inputs);
        inputs.push_back(output);
        if (!report.empty()) check_output("--report", report, inputs);
        inputs.push_back(report);
        if (calibration.is_table() && calibration.data.is_scaled())
            fail_usage("--scale and --shift: a table has no samples to scale; give them to ctq calibrate");
        if (weights == "file") check_output("--weights file:", weights_path(), inputs);
    }

    template <const auto& Registry>
    [[nodiscard]] emit::emit_options emit_options_for(const chosen_rules& rules,
                                                      const calibration::table& table) const {
        emit::emit_options options;
        options.name = space();
        options.source = model.path;
        options.method = rules.all_dynamic()
                             ? message(rules.names(), ", ranges measured at run time")
                             : message(rules.names(), ", ", strategy_name<Registry>(calibration), " over ",
                                       table.samples, table.samples == 1 ? " sample" : " samples");
        if (weights == "file") options.weights_file = std::filesystem::path(weights_path()).filename().string();
        return options;
    }
};

template <const auto& Registry> void add_quantize(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<quantize_verb>();
    CLI::App* verb = app.add_subcommand("quantize", "a model and samples become an integer C++ header");
    arguments->model.add_to(*verb);
    arguments->calibration.add_to(*verb, false);
    arguments->calibration.data.add_scaling_to(*verb);
    arguments->quantization.add_to(*verb);
    verb->add_option("-o,--output", arguments->output, "the header to write")->required();
    verb->add_option("--name", arguments->name, "the header's namespace; from the output's name if absent");
    verb->add_option("--report", arguments->report, "write the layers' facts as JSON");
    verb->add_option("--weights", arguments->weights,
                     message("where the weights go: `header`, or `file` for a binary beside it, with the constants of ",
                             emit::emit_options{}.least_in_file, " bytes and more"))
        ->check(CLI::IsMember({"header", "file"}));
    verb->footer("Example:\n  ctq quantize kws.onnx --calibration samples.npy -o kws.hpp --report kws.json");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

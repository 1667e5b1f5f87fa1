#pragma once
// ctq quantize, the main job: an ONNX model and samples become a C++ header.
// room: host | runs on: host

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
#include <vector>

namespace ctq::host::cli {

struct quantize_verb {
    model_arguments model;
    calibration_arguments calibration;
    quantization_arguments quantization;
    std::string output, name, report, weights = "header";

    template <const auto& Registry> void run() const {
        check();
        const auto graph = load_prepared<Registry>(model);
        const calibrate::table table = calibration_table_of(graph, calibration, model);
        with_rule<Registry>(quantization.rule, [&](auto rule) {
            using rule_type = decltype(rule);
            const auto integers =
                quantize_prepared<rule_type, Registry>(graph, table, calibration, quantization, model);
            const emit::emit_options options = emit_options_for<Registry>(rule_type::name, table);
            emit::emitted made;
            try {
                made = emit::emit_header<typename rule_type::requantizer>(integers, options);
            } catch (const model_error& fault) {
                throw failure(exit_code::unsupported, message(printable_path(model.path), ": ", fault.what()));
            }
            const emit::model_report costs = emit::report_of(integers);
            if (!made.weights.empty()) atomic_write(weights_path(), made.weights);
            if (!report.empty()) atomic_write(report, emit::to_json(costs));
            atomic_write(output, made.header);
            std::cout << emit::to_text(costs);
        });
    }

  private:
    [[nodiscard]] std::string space() const { return name.empty() ? emit::namespace_of_file(output) : name; }
    [[nodiscard]] std::string weights_path() const {
        return std::filesystem::path(output).replace_extension(".weights").string();
    }

    void check() const {
        if (!name.empty() && !emit::is_namespace_name(name))
            fail_usage("--name ", in_quotes(name),
                       ": a C++ namespace name is required; use letters, digits and single "
                       "underscores, no keyword");
        for (const std::string& other : {model.path, report})
            if (std::filesystem::path(output).lexically_normal() == std::filesystem::path(other).lexically_normal())
                fail_usage("-o ", in_quotes(output), ": input and output must be different files; name another one");
    }

    template <const auto& Registry>
    [[nodiscard]] emit::emit_options emit_options_for(std::string_view rule, const calibrate::table& table) const {
        emit::emit_options options;
        options.name = space();
        options.source = model.path;
        options.method =
            message(rule, ", ", calibration.strategy.empty() ? default_strategy<Registry>() : calibration.strategy,
                    " over ", table.samples, table.samples == 1 ? " sample" : " samples");
        if (weights == "file") options.weights_file = std::filesystem::path(weights_path()).filename().string();
        return options;
    }
};

template <const auto& Registry> void add_quantize(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<quantize_verb>();
    CLI::App* verb = app.add_subcommand("quantize", "a model and samples become an int8 C++ header");
    arguments->model.add_to(*verb);
    arguments->calibration.add_to(*verb, true);
    arguments->calibration.data.add_scaling_to(*verb);
    arguments->quantization.add_to(*verb);
    verb->add_option("-o,--output", arguments->output, "the header to write")->required();
    verb->add_option("--name", arguments->name, "the header's namespace; from the output's name if absent");
    verb->add_option("--report", arguments->report, "write the layers' facts as JSON");
    verb->add_option("--weights", arguments->weights,
                     "where the weights go: `header`, or `file` for a binary beside it")
        ->check(CLI::IsMember({"header", "file"}));
    verb->footer("Example:\n  ctq quantize kws.onnx --calibration samples.npy -o kws.hpp --report kws.json");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::host::cli

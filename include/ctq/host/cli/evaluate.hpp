#pragma once
// ctq evaluate: the float and the quantized network side by side on labelled samples, and where the error comes from,
// layer by layer.
// room: host | runs on: host | heap: yes

#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/engine/compare.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

struct evaluate_verb {
    model_arguments model;
    calibration_arguments calibration;
    quantization_arguments quantization;
    data_arguments inputs;
    std::string label_path;
    bool json = false;

    template <const auto& Registry> void run() const {
        const auto graph = load_prepared<Registry>(model);
        data_arguments scaled = inputs;
        scaled.scale = calibration.data.scale;
        scaled.shift = calibration.data.shift;
        const std::vector<dataset> data = scaled.load(graph, "--inputs");
        const std::vector<std::int64_t> labels = host::labels(label_path);
        if (labels.size() != data.front().size())
            fail_malformed(label_path, "holds ", labels.size(), " labels for ", data.front().size(), " samples");
        const auto made = quantized<Registry>(graph, model, calibration, quantization);
        comparison_options options;
        options.layer_samples = 256;
        options.model = model.path;
        options.data = data.front().name();
        options.labels = label_path;
        progress bar("evaluate", data.front().size());
        show_progress(options, bar);
        const comparison result = compare<registered_rules<Registry>>(graph, made.integers, data, labels, options);
        const std::string_view type = name_of(made.rule.activation_type);
        std::cout << (json ? as_json(result, type) : as_text(result, type));
    }

  private:
    static double percent(std::uint64_t hits, std::size_t of) {
        return of == 0 ? 0.0 : 100.0 * static_cast<double>(hits) / static_cast<double>(of);
    }

    /// `type`: the integers' name.
    static std::string as_json(const comparison& c, std::string_view type) {
        nlohmann::ordered_json json;
        json["samples"] = c.samples;
        json["fp32_top1"] = percent(c.real.top1, c.samples);
        json[message(type, "_top1")] = percent(c.integer.top1, c.samples);
        json["fp32_top5"] = percent(c.real.top5, c.samples);
        json[message(type, "_top5")] = percent(c.integer.top5, c.samples);
        json["same_top1"] = percent(c.agreements, c.samples);
        json["layers"] = nlohmann::ordered_json::array();
        for (const layer_error& layer : c.layers) {
            nlohmann::ordered_json each;
            each["name"] = layer.name;
            each["operator"] = layer.op;
            if (std::isfinite(layer.sqnr()))
                each["sqnr_db"] = layer.sqnr();
            else
                each["sqnr_db"] = nullptr;
            each["largest_error"] = layer.largest;
            each["saturated_percent"] = layer.saturated_percent();
            json["layers"].push_back(std::move(each));
        }
        return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    }

    static std::string as_text(const comparison& c, std::string_view type) {
        std::string text =
            fmt::format("{:<8}{:>10}{:>10}\n{:<8}{:>9.2f}%{:>9.2f}%\n{:<8}{:>9.2f}%{:>9.2f}%\n", "", "fp32", type,
                        "top-1", percent(c.real.top1, c.samples), percent(c.integer.top1, c.samples), "top-5",
                        percent(c.real.top5, c.samples), percent(c.integer.top5, c.samples));
        text += fmt::format("{} samples; the same top-1 in {:.2f}%\n\n{:<44}{:<14}{:>9}{:>14}{:>12}\n", c.samples,
                            percent(c.agreements, c.samples), "tensor", "operator", "SQNR dB", "largest error",
                            "saturated");
        for (const layer_error& layer : c.layers)
            text += fmt::format("{:<44}{:<14}{:>9.1f}{:>14.4g}{:>11.3f}%\n", printable(layer.name, 42), layer.op,
                                layer.sqnr(), layer.largest, layer.saturated_percent());
        return text;
    }
};

template <const auto& Registry> void add_evaluate(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<evaluate_verb>();
    CLI::App* verb = app.add_subcommand("evaluate", "fp32 and integer accuracy side by side, and each layer's error");
    arguments->model.add_to(*verb);
    arguments->calibration.add_to(*verb, true);
    arguments->calibration.data.add_scaling_to(*verb);
    arguments->quantization.add_to(*verb);
    verb->add_option("--inputs", arguments->inputs.items, "samples, .npy, IDX or .gz (NAME=FILE for several inputs)")
        ->required()
        ->allow_extra_args(false);
    verb->add_option("--labels", arguments->label_path, "one class number for each sample, .npy or IDX")->required();
    verb->add_flag("--json", arguments->json, "machine-readable");
    verb->footer("Example:\n  ctq evaluate kws.onnx --calibration table.json --inputs x.npy --labels y.npy");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

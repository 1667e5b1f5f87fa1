#pragma once
// ctq evaluate: the float and the quantized network side by side on labelled samples, and where the error comes from,
// layer by layer.
// room: host | runs on: host | heap: yes

#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/engine/compare.hpp>
#include <ctq/host/table.hpp>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
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
        check_calibration(calibration, choose_rules<Registry>(quantization.options()));
        const network<Registry> net = load_network<Registry>(model);
        check_batch(net.graph);
        const std::vector<dataset> data = inputs.scaled_as(calibration.data).load(net.graph, "--inputs");
        const std::vector<std::int64_t> labels = host::labels(label_path);
        if (labels.size() != data.front().size())
            fail_malformed(label_path, "holds ", labels.size(), " labels for ", data.front().size(), " samples");
        const auto made = quantized(net, calibration, quantization);
        comparison_options options;
        options.layer_samples = 256;
        options.model = model.path;
        options.data = data.front().name();
        options.labels = label_path;
        progress bar("evaluate", data.front().size());
        show_progress(options, bar);
        const comparison result =
            compare<registered_rules<Registry>>(net.graph, made.network.integers.annotated(), data, labels, options);
        const std::string_view type = made.network.rules.activations();
        std::cout << (json ? as_json(result, type) : as_text(result, type, net.graph.outputs.size()));
    }

  private:
    /// One label says what one call gives: the first output must not hold the results of several.
    template <class Graph> void check_batch(const Graph& graph) const {
        const tensor_facts& made = graph.value_at(graph.outputs[0].value).facts;
        const shape &output = made.shape, &input = graph.value_at(graph.inputs[0].value).facts.shape;
        const int rank = is_plain(made) ? 1 : 2; // a class of each sample, or its classes
        if (output.rank < rank || input.rank < 2 || output[0] == 1 || output[0] != input[0]) return;
        throw failure(exit_code::unsupported,
                      message(printable_path(model.path), ": output ", in_quotes(graph.outputs[0].name.view()), " is ",
                              text_of(output), ", the classes of ", output[0],
                              " samples in one call; evaluate counts one a call: give the batch the size 1, as --dim "
                              "does where it is symbolic"));
    }

    static double percent(std::uint64_t hits, std::size_t of) {
        return of == 0 ? 0.0 : 100.0 * static_cast<double>(hits) / static_cast<double>(of);
    }

    /// `type`: the integers' name.
    static std::string as_json(const comparison& c, std::string_view type) {
        nlohmann::ordered_json json;
        json["samples"] = c.samples;
        json["output"] = c.output;
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

    static std::string as_text(const comparison& c, std::string_view type, std::size_t outputs) {
        const auto share = [&](std::uint64_t hits) { return fmt::format("{:.2f}%", percent(hits, c.samples)); };
        const table_rows accuracy{{"", "fp32", std::string(type)},
                                  {"top-1", share(c.real.top1), share(c.integer.top1)},
                                  {"top-5", share(c.real.top5), share(c.integer.top5)}};
        table_rows errors{{"tensor", "operator", "SQNR dB", "largest error", "saturated"}};
        for (const layer_error& layer : c.layers)
            errors.push_back({printable(layer.name), layer.op, fmt::format("{:.1f}", printed(layer.sqnr())),
                              fmt::format("{:.4g}", printed(layer.largest)),
                              fmt::format("{:.3f}%", layer.saturated_percent())});
        const std::string which =
            outputs == 1 ? "" : message(" (of output ", in_quotes(c.output), ", the first of ", outputs, ")");
        return message(aligned_text(accuracy, 1), c.samples, " samples; the same top-1 in ", share(c.agreements), which,
                       "\n\n", aligned_text(errors, 2));
    }
};

template <const auto& Registry> void add_evaluate(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<evaluate_verb>();
    CLI::App* verb = app.add_subcommand("evaluate", "fp32 and integer accuracy side by side, and each layer's error");
    arguments->model.add_to(*verb);
    arguments->calibration.add_to(*verb, false);
    arguments->calibration.data.add_scaling_to(*verb);
    arguments->quantization.add_to(*verb);
    verb->add_option("--inputs", arguments->inputs.items, data_arguments::help)->required()->allow_extra_args(false);
    verb->add_option(
            "--labels", arguments->label_path,
            "one class number for each sample, .npy, .npz or IDX; of the first output, where there are several")
        ->required();
    verb->add_flag("--json", arguments->json, "machine-readable");
    verb->footer("Example:\n  ctq evaluate kws.onnx --calibration table.json --inputs x.npy --labels y.npy");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

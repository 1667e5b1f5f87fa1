#pragma once
// ctq infer: the network's outputs for samples, from the integer network (bit for bit the header's) or from the float
// one. room: host | runs on: host

#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/integer_engine.hpp>
#include <ctq/host/engine/parallel.hpp>
#include <ctq/host/npy.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ctq::host::cli {

struct infer_verb {
    model_arguments model;
    calibration_arguments calibration;
    quantization_arguments quantization;
    data_arguments inputs;
    std::string outputs;
    bool in_float = false;

    template <const auto& Registry> void run() const {
        if (in_float == !calibration.data.items.empty())
            fail_usage("either --float or --calibration is required: which network is to run?");
        const auto graph = load_prepared<Registry>(model);
        data_arguments scaled = inputs;
        scaled.scale = calibration.data.scale;
        scaled.shift = calibration.data.shift;
        const std::vector<dataset> data = scaled.load(graph, "--inputs");
        using graph_type = std::remove_cvref_t<decltype(graph)>;
        if (in_float) return write(graph, results(graph, data, float_worker<graph_type>(graph, data)));
        const calibrate::table table = calibration_table_of(graph, calibration, model);
        with_rule<Registry>(quantization.rule, [&](auto rule) {
            using rule_type = decltype(rule);
            const auto integers =
                quantize_prepared<rule_type, Registry>(graph, table, calibration, quantization, model);
            using worker = integer_worker<typename rule_type::requantizer, graph_type>;
            write(integers, results(integers, data, worker(integers, data)));
        });
    }

  private:
    /// For each output: the values of all samples, one after the other.
    using output_values = std::vector<std::vector<float>>;

    template <class Graph> struct float_worker {
        float_engine<Graph> engine;
        std::span<const dataset> data;

        float_worker(const Graph& graph, std::span<const dataset> samples) : engine(graph), data(samples) {}
        void operator()(std::size_t sample, output_values& to) {
            for (std::size_t i = 0; i < data.size(); ++i) {
                data[i].sample(sample, engine.input(i));
                check_finite(engine.input(i), sample);
            }
            engine.run();
            for (std::size_t i = 0; i < to.size(); ++i) {
                const auto from = engine.output(i);
                std::copy(from.begin(), from.end(), to[i].begin() + static_cast<std::ptrdiff_t>(sample * from.size()));
            }
        }
    };

    template <class Requantizer, class Graph> struct integer_worker {
        integer_engine<Requantizer, Graph> engine;
        std::span<const dataset> data;
        std::vector<float> row;

        integer_worker(const Graph& graph, std::span<const dataset> samples) : engine(graph), data(samples) {}
        void operator()(std::size_t sample, output_values& to) {
            for (std::size_t i = 0; i < data.size(); ++i) {
                row.resize(data[i].sample_size());
                data[i].sample(sample, row);
                check_finite(row, sample);
                engine.set_input(i, row);
            }
            engine.run();
            for (std::size_t i = 0; i < to.size(); ++i) {
                const std::size_t size = engine.output_size(i);
                engine.output(i, std::span(to[i]).subspan(sample * size, size));
            }
        }
    };

    static void check_finite(std::span<const float> values, std::size_t sample) {
        for (const float value : values)
            if (!std::isfinite(value))
                fail_malformed("--inputs", "sample ", sample, " holds ", value, "; inputs must be finite");
    }

    template <class Graph, class Worker>
    static output_values results(const Graph& graph, std::span<const dataset> data, const Worker& first) {
        const std::size_t count = sample_count(data, 0, "--inputs");
        output_values values;
        for (const port& output : graph.outputs)
            values.emplace_back(count * graph.value_at(output.value).facts.elements());
        progress bar("infer", count);
        for_each_sample(
            count, 0,
            [&](std::size_t) {
                return [worker = std::make_shared<Worker>(first), &values](std::size_t sample) {
                    (*worker)(sample, values);
                };
            },
            [&](std::size_t done) { bar(done); });
        return values;
    }

    /// One output: the file; several: a folder with one file each, named after the output.
    template <class Graph> void write(const Graph& graph, const output_values& values) const {
        const bool folder = graph.outputs.size() > 1 || (!outputs.empty() && outputs.back() == '/');
        if (folder) {
            std::error_code error;
            std::filesystem::create_directories(outputs, error);
            if (error)
                throw failure(exit_code::cannot_write,
                              message(printable_path(outputs), ": cannot be made: ", error.message()));
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            const tensor_facts& facts = graph.value_at(graph.outputs[i].value).facts;
            std::vector<std::int64_t> shape{
                static_cast<std::int64_t>(values[i].size() / std::max<std::size_t>(1, facts.elements()))};
            const int first = facts.shape.rank > 0 && facts.shape[0] == 1 ? 1 : 0;
            for (int axis = first; axis < facts.shape.rank; ++axis) shape.push_back(facts.shape[axis]);
            const std::string path =
                folder ? (std::filesystem::path(outputs) / (file_name(graph.outputs[i].name.view()) + ".npy")).string()
                       : outputs;
            npy::write<float>(path, shape, values[i]);
        }
    }

    /// An output's name as a file name: what could leave the folder becomes an underscore.
    static std::string file_name(std::string_view name) {
        std::string result(name);
        std::replace_if(
            result.begin(), result.end(), [](char c) { return c == '/' || c == '\\' || c == '\0'; }, '_');
        return result.empty() || result == "." || result == ".." ? "_" : result;
    }
};

template <const auto& Registry> void add_infer(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<infer_verb>();
    CLI::App* verb = app.add_subcommand("infer", "runs samples through the integer or the float network");
    arguments->model.add_to(*verb);
    verb->add_option("--inputs", arguments->inputs.items, "samples, .npy, IDX or .gz (NAME=FILE for several inputs)")
        ->required()
        ->allow_extra_args(false);
    verb->add_option("--outputs", arguments->outputs, "a .npy file, or a folder for several outputs")->required();
    verb->add_flag("--float", arguments->in_float, "the float network instead of the integer one");
    arguments->calibration.add_to(*verb, false);
    arguments->calibration.data.add_scaling_to(*verb);
    arguments->quantization.add_to(*verb);
    verb->footer("Example:\n  ctq infer kws.onnx --calibration table.json --inputs x.npy --outputs y.npy");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::host::cli

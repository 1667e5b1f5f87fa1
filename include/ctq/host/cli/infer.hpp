#pragma once
// ctq infer: the network's outputs for samples, from the integer network (bit for bit the header's) or from the float
// one.
// room: host | runs on: host | heap: yes

#include <ctq/graph/name_set.hpp>
#include <ctq/host/atomic_write.hpp>
#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/integer_engine.hpp>
#include <ctq/host/engine/parallel.hpp>
#include <ctq/host/engine/sample_reader.hpp>
#include <ctq/host/npy.hpp>
#include <ctq/host/npz.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

struct infer_verb {
    model_arguments model;
    calibration_arguments calibration;
    quantization_arguments quantization;
    data_arguments inputs;
    std::string outputs;
    bool in_float = false;

    template <const auto& Registry> void run() const {
        check<Registry>();
        const auto graph = load_prepared<Registry>(model);
        if (!is_folder(graph)) check_folder_of(outputs);
        const std::vector<dataset> data = inputs.scaled_as(calibration.data).load(graph, "--inputs");
        using graph_type = std::remove_cvref_t<decltype(graph)>;
        if (in_float) return write(graph, results(graph, data, float_worker<graph_type>(graph, data)));
        using worker = integer_worker<registered_rules<Registry>, graph_type>;
        const auto made = quantized<Registry>(graph, model, calibration, quantization);
        const graph_type& integers = made.integers.annotated();
        write(integers, results(integers, data, worker(integers, data)));
    }

  private:
    template <const auto& Registry> void check() const {
        const bool calibrated = !calibration.data.items.empty();
        const bool measures = !in_float && choose_rules<Registry>(quantization).all_dynamic();
        if (in_float == calibrated && !measures)
            fail_usage(in_float ? "--float and --calibration exclude each other: which network is to run?"
                                : "either --float or --calibration is required: which network is to run? (a rule that "
                                  "measures ranges at run time needs neither)");
        if (in_float && !(quantization.is_empty() && calibration.is_empty()))
            fail_usage("--float: the float network has no --rule, --weights-bits, --exclude, --strategy or --samples; "
                       "leave them out");
        std::vector<std::string> others = inputs.possible_paths();
        for (const std::string& path : calibration.data.possible_paths()) others.push_back(path);
        others.push_back(model.path);
        check_different("--outputs", outputs, others);
    }

    /// For each output: the elements of all samples, one after the other; reals, unless the output is plain.
    using output_values = std::vector<constant>;

    template <class Graph> struct float_worker {
        float_engine<Graph> engine;
        sample_reader read_sample;

        float_worker(const Graph& graph, std::span<const dataset> from) : engine(graph), read_sample(from) {}
        void operator()(std::size_t sample, output_values& to) {
            engine.reset();
            read_sample(sample, engine);
            engine.run();
            for (std::size_t i = 0; i < to.size(); ++i) copy_elements(engine.output_tensor(i), sample, to[i]);
        }
    };

    template <class Rules, class Graph> struct integer_worker {
        integer_engine<Rules, Graph> engine;
        sample_reader read_sample;

        integer_worker(const Graph& graph, std::span<const dataset> from) : engine(graph), read_sample(from) {}
        void operator()(std::size_t sample, output_values& to) {
            engine.reset();
            read_sample(sample, engine);
            engine.run();
            for (std::size_t i = 0; i < to.size(); ++i) {
                const const_tensor& from = engine.output_tensor(i);
                if (to[i].is<float>())
                    engine.output(i, std::span(to[i].as<float>()).subspan(sample * from.size(), from.size()));
                else
                    copy_elements(from, sample, to[i]);
            }
        }
    };

    /// A sample's output to its place among those of all.
    static void copy_elements(const const_tensor& from, std::size_t sample, constant& to) {
        to.visit([&](auto& elements) {
            using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
            std::copy_n(from.as<type>(), from.size(),
                        elements.begin() + static_cast<std::ptrdiff_t>(sample * from.size()));
        });
    }

    static dtype type_of_results(const tensor_facts& output) { return is_plain(output) ? output.type : dtype::float32; }

    /// The most bytes of all results, which are held until all are there, and as much when they are written, twice
    /// that to a .npz.
    static constexpr std::size_t most_result_bytes = std::size_t{1} << 31;

    template <class Graph> static void check_size(const Graph& graph, std::size_t count) {
        std::size_t each = 0;
        for (const port& output : graph.outputs) {
            const tensor_facts& facts = graph.value_at(output.value).facts;
            each += bytes_of(type_of_results(facts), facts.elements());
        }
        if (each > most_result_bytes / count)
            throw failure(exit_code::unsupported,
                          message("--outputs: ", each, " bytes for each of ", count, " samples; at most ",
                                  most_result_bytes, " are supported in all: give fewer samples"));
    }

    template <class Graph, class Worker>
    static output_values results(const Graph& graph, std::span<const dataset> data, const Worker& first) {
        const std::size_t count = sample_count(data, 0, "--inputs");
        check_size(graph, count);
        output_values values;
        for (const port& output : graph.outputs) {
            const tensor_facts& facts = graph.value_at(output.value).facts;
            values.push_back(constant::zeros(type_of_results(facts), count * facts.elements()));
        }
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

    /// Whether all outputs become one .npz.
    [[nodiscard]] bool is_archive() const { return outputs.ends_with(".npz"); }

    /// Otherwise: one output, the file, unless a slash says otherwise; several, a folder with one file each.
    template <class Graph> [[nodiscard]] bool is_folder(const Graph& graph) const {
        return !is_archive() && (graph.outputs.size() > 1 || outputs.ends_with('/'));
    }

    template <class Graph> void write(const Graph& graph, output_values values) const {
        const std::vector<std::string> names = file_names(graph);
        if (is_folder(graph)) make_folder();
        std::vector<npz::member> members;
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::string bytes = npy_file(graph.value_at(graph.outputs[i].value).facts, std::exchange(values[i], {}));
            if (is_archive())
                members.push_back({names[i], std::move(bytes)});
            else
                atomic_write(is_folder(graph) ? (std::filesystem::path(outputs) / (names[i] + ".npy")).string()
                                              : outputs,
                             bytes);
        }
        if (is_archive()) atomic_write(outputs, npz::format(members));
    }

    void make_folder() const {
        std::error_code error;
        std::filesystem::create_directories(outputs, error);
        if (error)
            throw failure(exit_code::cannot_write,
                          message(printable_path(outputs), ": cannot be made: ", error.message()));
    }

    /// The values of all samples; a leading axis of 1 gives way to that of samples.
    static std::string npy_file(const tensor_facts& facts, const constant& values) {
        std::vector<std::int64_t> shape{
            static_cast<std::int64_t>(values.entries() / std::max<std::size_t>(1, facts.elements()))};
        const int first = facts.shape.rank > 0 && facts.shape[0] == 1 ? 1 : 0;
        for (int axis = first; axis < facts.shape.rank; ++axis) shape.push_back(facts.shape[axis]);
        return values.visit([&](const auto& elements) -> std::string {
            using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
            if constexpr (std::is_same_v<type, int4_pair>)
                return {}; // no output is of these
            else
                return npy::format<type>(shape, elements);
        });
    }

    /// The outputs' names as names of different files, in a .npz too: what could leave the folder becomes an
    /// underscore.
    template <class Graph> static std::vector<std::string> file_names(const Graph& graph) {
        std::vector<std::string> names;
        name_set taken;
        for (const port& output : graph.outputs) {
            std::string name(output.name.view());
            std::ranges::replace_if(
                name, [](char c) { return c == '/' || c == '\\' || c == '\0'; }, '_');
            if (name.empty() || name == "." || name == "..") name = "_";
            names.emplace_back(taken.take_like(name).view());
        }
        return names;
    }
};

template <const auto& Registry> void add_infer(CLI::App& app, std::function<void()>& run) {
    const auto arguments = std::make_shared<infer_verb>();
    CLI::App* verb = app.add_subcommand("infer", "runs samples through the integer or the float network");
    arguments->model.add_to(*verb);
    verb->add_option("--inputs", arguments->inputs.items,
                     "samples, .npy, .npz, IDX or .gz (NAME=FILE for several inputs, repeatable)")
        ->required()
        ->allow_extra_args(false);
    verb->add_option("--outputs", arguments->outputs, "a .npy file, or a .npz file or a folder for several outputs")
        ->required();
    verb->add_flag("--float", arguments->in_float, "the float network instead of the integer one");
    arguments->calibration.add_to(*verb, false);
    arguments->calibration.data.add_scaling_to(*verb);
    arguments->quantization.add_to(*verb);
    verb->footer("Example:\n  ctq infer kws.onnx --calibration table.json --inputs x.npy --outputs y.npy");
    verb->callback([&run, arguments] { run = [arguments] { arguments->template run<Registry>(); }; });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

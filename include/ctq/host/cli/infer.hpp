#pragma once
// ctq infer: the network's outputs for samples, from the integer network (bit for bit the header's) or from the float
// one.
// room: host | runs on: host | heap: yes

#include <ctq/graph/name_set.hpp>
#include <ctq/host/atomic_write.hpp>
#include <ctq/host/cli/pipeline.hpp>
#include <ctq/host/engine/inference_run.hpp>
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
#include <string_view>
#include <type_traits>
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
        const network<Registry> net = load_network<Registry>(model);
        check_outputs(number_of_results(net.graph));
        const std::vector<dataset> data = inputs.scaled_as(calibration.data).load(net.graph, "--inputs");
        if (in_float)
            return infer_and_write(
                data, [&](const inference_options& options) { return infer_floats(net.graph, data, options); });
        const auto made = quantized(net, calibration, quantization);
        infer_and_write(data, [&](const inference_options& options) {
            return infer_integers<registered_rules<Registry>>(made.network.integers.annotated(), data, options);
        });
    }

  private:
    /// A folder, and those that it lies in, unless the path is empty: they are there from now on, and those that were
    /// not before are gone again if nothing was written into them.
    class new_folders {
        std::vector<std::filesystem::path> made_; ///< the innermost first

      public:
        explicit new_folders(const std::string& path) {
            if (path.empty()) return;
            std::error_code error;
            for (auto each = std::filesystem::path(path + "/").parent_path(); !each.empty() && !exists(each, error);
                 each = each.parent_path())
                made_.push_back(each);
            std::filesystem::create_directories(path, error);
            if (!error) return;
            remove_empty();
            throw failure(exit_code::cannot_write,
                          message(printable_path(path), ": cannot be made: ", error.message()));
        }
        new_folders(const new_folders&) = delete;
        new_folders& operator=(const new_folders&) = delete;
        ~new_folders() { remove_empty(); }

      private:
        void remove_empty() const {
            std::error_code error; // of one that is not empty, or not there
            for (const std::filesystem::path& each : made_) std::filesystem::remove(each, error);
        }
    };

    template <const auto& Registry> void check() const {
        const bool calibrated = !calibration.data.items.empty();
        const bool measures = !in_float && choose_rules<Registry>(quantization.options()).all_dynamic();
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

    void check_outputs(std::size_t results) const {
        if (results > 1 && outputs.ends_with(".npy"))
            fail_usage("--outputs ", printable_path(outputs), ": the network has ", results,
                       " outputs, and a .npy file holds one; name a folder or a .npz file");
        if (!is_folder(results)) check_folder_of(outputs);
    }

    template <class Infer> void infer_and_write(std::span<const dataset> data, Infer infer) const {
        inference_options options;
        options.data = "--inputs";
        progress bar("infer", sample_count(data, 0, options.data));
        show_progress(options, bar);
        write(infer(options));
    }

    template <class Graph> static std::size_t number_of_results(const Graph& graph) {
        return static_cast<std::size_t>(std::ranges::count(counting_outputs(graph), 0));
    }

    /// Whether all outputs become one .npz.
    [[nodiscard]] bool is_archive() const { return outputs.ends_with(".npz"); }

    /// Otherwise: one output, the file, unless a slash says otherwise; several, a folder with one file each.
    [[nodiscard]] bool is_folder(std::size_t results) const {
        return !is_archive() && (results > 1 || outputs.ends_with('/'));
    }

    /// All files or none. The results can fill the memory: no copy of one is made for a .npy file.
    void write(const std::vector<inferred_output>& results) const {
        const std::vector<std::string> names = file_names(results);
        const bool folder = is_folder(results.size());
        const new_folders made(folder ? outputs : std::string());
        atomic_files files;
        if (is_archive()) {
            std::vector<npz::member> members;
            for (std::size_t i = 0; i < results.size(); ++i) members.push_back({names[i], npy_file(results[i])});
            files.begin(outputs);
            npz::write(members, [&](std::string_view bytes) { files.write(bytes); });
        }
        for (std::size_t i = 0; !is_archive() && i < results.size(); ++i) {
            const npy::parts file = npy_file(results[i]);
            files.begin(folder ? (std::filesystem::path(outputs) / (names[i] + ".npy")).string() : outputs);
            files.write(file.head);
            files.write(file.elements);
        }
        files.commit();
    }

    static npy::parts npy_file(const inferred_output& output) {
        return output.elements.visit([&](const auto& elements) -> npy::parts {
            using type = typename std::remove_cvref_t<decltype(elements)>::value_type;
            if constexpr (std::is_same_v<type, int4_pair>)
                return {}; // no output is of these
            else
                return npy::parts_of<type>(output.shape, elements);
        });
    }

    /// The outputs' names as names of different files, in a .npz too: what could leave the folder becomes an
    /// underscore.
    static std::vector<std::string> file_names(std::span<const inferred_output> results) {
        std::vector<std::string> names;
        name_set taken;
        for (const inferred_output& output : results) {
            std::string name = output.name;
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
    verb->add_option("--inputs", arguments->inputs.items, data_arguments::help)->required()->allow_extra_args(false);
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

#pragma once
// The command-line arguments that several verbs share, and what they stand for.
// room: host | runs on: host | heap: yes

#include <ctq/host/choose_rules.hpp>
#include <ctq/host/data_file.hpp>
#include <ctq/host/dataset.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/import.hpp>

#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

/// Whether two paths lead to the same file; it need not exist. Devices are never the same: /dev/stdout may be an
/// output.
[[nodiscard]] inline bool same_file(const std::string& a, const std::string& b) {
    std::error_code ignored;
    if (a.empty() || b.empty() || std::filesystem::is_character_file(a, ignored)) return false;
    if (std::filesystem::equivalent(a, b, ignored)) return true;
    const std::filesystem::path whole = std::filesystem::weakly_canonical(a, ignored);
    return !whole.empty() && whole == std::filesystem::weakly_canonical(b, ignored);
}

/// Refuses, before any work is done, an output that is an input too.
inline void check_different(std::string_view option, const std::string& output,
                            const std::vector<std::string>& others) {
    for (const std::string& other : others)
        if (same_file(output, other))
            fail_usage(option, " ", in_quotes(output), ": is ", printable_path(other),
                       " too; input and output must be different files: name another one");
}

/// Refuses, before any work is done, an output whose folder does not exist.
inline void check_folder_of(const std::string& output) {
    const std::filesystem::path folder = std::filesystem::path(output).parent_path();
    std::error_code ignored;
    if (!folder.empty() && !std::filesystem::is_directory(folder, ignored))
        throw failure(exit_code::cannot_write, message(printable_path(output), ": cannot be written: the folder ",
                                                       printable_path(folder.string()), " does not exist; make it"));
}

/// Both checks, for an output that is one file.
inline void check_output(std::string_view option, const std::string& output, const std::vector<std::string>& others) {
    check_different(option, output, others);
    check_folder_of(output);
}

/// MODEL and what pins its symbolic dimensions.
struct model_arguments {
    std::string path;
    std::vector<std::string> dimensions;

    void add_to(CLI::App& verb) {
        verb.add_option("MODEL", path, "the fp32 network, an ONNX file")->required();
        verb.add_option("--dim", dimensions, "give a symbolic dimension its size, NAME=SIZE (repeatable)")
            ->allow_extra_args(false);
    }

    [[nodiscard]] onnx::import_options options() const {
        onnx::import_options result;
        for (const std::string& each : dimensions) {
            const std::size_t cut = each.rfind('=');
            if (cut == std::string::npos || cut == 0)
                fail_usage("--dim ", in_quotes(each), ": a name and a size are required; write --dim NAME=SIZE");
            const std::string name = each.substr(0, cut);
            std::int64_t size = 0;
            const char* const begin = each.data() + cut + 1;
            const char* const end = each.data() + each.size();
            const auto read = std::from_chars(begin, end, size);
            if (read.ec != std::errc() || read.ptr != end || size < 1 ||
                size > std::numeric_limits<std::int32_t>::max())
                fail_usage("--dim ", in_quotes(each),
                           ": the size must be a whole number from 1; write --dim NAME=SIZE");
            if (!result.dims.emplace(name, size).second)
                fail_usage("--dim ", in_quotes(each), ": ", in_quotes(name), " is given twice; give it once");
        }
        return result;
    }
};

/// Files of samples, one for each input of the model.
struct data_arguments {
    static constexpr const char* help = "samples along the first axis, or one of the input's shape; .npy, .npz, IDX or "
                                        ".gz (NAME=FILE for several inputs, repeatable)";

    std::vector<std::string> items;
    double scale = 1, shift = 0;

    void add_scaling_to(CLI::App& verb) {
        verb.add_option("--scale", scale, "what each element is multiplied with, such as 0.00392157 for bytes");
        verb.add_option("--shift", shift, "what is added to each element after --scale");
    }

    [[nodiscard]] bool is_scaled() const { return scale != 1 || shift != 0; }

    /// The same files, their elements scaled and shifted as those of `other`: a verb has --scale and --shift once.
    [[nodiscard]] data_arguments scaled_as(const data_arguments& other) const {
        return {items, other.scale, other.shift};
    }

    /// Each item as it stands, and what follows a '=' of it: all paths that the items may mean.
    [[nodiscard]] std::vector<std::string> possible_paths() const {
        std::vector<std::string> result = items;
        for (const std::string& item : items)
            for (std::size_t cut = item.find('='); cut != std::string::npos; cut = item.find('=', cut + 1))
                result.push_back(item.substr(cut + 1));
        return result;
    }

    /// The samples in the order of the graph's inputs, checked against the inputs' shapes and one another's number. A
    /// single input needs no name: FILE; several: NAME=FILE each, or a .npz of arrays that are named as they are.
    template <class Graph> [[nodiscard]] std::vector<dataset> load(const Graph& graph, std::string_view option) const {
        check_scaling(graph);
        std::vector<dataset> result;
        std::vector<source> from = sources(graph, option);
        for (std::size_t i = 0; i < from.size(); ++i) {
            dataset& data = result.emplace_back(from[i].file->read(from[i].array), from[i].file->place(from[i].array),
                                                scale, shift);
            from[i].file.reset(); // its memory, when no other input needs it
            fit_to(data, result.front(), graph.value_at(graph.inputs[i].value).facts.shape,
                   graph.inputs[i].name.view());
        }
        return result;
    }

  private:
    template <class Graph> void check_scaling(const Graph& graph) const {
        if (!std::isfinite(scale) || !std::isfinite(shift)) fail_usage("--scale and --shift must be finite numbers");
        const auto is_real = [&](const port& input) { return !is_plain(graph.value_at(input.value).facts); };
        if (is_scaled() && std::ranges::none_of(graph.inputs, is_real))
            fail_usage("--scale and --shift: no input of the model is of reals; leave them out");
    }

    template <class Graph> static std::string input_names(const Graph& graph) {
        std::string names;
        for (const port& input : graph.inputs)
            names += message(names.empty() ? "" : ", ", in_quotes(input.name.view()));
        return names;
    }

    /// Which array of which file an input's samples are.
    struct source {
        std::shared_ptr<data_file> file;
        std::size_t array = 0;
    };

    template <class Graph>
    [[nodiscard]] std::vector<source> sources(const Graph& graph, std::string_view option) const {
        std::vector<source> result(graph.inputs.size());
        const auto give = [&](std::size_t input, source from) {
            if (result[input].file)
                fail_usage(option, ": input ", in_quotes(graph.inputs[input].name.view()),
                           " is given twice; give it once");
            result[input] = std::move(from);
        };
        for (const std::string& item : items) {
            const auto [input, path] = assigned(graph, item, option);
            const auto file = std::make_shared<data_file>(path);
            if (input)
                give(*input, {file, array_for(graph.inputs[*input].name.view(), *file)});
            else if (graph.inputs.size() == 1 && file->size() == 1)
                give(0, {file, 0});
            else
                for (std::size_t i = 0; i < file->size(); ++i) give(input_of_array(graph, *file, i, option), {file, i});
        }
        for (std::size_t i = 0; i < result.size(); ++i)
            if (!result[i].file)
                throw failure(exit_code::malformed,
                              message(option, ": input ", in_quotes(graph.inputs[i].name.view()), " has no data; add ",
                                      option, " ", printable(graph.inputs[i].name.view()),
                                      "=FILE. The model's inputs: ", input_names(graph)));
        return result;
    }

    template <class Graph> static std::optional<std::size_t> input_named(const Graph& graph, std::string_view name) {
        for (std::size_t i = 0; i < graph.inputs.size(); ++i)
            if (graph.inputs[i].name.view() == name) return i;
        return std::nullopt;
    }

    /// The input that an item names, if it names one, and the path. Names and paths may hold a '=': the longest name
    /// of an input is taken.
    template <class Graph>
    static std::pair<std::optional<std::size_t>, std::string> assigned(const Graph& graph, const std::string& item,
                                                                       std::string_view option) {
        std::size_t cut = item.rfind('=');
        if (cut == std::string::npos) return {std::nullopt, item};
        for (; cut != std::string::npos && cut != 0; cut = item.rfind('=', cut - 1))
            if (const auto input = input_named(graph, std::string_view(item).substr(0, cut)))
                return {input, item.substr(cut + 1)};
        const std::string_view name = std::string_view(item).substr(0, item.find('='));
        std::error_code ignored;
        if (std::filesystem::exists(item, ignored)) return {std::nullopt, item};
        throw failure(exit_code::malformed, message(option, " ", in_quotes(item), ": the model has no input ",
                                                    in_quotes(name), "; its inputs: ", input_names(graph)));
    }

    /// Of NAME=FILE: the one array of the file, whatever its name, or that of the input's name.
    static std::size_t array_for(std::string_view input, const data_file& file) {
        if (file.size() == 1) return 0;
        if (const auto found = file.find(input)) return *found;
        fail_malformed(file.path(), "holds no array ", in_quotes(input), "; its arrays: ", file.names_text());
    }

    /// Of FILE: the input that an array is for.
    template <class Graph>
    static std::size_t input_of_array(const Graph& graph, const data_file& file, std::size_t array,
                                      std::string_view option) {
        if (!file.is_archive())
            throw failure(exit_code::malformed,
                          message(option, " ", in_quotes(file.path()), ": the model has ", graph.inputs.size(),
                                  " inputs; write ", option, " NAME=FILE for each of ", input_names(graph),
                                  ", or give a .npz with an array for each"));
        if (const auto input = input_named(graph, file.name(array))) return *input;
        fail_malformed(file.place(array), "the model has no input of this name; its inputs: ", input_names(graph),
                       ": write ", option, " NAME=FILE to take the array NAME alone");
    }
};

/// Where ranges come from: samples, or a table that `ctq calibrate` made.
struct calibration_arguments {
    data_arguments data;
    std::string strategy;
    std::size_t samples = 0;

    void add_to(CLI::App& verb, bool required) {
        auto* option =
            verb.add_option("--calibration", data.items, message(data_arguments::help, "; or a calibration table"));
        option->allow_extra_args(false)->required(required);
        verb.add_option("--strategy", strategy, "how ranges are chosen; see ctq supported-ops");
        verb.add_option("--samples", samples, "calibrate on the first N samples only")->check(whole_number, "", "");
    }

    /// True when none of the options is given.
    [[nodiscard]] bool is_empty() const { return data.items.empty() && strategy.empty() && samples == 0; }

    /// A calibration table is told by its name's ending.
    [[nodiscard]] bool is_table() const {
        if (data.items.size() != 1) return false;
        const std::string& path = data.items.front();
        return path.size() > 5 && path.compare(path.size() - 5, 5, ".json") == 0;
    }

  private:
    static std::string whole_number(const std::string& text) {
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool fits = error == std::errc() && end == text.data() + text.size() && value > 0;
        return fits ? "" : message(in_quotes(text), " is not a whole number from 1");
    }
};

/// How a network is to be quantized, as options say it.
struct quantization_arguments {
    std::vector<std::string> rules;
    std::optional<int> weight_bits; ///< the network's rule's own where they are not given
    std::vector<std::string> excluded;

    void add_to(CLI::App& verb) {
        verb.add_option("--rule", rules,
                        "quantization rule, or NODE=RULE for the node of this name (repeatable); see ctq supported-ops")
            ->allow_extra_args(false);
        verb.add_option("--weights-bits", weight_bits,
                        "bits of a weight under the network's rule: 8, or 4 for two weights in a byte")
            ->check(CLI::IsMember({8, 4}));
        verb.add_option("--exclude", excluded, "keep the node of this name in float (repeatable)")
            ->allow_extra_args(false);
    }

    [[nodiscard]] bool is_empty() const { return rules.empty() && !weight_bits && excluded.empty(); }

    [[nodiscard]] quantization_options options(const std::string& strategy = {}) const {
        quantization_options result{
            .weight_bits = weight_bits, .excluded = excluded, .strategy = strategy, .dashes = "--"};
        for (const std::string& each : rules) {
            const std::size_t cut = each.rfind('=');
            if (cut == std::string::npos) {
                if (result.rule)
                    fail_usage("--rule: the network's rule is given twice, as ", in_quotes(*result.rule), " and ",
                               in_quotes(each), "; give it once, and NODE=RULE for single nodes");
                result.rule = each;
            } else if (cut == 0 || cut + 1 == each.size()) {
                fail_usage("--rule ", in_quotes(each), ": a node and a rule are required; write --rule NODE=RULE");
            } else {
                result.layer_rules.emplace_back(each.substr(0, cut), each.substr(cut + 1));
            }
        }
        return result;
    }
};

} // namespace ctq::inline CTQ_TARGET::host::cli

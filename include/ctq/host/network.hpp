#pragma once
// network: a float network that was read from a model's file and went through all passes.
// room: host | runs on: host | heap: yes

#include <ctq/default_registry.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/import.hpp>
#include <ctq/host/shape_text.hpp>
#include <ctq/rewrite/prepare.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

template <const auto& Registry> using registry_type = std::remove_cvref_t<decltype(Registry)>;

/// What is read of a model's file, ready to be run, calibrated and quantized.
template <const auto& Registry> struct network {
    graph_of<Registry> graph;
    std::string path;                       ///< the file; what messages call the network
    std::vector<std::string> warnings = {}; ///< one line each: what the file holds and the network does without
};

/// Calls work(); what a pass or a rule finds wrong with the network names the model's file.
template <class Work> auto naming_the_model(const std::string& path, Work work) {
    try {
        return work();
    } catch (const model_error& fault) {
        throw failure(exit_code::unsupported, message(printable_path(path), ": ", fault.what()));
    }
}

/// The most elements that all activations of a network may have together: 4 GiB of float. A file of a hundred bytes can
/// ask for any number, and engines, which reuse memory where they can, may have to hold all of them.
inline constexpr std::int64_t most_activation_elements = std::int64_t{1} << 30;

/// Refuses a network with more of them.
template <class Graph> void check_activations(const Graph& graph, const std::string& path) {
    std::int64_t sum = 0;
    const value* largest = nullptr;
    for (const value& each : graph.values) {
        if (each.constant >= 0) continue;
        sum += each.facts.shape.elements();
        if (largest == nullptr || each.facts.shape.elements() > largest->facts.shape.elements()) largest = &each;
    }
    if (sum > most_activation_elements)
        throw failure(exit_code::unsupported,
                      message(printable_path(path), ": its activations have ", sum, " elements together, of which ",
                              in_quotes(largest->name.view()), " is ", text_of(largest->facts.shape), "; at most ",
                              most_activation_elements, " are supported: give its inputs smaller dimensions"));
}

/// Reads the model in a file. `options`: the sizes of symbolic dimensions. Throws `failure`: malformed, unsupported
/// (every node that cannot be taken at once), usage for dimensions that are not there.
template <const auto& Registry = default_registry>
[[nodiscard]] network<Registry> load(const std::string& path, const onnx::import_options& options = {}) {
    std::vector<std::string> warnings;
    auto graph = onnx::load_model<registry_type<Registry>>(path, options, &warnings);
    network<Registry> made{naming_the_model(path, [&] { return prepare(std::move(graph), Registry); }), path,
                           std::move(warnings)};
    check_activations(made.graph, path);
    return made;
}

} // namespace ctq::inline CTQ_TARGET::host

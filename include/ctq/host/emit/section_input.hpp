#pragma once
// section_input: what the sections of an emitted header are written from: the proved network, the caller's options, an
// identifier for each value, and which constants lie in a file beside the header.
// room: host | runs on: host | heap: yes

#include <ctq/execute/program.hpp>
#include <ctq/host/emit/golden.hpp>
#include <ctq/host/emit/identifiers.hpp>
#include <ctq/host/emit/weights_file.hpp>
#include <ctq/host/proof.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit {

struct emit_options {
    std::string name = "model"; ///< the namespace; see is_namespace_name
    std::string source{};       ///< the source model's path; its last part stands in the comment
    std::string method{};       ///< how it was quantized, for the comment: "affine_int8, entropy over 500 samples"
    std::string weights_file{}; ///< the binary's name; empty: all constants in the header
    std::size_t least_in_file = 4096;      ///< bytes from which on a constant goes to the binary
    std::optional<golden_vector> golden{}; ///< absent: made from pseudo-random inputs
};

namespace detail {

/// Refers to the network and the options, which must live as long.
template <class Rules, class Graph> struct section_input {
    using program_type = program<typename Graph::operation_type>;

    section_input(const proved_network<Rules, Graph>& network, const emit_options& chosen)
        : graph(network.annotated()), lowered(network.lowered()), options(chosen) {
        identifier_set taken{"model", "name", "file", "values", "nodes", "inputs", "outputs", "states", "weights"};
        for (const value& v : lowered.values) names.push_back(taken.add(v.name.view()));
        if (!options.weights_file.empty()) image = gather_weights(lowered, options.least_in_file);
        image.offsets.resize(lowered.values.size());
    }

    /// True when constants lie in a file beside the header.
    [[nodiscard]] bool in_file() const { return !image.bytes.empty(); }

    [[nodiscard]] const tensor_facts& facts(const port& of) const { return lowered.value_at(of.value).facts; }

    [[nodiscard]] const std::string& name_of_value(int index) const { return names[static_cast<std::size_t>(index)]; }

    /// The inputs, then the outputs.
    [[nodiscard]] std::vector<port> ports() const {
        std::vector<port> all = lowered.inputs;
        all.insert(all.end(), lowered.outputs.begin(), lowered.outputs.end());
        return all;
    }

    const Graph& graph;
    const program_type& lowered;
    const emit_options& options;
    std::vector<std::string> names; ///< an identifier for each value of the program
    weights_image image;            ///< without bytes when all constants stand in the header
};

} // namespace detail
} // namespace ctq::inline CTQ_TARGET::host::emit

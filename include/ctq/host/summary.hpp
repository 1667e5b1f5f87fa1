#pragma once
// summary: what a float graph is made of, layer by layer; `ctq inspect` prints it as a table or as JSON.
// room: host | runs on: host | heap: yes | the same text in every locale

#include <ctq/graph/graph.hpp>
#include <ctq/host/shape_text.hpp>
#include <ctq/host/table.hpp>
#include <ctq/host/text.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// An input or output of the graph.
struct port_summary {
    std::string name;
    shape of;
    dtype type = dtype::float32;
};

struct layer_summary {
    std::string name;
    std::string operation;
    std::vector<shape> inputs; ///< of the activations that the layer reads
    shape output;
    std::string output_name; ///< the key of its range in a calibration table
    std::int64_t parameters = 0, macs = 0;
    std::vector<std::string> origins; ///< nodes of the source model
};

/// A parameter that two layers share counts in both, once in the total.
struct summary {
    std::string name;
    std::vector<port_summary> inputs, outputs;
    std::vector<layer_summary> layers;
    std::int64_t parameters = 0, macs = 0;
};

namespace detail {

template <class Graph, class Node> layer_summary summary_of_node(const Graph& graph, const Node& node) {
    layer_summary layer;
    layer.name = std::string(node.name.view());
    layer.output = graph.value_at(node.output()).facts.shape;
    layer.output_name = std::string(graph.value_at(node.output()).name.view());
    for (const text& origin : node.origins) layer.origins.emplace_back(origin.view());
    for (const int input : node.inputs) {
        const shape& of = graph.value_at(input).facts.shape;
        if (graph.is_constant(input))
            layer.parameters += of.elements();
        else
            layer.inputs.push_back(of);
    }
    visit_operator(node, [&](const auto& op) {
        layer.operation = std::string(std::remove_cvref_t<decltype(op)>::name);
        if (!node.inputs.empty()) layer.macs = macs(op, graph.value_at(node.inputs[0]).facts.shape, layer.output);
    });
    return layer;
}

inline std::string text_of(std::span<const shape> all) {
    std::string out;
    for (const shape& each : all) out += (out.empty() ? "" : ", ") + host::text_of(each);
    return out;
}

/// A whole name, fit for JSON, which takes UTF-8 only.
inline std::string json_text(std::string_view name) {
    return printable(name, 1'000'000);
}

inline nlohmann::json json_of(const shape& of) {
    return std::vector<std::int32_t>(of.extent.begin(), of.extent.begin() + of.rank);
}

inline nlohmann::json json_of(const std::vector<port_summary>& ports) {
    auto out = nlohmann::json::array();
    for (const port_summary& each : ports)
        out.push_back({{"name", json_text(each.name)}, {"type", name_of(each.type)}, {"shape", json_of(each.of)}});
    return out;
}

} // namespace detail

/// Reads a float graph, as imported or prepared. Cost: linear.
template <class Graph> [[nodiscard]] summary summarize(const Graph& graph) {
    summary out;
    out.name = std::string(graph.name.view());
    const auto ports = [&](const std::vector<port>& from) {
        std::vector<port_summary> result;
        for (const port& each : from) {
            const tensor_facts& facts = graph.value_at(each.value).facts;
            result.push_back({std::string(each.name.view()), facts.shape, facts.type});
        }
        return result;
    };
    out.inputs = ports(graph.inputs);
    out.outputs = ports(graph.outputs);
    for (const auto& node : graph.nodes) {
        out.layers.push_back(detail::summary_of_node(graph, node));
        out.macs += out.layers.back().macs;
    }
    std::vector<std::uint8_t> counted(graph.values.size(), 0);
    for (const auto& node : graph.nodes)
        for (const int input : node.inputs) {
            auto& seen = counted[static_cast<std::size_t>(input)];
            if (seen == 0 && graph.is_constant(input)) out.parameters += graph.value_at(input).facts.shape.elements();
            seen = 1;
        }
    return out;
}

/// One line for each input, layer and output, the columns aligned, and a line of totals.
[[nodiscard]] inline std::string table_of(const summary& of) {
    std::string out;
    const auto line = [&](std::string_view kind, const port_summary& each) {
        out += message(kind, " ", printable(each.name), " ", name_of(each.type), " ", text_of(each.of), "\n");
    };
    for (const port_summary& each : of.inputs) line("input ", each);
    for (const port_summary& each : of.outputs) line("output", each);
    table_rows rows{{"layer", "operator", "inputs", "output", "parameters", "MACs"}};
    for (const layer_summary& layer : of.layers)
        rows.push_back({printable(layer.name), layer.operation, detail::text_of(std::span(layer.inputs)),
                        text_of(layer.output), message(layer.parameters), message(layer.macs)});
    rows.push_back({"total", "", "", "", message(of.parameters), message(of.macs)});
    return out + aligned_text(rows, 4);
}

/// {"name", "inputs", "outputs", "layers": [{"name", "operator", "inputs", "output", "value", "parameters", "macs",
/// "origins"}], "parameters", "macs"}; of an input or output name, type and shape. Shapes are lists. Names are made
/// printable.
[[nodiscard]] inline nlohmann::json json_of(const summary& of) {
    auto layers = nlohmann::json::array();
    for (const layer_summary& layer : of.layers) {
        auto inputs = nlohmann::json::array(), origins = nlohmann::json::array();
        for (const shape& each : layer.inputs) inputs.push_back(detail::json_of(each));
        for (const std::string& each : layer.origins) origins.push_back(detail::json_text(each));
        layers.push_back({{"name", detail::json_text(layer.name)},
                          {"operator", layer.operation},
                          {"inputs", inputs},
                          {"output", detail::json_of(layer.output)},
                          {"value", detail::json_text(layer.output_name)},
                          {"parameters", layer.parameters},
                          {"macs", layer.macs},
                          {"origins", origins}});
    }
    return {{"name", detail::json_text(of.name)},
            {"inputs", detail::json_of(of.inputs)},
            {"outputs", detail::json_of(of.outputs)},
            {"layers", layers},
            {"parameters", of.parameters},
            {"macs", of.macs}};
}

} // namespace ctq::inline CTQ_TARGET::host

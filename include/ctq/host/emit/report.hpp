#pragma once
// report: what a quantized model costs, layer by layer: for the terminal, as JSON, and in the emitted header's comment.
// room: host | runs on: host | heap: yes | the same text in every locale

#include <ctq/execute/program.hpp>
#include <ctq/execute/program_plan.hpp>
#include <ctq/host/emit/literals.hpp>
#include <ctq/host/shape_text.hpp>
#include <ctq/host/table.hpp>
#include <ctq/host/text.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit {

/// One node of the integer graph.
struct layer_report {
    std::string name;
    std::string op; ///< the operator's name
    tensor_facts output;
    std::int64_t macs = 0;
    std::size_t weight_bytes = 0;    ///< all constants that the node reads
    std::optional<double> sqnr_db{}; ///< signal to quantization noise at the output, where it was measured
};

/// The whole model. RAM is the arena with the portable kernels.
struct model_report {
    std::vector<layer_report> layers;
    std::int64_t macs = 0;
    std::size_t weight_bytes = 0, ram_bytes = 0, least_ram_bytes = 0;
};

/// Counts a program. A constant that two layers read counts in both, once in the total.
template <class Rules, class Program> [[nodiscard]] model_report report_of(const Program& graph) {
    model_report report;
    for (const auto& node : graph.nodes) {
        layer_report layer;
        layer.name = std::string(node.name.view());
        layer.output = graph.value_at(node.output()).facts;
        for (const int input : node.inputs)
            if (graph.is_constant(input)) layer.weight_bytes += graph.value_at(input).facts.bytes();
        visit_lowered(node, [&]<class Op>(const Op& op, const auto&) {
            layer.op = std::string(Op::name);
            if (!node.inputs.empty())
                layer.macs = macs(op, graph.value_at(node.inputs[0]).facts.shape, layer.output.shape);
        });
        report.macs += layer.macs;
        report.layers.push_back(std::move(layer));
    }
    for (const value& v : graph.values) report.weight_bytes += v.constant >= 0 ? v.facts.bytes() : 0;
    const program_plan plan = plan_program<Rules, kernels::scalar>(graph);
    report.ram_bytes = plan.bytes;
    report.least_ram_bytes = plan.lower_bound;
    return report;
}

namespace detail {

/// True for integers whose scale is known; one that is measured at run time is not.
[[nodiscard]] inline bool has_scale(const tensor_facts& facts) {
    return is_integer(facts.type) && facts.quantization.scale > 0;
}

} // namespace detail

/// name, operator, output, MACs, weight bytes; then the totals. Lines without their ends.
[[nodiscard]] inline std::vector<std::string> layer_table(const model_report& report) {
    table_rows rows{{"layer", "operator", "output", "MACs", "weight bytes"}};
    for (const layer_report& layer : report.layers)
        rows.push_back({commented(layer.name), layer.op, text_of(layer.output.shape), message(layer.macs),
                        message(layer.weight_bytes)});
    rows.push_back({"all", "", "", message(report.macs), message(report.weight_bytes)});
    return aligned_lines(rows, 3);
}

/// The table that the tool prints: the layers with scale and zero point where they are known, and SQNR where it was
/// measured; then the totals.
[[nodiscard]] inline std::string to_text(const model_report& report) {
    const bool measured =
        std::ranges::any_of(report.layers, [](const auto& layer) { return layer.sqnr_db.has_value(); });
    table_rows rows{{"layer", "operator", "output", "type", "MACs", "weight bytes", "scale", "zero point"}};
    if (measured) rows[0].push_back("SQNR dB");
    for (const layer_report& layer : report.layers) {
        const quantization& q = layer.output.quantization;
        const bool scaled = detail::has_scale(layer.output);
        rows.push_back({printable(layer.name), layer.op, text_of(layer.output.shape),
                        std::string(name_of(layer.output.type)), message(layer.macs), message(layer.weight_bytes),
                        scaled ? message(q.scale) : "", scaled ? message(q.zero_point) : ""});
        if (measured) rows.back().push_back(layer.sqnr_db ? fmt::format("{:.2f}", printed(*layer.sqnr_db)) : "");
    }
    return message(aligned_text(rows, 4), "weights ", report.weight_bytes, " bytes, RAM ", report.ram_bytes,
                   " bytes (portable kernels; ", report.least_ram_bytes, " in use at the peak), ", report.macs,
                   " MACs\n");
}

/// The same as JSON, two spaces a level.
[[nodiscard]] inline std::string to_json(const model_report& report) {
    nlohmann::ordered_json json;
    json["weight_bytes"] = report.weight_bytes;
    json["ram_bytes"] = report.ram_bytes;
    json["least_ram_bytes"] = report.least_ram_bytes;
    json["macs"] = report.macs;
    json["layers"] = nlohmann::ordered_json::array();
    for (const layer_report& layer : report.layers) {
        nlohmann::ordered_json each;
        each["name"] = layer.name;
        each["operator"] = layer.op;
        each["output_shape"] = std::vector<std::int32_t>(layer.output.shape.extent.begin(),
                                                         layer.output.shape.extent.begin() + layer.output.shape.rank);
        each["output_type"] = name_of(layer.output.type);
        each["macs"] = layer.macs;
        each["weight_bytes"] = layer.weight_bytes;
        if (detail::has_scale(layer.output)) {
            each["scale"] = layer.output.quantization.scale;
            each["zero_point"] = layer.output.quantization.zero_point;
        }
        if (layer.sqnr_db) each["sqnr_db"] = *layer.sqnr_db;
        json["layers"].push_back(std::move(each));
    }
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

} // namespace ctq::inline CTQ_TARGET::host::emit

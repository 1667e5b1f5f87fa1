#pragma once
// api: ctq as C++ functions on xtensor's tensors, what the tool's verbs do: load, calibrate, quantize, infer, evaluate,
// and emit. All throw host::failure, whose what() is the text that the tool would print and whose `code` its exit code.
// room: host | runs on: host | heap: yes

#include <ctq/host/calibration_table.hpp>
#include <ctq/host/emit/header.hpp>
#include <ctq/host/engine/calibration_run.hpp>
#include <ctq/host/engine/compare.hpp>
#include <ctq/host/engine/fingerprint.hpp>
#include <ctq/host/engine/inference_run.hpp>
#include <ctq/host/network.hpp>
#include <ctq/host/quantize_network.hpp>
#include <ctq/host/tensors.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// Reads a model's file as a float network, through all passes of the registry. `options.dims`: the sizes of symbolic
/// dimensions.
template <const auto& Registry = default_registry>
[[nodiscard]] host::network<Registry> load(const std::string& path, const host::onnx::import_options& options = {}) {
    return host::load<Registry>(path, options);
}

/// Runs samples through the float network and gives what every tensor held, which serves every rule and strategy.
template <const auto& Registry>
[[nodiscard]] host::calibration_result calibrate(const host::network<Registry>& net, const samples& inputs,
                                                 host::calibration_options options = {}) {
    options.model = net.path;
    return host::run_calibration(net.graph, inputs.for_inputs_of(net.graph), options);
}

/// Integers that are proved not to overflow, of a network and its calibration.
template <const auto& Registry>
[[nodiscard]] host::quantized_network<Registry> quantize(const host::network<Registry>& net,
                                                         const calibration::table& table,
                                                         const host::quantization_options& options = {}) {
    const char* const name = "the calibration";
    if (table.tensors.empty()) host::fail_malformed(name, "is empty; give what calibrate made of samples");
    host::check_made_for(net, table, name);
    return host::quantize_network(net, host::plan_quantization(net, options), table, name);
}

/// The same under rules that measure ranges when the network runs.
template <const auto& Registry>
[[nodiscard]] host::quantized_network<Registry> quantize(const host::network<Registry>& net,
                                                         const host::quantization_options& options) {
    host::quantization_plan plan = host::plan_quantization(net, options);
    if (const rule_facts* calibrated = plan.rules.first_calibrated())
        host::fail_usage("quantize: the rule ", host::in_quotes(calibrated->name),
                         " takes its ranges from samples; give a calibration");
    return host::quantize_network(net, std::move(plan));
}

/// The outputs of the float network for all samples.
template <const auto& Registry>
[[nodiscard]] results infer(const host::network<Registry>& net, const samples& inputs,
                            const host::inference_options& options = {}) {
    return results(host::infer_floats(net.graph, inputs.for_inputs_of(net.graph), options));
}

/// Those of the integer network, bit for bit what its header gives.
template <const auto& Registry>
[[nodiscard]] results infer(const host::quantized_network<Registry>& net, const samples& inputs,
                            const host::inference_options& options = {}) {
    const auto& graph = net.integers.annotated();
    return results(host::infer_integers<host::registered_rules<Registry>>(graph, inputs.for_inputs_of(graph), options));
}

/// Both networks side by side: agreement, and each layer's error. `quantized` was made of `net`.
template <const auto& Registry>
[[nodiscard]] host::comparison
evaluate(const host::network<Registry>& net, const host::quantized_network<Registry>& quantized, const samples& inputs,
         host::comparison_options options = {}, std::span<const std::int64_t> labels = {}) {
    if (quantized.source != host::fingerprint(net.graph))
        host::fail_usage("evaluate: the integers were made of another network than ", host::printable_path(net.path),
                         "; quantize this one");
    options.model = net.path;
    return host::compare<host::registered_rules<Registry>>(net.graph, quantized.integers.annotated(),
                                                           inputs.for_inputs_of(net.graph), labels, options);
}

/// The same with the accuracy of both. `labels`: a tensor of whole numbers, one for each sample.
template <const auto& Registry, detail::xtensor_expression Labels>
[[nodiscard]] host::comparison evaluate(const host::network<Registry>& net,
                                        const host::quantized_network<Registry>& quantized, const samples& inputs,
                                        const Labels& labels, const host::comparison_options& options = {}) {
    return evaluate(net, quantized, inputs, options, host::labels_of(detail::array_of(labels), options.labels));
}

/// The C++ header of a quantized network, and the binary of its weights where options.weights_file names one.
template <const auto& Registry>
[[nodiscard]] host::emit::emitted emit(const host::quantized_network<Registry>& net,
                                       host::emit::emit_options options = {}) {
    if (!host::emit::is_namespace_name(options.name))
        host::fail_usage("emit: ", host::in_quotes(options.name), ": a C++ namespace name is required");
    if (options.source.empty()) options.source = net.path;
    if (options.method.empty()) options.method = net.rules.names();
    return host::naming_the_model(net.path, [&] { return host::emit::emit_header(net.integers, options); });
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// fact_section: the executor of an emitted header, what it costs, what its inputs and outputs are, and the assertions
// that its weights are whole and its accumulators proved.
// room: host | runs on: host | heap: yes

#include <ctq/host/emit/literals.hpp>
#include <ctq/host/emit/report.hpp>
#include <ctq/host/emit/section_input.hpp>
#include <ctq/host/emit/source_text.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit::detail {

/// One constant for each fact of the only input (output), or an array for each fact of all. `side`: input or output.
/// Scales and zero points are facts of reals: none stands where all are plain integers or booleans.
template <class Rules, class Graph>
void write_port_facts(source_text& to, const section_input<Rules, Graph>& from, std::string_view side,
                      const std::vector<port>& ports) {
    if (ports.empty()) return;
    const auto plain = std::ranges::count_if(ports, [&](const port& each) { return is_plain(from.facts(each)); });
    const auto fact = [&](std::string_view type, std::string_view what, auto text_of, std::string_view note = "") {
        const std::string all = comma_list(ports, [&](const port& each) { return text_of(from.facts(each)); });
        const bool one = ports.size() == 1;
        to.line("inline constexpr ", type, " ", side, "_", what, one ? " = " : "s[] = {", all, one ? ";" : "};", note);
    };
    fact("std::size_t", "size", [](const tensor_facts& f) { return message(f.elements()); });
    if (plain == std::ssize(ports)) return;
    const std::string_view note = plain == 0 ? "" : " // 0 of plain integers and booleans";
    fact(
        "float", "scale", [](const tensor_facts& f) { return literal(f.quantization.scale); }, note);
    fact(
        "std::int32_t", "zero_point", [](const tensor_facts& f) { return message(f.quantization.zero_point); }, note);
}

inline void write_assertions(source_text& to, std::string_view name) {
    to.line("static_assert(ctq::model_weight_bytes<model> == weight_bytes,");
    to.line("              \"ctq: ", name, ".hpp: the constants were edited by hand; make it again\");");
    to.line("// From the weights above, layer by layer: no accumulator can overflow, whatever the input.");
    to.line("static_assert(ctq::model_never_overflows<model>,");
    to.line("              \"ctq: ", name, ".hpp: accumulators that are proved to fit are required; make it again\");");
    to.line();
}

template <class Rules, class Graph> void write_facts(source_text& to, const section_input<Rules, Graph>& from) {
    const model_report report = report_of<Rules>(from.lowered);
    to.line("/// Runs the network. ctq::executor<model, ctq::policy::small> shares code between layers.");
    to.line("using executor = ctq::executor<model>;");
    to.line();
    to.line("inline constexpr std::size_t ram_bytes = executor::ram_bytes; // ", report.ram_bytes,
            " with the portable kernels");
    to.line("inline constexpr std::size_t weight_bytes = ", report.weight_bytes, ";");
    to.line("inline constexpr std::int64_t macs = ", report.macs, "; // for one inference");
    write_port_facts(to, from, "input", from.lowered.inputs);
    write_port_facts(to, from, "output", from.lowered.outputs);
    to.line();
    write_assertions(to, from.options.name);
}

} // namespace ctq::inline CTQ_TARGET::host::emit::detail

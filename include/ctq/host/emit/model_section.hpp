#pragma once
// model_section: the network in an emitted header: arrays of weights, and the type `model` of static constants that
// ctq::executor is made from.
// room: host | runs on: host | heap: yes

#include <ctq/core/signature.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/host/emit/literals.hpp>
#include <ctq/host/emit/operators.hpp>
#include <ctq/host/emit/section_input.hpp>
#include <ctq/host/emit/source_text.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit::detail {

/// How a node names its rounding; one of the user's own by its number.
[[nodiscard]] inline std::string rounding_text(rounding how) {
    if (!name_of(how).empty()) return message("ctq::rounding::", name_of(how));
    return message("static_cast<ctq::rounding>(", static_cast<int>(how), ")");
}

/// The constants that do not lie in the file.
template <class Rules, class Graph> void write_weights(source_text& to, const section_input<Rules, Graph>& from) {
    to.line("namespace weights {");
    to.line();
    for (std::size_t i = 0; i < from.names.size(); ++i)
        if (from.lowered.values[i].constant >= 0 && !from.image.offsets[i])
            to.array(from.names[i], from.lowered.tensor_at(static_cast<int>(i)));
    to.line("} // namespace weights");
    to.line();
}

/// One element of `values`.
template <class Rules, class Graph> std::string value_text(const section_input<Rules, Graph>& from, std::size_t i) {
    const value& v = from.lowered.values[i];
    const std::string shown = message(string_literal(v.name.view()), ", ", literal(v.facts.shape));
    const quantization& q = v.facts.quantization;
    const bool narrow = is_integer(v.facts.type) && !(v.facts.range == limits_of(v.facts.type));
    const std::string scale = q.scale == 0 && !narrow ? "" : message(", ", literal(q.scale), ", ", q.zero_point);
    const std::string type = message(", ctq::dtype::", name_of(v.facts.type));
    const std::string range = narrow ? message(", ", literal(v.facts.range)) : "";
    if (v.constant < 0)
        return message("ctq::activation(", shown, v.facts.type == dtype::float32 ? "" : type, scale, range, ")");
    if (from.image.offsets[i])
        return message("ctq::constant_in_file(", shown, type, ", ", *from.image.offsets[i], scale, range, ")");
    return message("ctq::constant_value(", shown, ", weights::", from.names[i], scale, range, ")");
}

/// The enumerators that number the values, and the values.
template <class Rules, class Graph> void write_values(source_text& to, const section_input<Rules, Graph>& from) {
    const auto itself = [](const std::string& name) { return name; };
    to.line("    enum : int { // positions in `values`");
    to.line(wrapped(comma_list(from.names, itself), "        ", "        "));
    to.line("    };");
    to.line();
    to.line("    static constexpr ctq::model_value values[] = {");
    for (std::size_t i = 0; i < from.names.size(); ++i)
        to.line(wrapped(value_text(from, i) + ",", "        ", "            "));
    to.line("    };");
    to.line();
}

/// Names of values as the list between braces.
template <class Rules, class Graph>
std::string name_list(const section_input<Rules, Graph>& from, const std::vector<int>& values) {
    return message("{", comma_list(values, [&](int each) { return from.name_of_value(each); }), "}");
}
template <class Rules, class Graph>
std::string name_list(const section_input<Rules, Graph>& from, const std::vector<port>& ports) {
    return message("{", comma_list(ports, [&](const port& each) { return from.name_of_value(each.value); }), "}");
}

/// One element of `nodes`, on two lines where one does not hold it.
template <class Rules, class Graph>
std::string node_text(const section_input<Rules, Graph>& from,
                      const program_node<typename Graph::operation_type>& node) {
    const std::string op = visit_lowered(node, [](const auto& each, const auto& lowered) {
        return message(operator_text(each), ", ", lowered_text(lowered));
    });
    const std::string first = message("ctq::node(", string_literal(node.name.view()), ", ", op, ",");
    const std::string how = is_float_signature(node.types) ? "" : message(", ", rounding_text(node.types.how));
    const std::string second = message(name_list(from, node.inputs), ", ", name_list(from, node.outputs), how, ")");
    constexpr std::string_view indent = "        ", next = "            ";
    if (indent.size() + first.size() + 1 + second.size() < 120) return message(indent, first, " ", second);
    return message(wrapped(first, indent, next), "\n", wrapped(second, next, next));
}

template <class Rules, class Graph> void write_nodes(source_text& to, const section_input<Rules, Graph>& from) {
    to.line("    static constexpr auto nodes = ctq::nodes(");
    const auto& nodes = from.lowered.nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i)
        to.line(node_text(from, nodes[i]), i + 1 == nodes.size() ? ");" : ",");
    to.line();
}

template <class Rules, class Graph> void write_ports(source_text& to, const section_input<Rules, Graph>& from) {
    if (from.lowered.inputs.empty())
        to.line("    static constexpr std::array<int, 0> inputs{};");
    else
        to.line("    static constexpr int inputs[] = ", name_list(from, from.lowered.inputs), ";");
    to.line("    static constexpr int outputs[] = ", name_list(from, from.lowered.outputs), ";");
}

template <class Rules, class Graph> void write_states(source_text& to, const section_input<Rules, Graph>& from) {
    if (from.lowered.states.empty()) return;
    to.line("    static constexpr ctq::model_state states[] = {");
    for (const graph_state& each : from.lowered.states) {
        const std::string state =
            message("ctq::state(", string_literal(each.name.view()), ", ", from.name_of_value(each.initial), ", ",
                    from.name_of_value(each.read), ", ", from.name_of_value(each.written), "),");
        to.line(wrapped(state, "        ", "            "));
    }
    to.line("    };");
}

template <class Rules, class Graph> void write_model(source_text& to, const section_input<Rules, Graph>& from) {
    to.line("struct model {");
    to.line("    static constexpr std::string_view name = ", string_literal(from.options.name), ";");
    if (from.in_file())
        to.line("    static constexpr ctq::weights_file file{.bytes = ", from.image.bytes.size(),
                ", .checksum = ", from.image.checksum(), "U, .never_overflows = true};");
    to.line();
    write_values(to, from);
    write_nodes(to, from);
    write_ports(to, from);
    write_states(to, from);
    to.line("};");
    to.line();
}

} // namespace ctq::inline CTQ_TARGET::host::emit::detail

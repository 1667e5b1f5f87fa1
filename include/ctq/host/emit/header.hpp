#pragma once
// header: a quantized graph as a C++ header that the compiler specialises for the target. The same bytes from every
// run, machine and locale.
// room: host | runs on: host | heap: yes

#include <ctq/core/version.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/host/emit/golden.hpp>
#include <ctq/host/emit/identifiers.hpp>
#include <ctq/host/emit/literals.hpp>
#include <ctq/host/emit/operators.hpp>
#include <ctq/host/emit/report.hpp>
#include <ctq/host/emit/weights_file.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/proof.hpp>
#include <ctq/host/table.hpp>
#include <ctq/quantize/annotate.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
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

struct emitted {
    std::string header;
    std::string weights; ///< the binary's bytes; empty without options.weights_file
};

namespace detail {

[[nodiscard]] inline std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return slash == path.npos ? path : path.substr(slash + 1);
}

[[nodiscard]] inline std::string element_name(dtype type) {
    if (type == dtype::float32) return "float";
    if (type == dtype::boolean) return "ctq::boolean";
    return type == dtype::int4 ? "ctq::int4_pair" : message("std::", name_of(type), "_t");
}

/// `text` after `indent`, broken at ", " so that no line passes 120 columns where that can be; the next lines begin
/// with `next`.
[[nodiscard]] inline std::string wrapped(std::string_view text, std::string_view indent, std::string_view next) {
    constexpr std::size_t columns = 120;
    std::string out(indent);
    std::size_t line = indent.size(), begin = line;
    while (!text.empty()) {
        const std::size_t comma = text.find(", ");
        const std::size_t length = comma == text.npos ? text.size() : comma + 2;
        const std::size_t shown = comma == text.npos ? length : comma + 1;
        if (line + shown > columns && line > begin) {
            out.pop_back();
            out += message("\n", next);
            line = begin = next.size();
        }
        out += text.substr(0, length);
        line += length;
        text.remove_prefix(length);
    }
    return out;
}

/// How a node names its rounding; one of the user's own by its number.
[[nodiscard]] inline std::string rounding_text(rounding how) {
    if (!name_of(how).empty()) return message("ctq::rounding::", name_of(how));
    return message("static_cast<ctq::rounding>(", static_cast<int>(how), ")");
}

/// The work of one call of emit_header.
template <class Rules, class Graph> class header_writer {
  public:
    header_writer(const proved_network<Rules, Graph>& network, const emit_options& options)
        : graph_(network.annotated()), program_(network.lowered()), options_(options) {
        for (const value& v : program_.values) names_.push_back(identifiers_.add(v.name.view()));
        if (!options.weights_file.empty()) image_ = gather_weights(program_, options.least_in_file);
        image_.offsets.resize(program_.values.size());
    }

    emitted run() {
        write_comment();
        write_includes();
        line("namespace ", options_.name, " {");
        line();
        write_weights();
        line("inline namespace CTQ_TARGET { // what is compiled for these instructions is named after them");
        line();
        write_model();
        write_facts();
        write_golden();
        line("} // namespace CTQ_TARGET");
        line();
        line("} // namespace ", options_.name);
        line();
        line("#endif // version");
        line("#endif // C++20");
        return {std::move(out_), std::move(image_.bytes)};
    }

  private:
    template <class... Parts> void line(const Parts&... parts) { out_ += message(parts..., "\n"); }

    bool in_file() const { return !image_.bytes.empty(); }
    const tensor_facts& facts(const port& of) const { return program_.value_at(of.value).facts; }

    void write_comment() {
        line("#pragma once");
        line("// ", options_.name, ": a quantized network",
             options_.source.empty() ? "" : message(", made from ", commented(last_part(options_.source))), " by ctq ",
             version, options_.method.empty() ? "" : message(" (", commented(options_.method), ")"), ".");
        line("//");
        for (const std::string& row : layer_table(report_of<Rules>(program_))) line("//   ", row);
        line("//");
        line("// C++20; no heap, no exceptions, no RTTI. Needs ctq's headers, or the single header \"ctq.hpp\" beside "
             "it.");
        line("//");
        table_rows use{{options_.name + "::executor net;", "// all state"}};
        if (in_file())
            use.push_back({"net.bind(bytes);", "// those of " + commented(last_part(options_.weights_file))});
        use.push_back({message("net.run(", arguments(), ");"), message("// ", argument_types(true))});
        use.push_back({message("net.run_quantized(", arguments(), ");"), message("// ", argument_types(false))});
        if (!program_.states.empty())
            use.push_back({"net.reset();", "// forgets what earlier runs left: " + state_names()});
        use.push_back({message(options_.name, "::selftest(", in_file() ? "bytes" : "", ")"),
                       "// true when this build gives the tool's results, bit for bit"});
        for (const std::string& row : aligned_lines(use, 2)) line("//     ", row);
        line();
    }

    std::string state_names() const {
        std::string out;
        for (const graph_state& each : program_.states)
            out += message(out.empty() ? "" : ", ", commented(each.name.view()));
        return out;
    }

    /// The inputs and outputs as names of arguments.
    std::string arguments() const {
        std::string out;
        identifier_set names{"net", "bytes"};
        for (const auto* ports : {&program_.inputs, &program_.outputs})
            for (const port& each : *ports) out += message(out.empty() ? "" : ", ", names.add(each.name.view()));
        return out;
    }

    /// The types of the arguments, of run() or of run_quantized().
    std::string argument_types(bool real) const {
        std::string out;
        for (const auto* ports : {&program_.inputs, &program_.outputs})
            for (const port& each : *ports)
                out += message(out.empty() ? "" : ", ", real ? "float" : element_name(facts(each).type), "[",
                               facts(each).elements(), "]");
        return out;
    }

    void write_includes() {
        const std::string file = options_.name + ".hpp";
        line("#if __cplusplus < 202002L");
        line("#error \"ctq: ", file, ": C++20 is required; compile with -std=c++20\"");
        line("#else");
        line();
        line("#if defined(CTQ_SINGLE_HEADER)");
        line("// included already");
        line("#elif __has_include(<ctq/firmware.hpp>)");
        line("#include <ctq/firmware.hpp>");
        line("#elif __has_include(\"ctq.hpp\") || __has_include(<ctq/ctq.hpp>)");
        line("#if !defined(CTQ_FIRMWARE_ONLY) // the single header's other part needs Boost.Hana");
        line("#define CTQ_FIRMWARE_ONLY");
        line("#define CTQ_FIRMWARE_ONLY_HERE");
        line("#endif");
        line("#if __has_include(\"ctq.hpp\")");
        line("#include \"ctq.hpp\"");
        line("#else");
        line("#include <ctq/ctq.hpp>");
        line("#endif");
        line("#if defined(CTQ_FIRMWARE_ONLY_HERE)");
        line("#undef CTQ_FIRMWARE_ONLY");
        line("#undef CTQ_FIRMWARE_ONLY_HERE");
        line("#endif");
        line("#else");
        line("#error \"ctq: ", file,
             ": ctq's headers are required; put ctq.hpp beside this file or add -I ctq/include\"");
        line("#endif");
        std::set<std::string> own;
        for (const auto& node : program_.nodes)
            visit_lowered(node, [&]<class Op>(const Op&, const auto&) { own.emplace(header_of<Op>); });
        for (const auto& node : graph_.nodes)
            if (node.domain != float_domain) own.emplace(header_of_rule(node.domain));
        for (const std::string& each : own)
            if (!each.empty()) line("#include ", each.starts_with('<') ? each : message("\"", each, "\""));
        line();
        line("#if CTQ_VERSION_MAJOR != ", version_major, " || CTQ_VERSION_MINOR != ", version_minor);
        line("#error \"ctq: ", file, ": made for ctq ", version_major, ".", version_minor,
             ", this is another version; make it again\"");
        line("#else");
        line();
    }

    static std::string_view header_of_rule(int domain) {
        return ctq::detail::with_rule_of(domain, typename ctq::detail::as_rule_list<Rules>::type{},
                                         []<class Rule>(const Rule&) -> std::string_view { return header_of<Rule>; });
    }

    void write_weights() {
        line("namespace weights {");
        line();
        for (std::size_t i = 0; i < program_.values.size(); ++i)
            if (program_.values[i].constant >= 0 && !image_.offsets[i])
                write_array(names_[i], program_.tensor_at(static_cast<int>(i)));
        line("} // namespace weights");
        line();
    }

    void write_array(std::string_view name, const const_tensor& tensor) {
        require(tensor.size() > 0, "a tensor without elements cannot be emitted");
        out_ += message("alignas(16) inline constexpr ", element_name(tensor.facts.type), " ", name, "[] = ");
        with_element_type(tensor.facts.type, [&](auto element) {
            append_list(
                out_, std::span(tensor.template as<decltype(element)>(), entries_of(tensor.facts.type, tensor.size())));
        });
        line();
    }

    void write_model() {
        line("struct model {");
        line("    static constexpr std::string_view name = ", string_literal(options_.name), ";");
        if (in_file())
            line("    static constexpr ctq::weights_file file{.bytes = ", image_.bytes.size(),
                 ", .checksum = ", image_.checksum(), "U, .never_overflows = true};");
        line();
        line("    enum : int { // positions in `values`");
        std::string all;
        for (const std::string& each : names_) all += message(all.empty() ? "" : ", ", each);
        line(wrapped(all, "        ", "        "));
        line("    };");
        line();
        line("    static constexpr ctq::model_value values[] = {");
        for (std::size_t i = 0; i < program_.values.size(); ++i)
            line(wrapped(value_text(i) + ",", "        ", "            "));
        line("    };");
        line();
        line("    static constexpr auto nodes = ctq::nodes(");
        for (std::size_t i = 0; i < program_.nodes.size(); ++i)
            line(node_text(program_.nodes[i]), i + 1 == program_.nodes.size() ? ");" : ",");
        line();
        if (program_.inputs.empty())
            line("    static constexpr std::array<int, 0> inputs{};");
        else
            line("    static constexpr int inputs[] = ", name_list(values_of(program_.inputs)), ";");
        line("    static constexpr int outputs[] = ", name_list(values_of(program_.outputs)), ";");
        write_states();
        line("};");
        line();
    }

    void write_states() {
        if (program_.states.empty()) return;
        line("    static constexpr ctq::model_state states[] = {");
        for (const graph_state& each : program_.states)
            line(wrapped(message("ctq::state(", string_literal(each.name.view()), ", ", identifier_of(each.initial),
                                 ", ", identifier_of(each.read), ", ", identifier_of(each.written), "),"),
                         "        ", "            "));
        line("    };");
    }

    const std::string& identifier_of(int position) const { return names_[static_cast<std::size_t>(position)]; }

    std::string value_text(std::size_t i) const {
        const value& v = program_.values[i];
        const std::string shown = message(string_literal(v.name.view()), ", ", literal(v.facts.shape));
        const quantization& q = v.facts.quantization;
        const bool narrow = is_integer(v.facts.type) && !(v.facts.range == limits_of(v.facts.type));
        const std::string scale = q.scale == 0 && !narrow ? "" : message(", ", literal(q.scale), ", ", q.zero_point);
        const std::string type = message(", ctq::dtype::", name_of(v.facts.type));
        const std::string range = narrow ? message(", ", literal(v.facts.range)) : "";
        if (v.constant < 0)
            return message("ctq::activation(", shown, v.facts.type == dtype::float32 ? "" : type, scale, range, ")");
        if (image_.offsets[i])
            return message("ctq::constant_in_file(", shown, type, ", ", *image_.offsets[i], scale, range, ")");
        return message("ctq::constant_value(", shown, ", weights::", names_[i], scale, range, ")");
    }

    /// Names of values as the list between braces.
    std::string name_list(const std::vector<int>& values) const {
        std::string out;
        for (const int each : values) out += message(out.empty() ? "" : ", ", identifier_of(each));
        return message("{", out, "}");
    }

    static std::vector<int> values_of(const std::vector<port>& ports) {
        std::vector<int> values;
        for (const port& each : ports) values.push_back(each.value);
        return values;
    }

    std::string node_text(const typename program<typename Graph::operation_type>::node_type& node) const {
        const std::string op = visit_lowered(node, [](const auto& each, const auto& lowered) {
            return message(operator_text(each), ", ", lowered_text(lowered));
        });
        const std::string first = message("ctq::node(", string_literal(node.name.view()), ", ", op, ",");
        const std::string how = is_float_signature(node.types) ? "" : message(", ", rounding_text(node.types.how));
        const std::string second = message(name_list(node.inputs), ", ", name_list(node.outputs), how, ")");
        constexpr std::string_view indent = "        ", next = "            ";
        if (indent.size() + first.size() + 1 + second.size() < 120) return message(indent, first, " ", second);
        return message(wrapped(first, indent, next), "\n", wrapped(second, next, next));
    }

    void write_facts() {
        const model_report report = report_of<Rules>(program_);
        line("/// Runs the network. ctq::executor<model, ctq::small> shares code between layers.");
        line("using executor = ctq::executor<model>;");
        line();
        line("inline constexpr std::size_t ram_bytes = executor::ram_bytes; // ", report.ram_bytes,
             " with the portable kernels");
        line("inline constexpr std::size_t weight_bytes = ", report.weight_bytes, ";");
        line("inline constexpr std::int64_t macs = ", report.macs, "; // for one inference");
        write_port_facts("input", program_.inputs);
        write_port_facts("output", program_.outputs);
        line();
        line("static_assert(ctq::model_weight_bytes<model> == weight_bytes,");
        line("              \"ctq: ", options_.name, ".hpp: the constants were edited by hand; make it again\");");
        line("// From the weights above, layer by layer: no accumulator can overflow, whatever the input.");
        line("static_assert(ctq::model_never_overflows<model>,");
        line("              \"ctq: ", options_.name, ".hpp: accumulators must fit 32 bits; make it again\");");
        line();
    }

    /// One constant for each fact of the only input (output), or an array for each fact of all.
    void write_port_facts(std::string_view side, const std::vector<port>& ports) {
        if (ports.empty()) return;
        const auto fact = [&](std::string_view type, std::string_view what, auto value_of) {
            std::string all;
            for (const port& each : ports) all += message(all.empty() ? "" : ", ", value_of(facts(each)));
            const bool one = ports.size() == 1;
            line("inline constexpr ", type, " ", side, "_", what, one ? " = " : "s[] = {", all, one ? ";" : "};");
        };
        fact("std::size_t", "size", [](const tensor_facts& f) { return message(f.elements()); });
        fact("float", "scale", [](const tensor_facts& f) { return literal(f.quantization.scale); });
        fact("std::int32_t", "zero_point", [](const tensor_facts& f) { return message(f.quantization.zero_point); });
    }

    void write_golden() {
        const golden_vector golden =
            options_.golden ? *options_.golden : make_golden<Rules>(graph_, pseudo_random_inputs(graph_));
        require(golden.inputs.size() == program_.inputs.size() && golden.outputs.size() == program_.outputs.size(),
                "a golden vector has one tensor for each input and output");
        line("/// Inputs, and what the tool's integer network gave for them",
             program_.states.empty() ? "." : " from the initial states.");
        line("namespace golden {");
        line();
        identifier_set names{};
        std::string all;
        const auto write = [&](const std::vector<port>& ports, const std::vector<constant>& tensors) {
            for (std::size_t i = 0; i < ports.size(); ++i) {
                const std::string name = names.add(ports[i].name.view());
                const tensor_facts& of = facts(ports[i]);
                write_array(name, {of, tensors[i].view()});
                all += message(all.empty() ? "golden::" : ", golden::", name);
            }
        };
        write(program_.inputs, golden.inputs);
        write(program_.outputs, golden.outputs);
        line("} // namespace golden");
        line();
        line("/// True when this build gives the tool's results bit for bit. `net` is used, not kept.");
        line("template <class Policy, class Architecture>");
        line("bool selftest(ctq::executor<model, Policy, Architecture>& net) {");
        line("    return net.reproduces(", all, ");");
        line("}");
        line();
        line("/// The same with an executor of its own: ram_bytes more of static memory.");
        if (in_file()) {
            line("inline bool selftest(std::span<const std::byte> bytes) {");
            line("    static executor net;");
            line("    return net.bind(bytes) == ctq::weights_status::ready && selftest(net);");
        } else {
            line("inline bool selftest() {");
            line("    static executor net;");
            line("    return selftest(net);");
        }
        line("}");
        line();
    }

    const Graph& graph_;
    const program<typename Graph::operation_type>& program_;
    const emit_options& options_;
    identifier_set identifiers_{"model", "name", "file", "values", "nodes", "inputs", "outputs", "states", "weights"};
    std::vector<std::string> names_;
    weights_image image_;
    std::string out_;
};

} // namespace detail

/// The header of a network that is proved, which its static_asserts repeat where it has the weights; and the binary of
/// its large constants when `options.weights_file` is set.
template <class Rules, class Graph>
[[nodiscard]] emitted emit_header(const proved_network<Rules, Graph>& network, const emit_options& options) {
    require(is_namespace_name(options.name), "the name of the model must be a C++ identifier that is free");
    return detail::header_writer<Rules, Graph>(network, options).run();
}

/// The same of an annotated (or float) graph whose integer nodes follow `Rules`. Throws model_error as prove() does.
template <class Rules, class Graph> [[nodiscard]] emitted emit_header(const Graph& graph, const emit_options& options) {
    return emit_header(proved_network<Rules, Graph>(graph), options);
}

} // namespace ctq::inline CTQ_TARGET::host::emit

#pragma once
// include_section: what an emitted header asks for: C++20, ctq's headers in one of their forms, the headers of a user's
// own operators and rules, and this version of ctq.
// room: host | runs on: host | heap: yes

#include <ctq/core/version.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/host/emit/section_input.hpp>
#include <ctq/host/emit/source_text.hpp>
#include <ctq/quantize/annotate.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::emit::detail {

/// The single header, beside the file or on the include path; its other part needs Boost.Hana.
inline constexpr std::string_view single_header = "#if !defined(CTQ_FIRMWARE_ONLY)\n"
                                                  "#define CTQ_FIRMWARE_ONLY\n"
                                                  "#define CTQ_FIRMWARE_ONLY_HERE\n"
                                                  "#endif\n"
                                                  "#if __has_include(\"ctq.hpp\")\n"
                                                  "#include \"ctq.hpp\"\n"
                                                  "#else\n"
                                                  "#include <ctq/ctq.hpp>\n"
                                                  "#endif\n"
                                                  "#if defined(CTQ_FIRMWARE_ONLY_HERE)\n"
                                                  "#undef CTQ_FIRMWARE_ONLY\n"
                                                  "#undef CTQ_FIRMWARE_ONLY_HERE\n"
                                                  "#endif";

/// The names of ctq's own operators that the model has: each is that of the operator's header.
template <class Rules, class Graph> std::set<std::string> operators_used(const section_input<Rules, Graph>& from) {
    std::set<std::string> names;
    for (const auto& node : from.lowered.nodes)
        visit_lowered(node, [&]<class Op>(const Op&, const auto&) {
            if (Op::cpp_name.starts_with("ctq::op::")) names.emplace(Op::name);
        });
    return names;
}

/// "conv2d" as CTQ_USES_CONV2D.
inline std::string macro_of(std::string name) {
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return "CTQ_USES_" + name;
}

/// Includes ctq in the form that is there; of its operators, which cost the compiler time, those that are used.
inline void write_library(source_text& to, const std::set<std::string>& operators) {
    to.line("#if defined(CTQ_ALL_OPERATORS)");
    to.line("// the single header was included already, all of it");
    to.line("#elif !defined(CTQ_SINGLE_HEADER) && __has_include(<ctq/firmware.hpp>)");
    to.line("#include <ctq/core/version.hpp>");
    to.line("#include <ctq/execute/executor.hpp>");
    for (const std::string& each : operators) to.line("#include <ctq/operators/", each, ".hpp>");
    to.line("#elif __has_include(\"ctq.hpp\") || __has_include(<ctq/ctq.hpp>)");
    to.line("#define CTQ_OPERATORS_LISTED");
    for (const std::string& each : operators) to.line("#define ", macro_of(each));
    to.line(single_header);
    to.line("#undef CTQ_OPERATORS_LISTED");
    for (const std::string& each : operators) to.line("#undef ", macro_of(each));
    to.line("#else");
}

template <class Rules> std::string_view header_of_rule(int domain) {
    return ctq::detail::with_rule_of(domain, typename ctq::detail::as_rule_list<Rules>::type{},
                                     []<class Rule>(const Rule&) -> std::string_view { return header_of<Rule>; });
}

/// The headers of the operators and rules that are not ctq's.
template <class Rules, class Graph> void write_own_headers(source_text& to, const section_input<Rules, Graph>& from) {
    std::set<std::string> own;
    for (const auto& node : from.lowered.nodes)
        visit_lowered(node, [&]<class Op>(const Op&, const auto&) { own.emplace(header_of<Op>); });
    for (const auto& node : from.graph.nodes)
        if (!node.in_float()) own.emplace(header_of_rule<Rules>(node.domain));
    for (const std::string& each : own)
        if (!each.empty()) to.line("#include ", each.starts_with('<') ? each : message("\"", each, "\""));
}

/// Opens two #else, which write_end_of_includes() closes.
template <class Rules, class Graph> void write_includes(source_text& to, const section_input<Rules, Graph>& from) {
    const std::string file = from.options.name + ".hpp";
    to.line("#if __cplusplus < 202002L");
    to.line("#error \"ctq: ", file, ": C++20 is required; compile with -std=c++20\"");
    to.line("#else");
    to.line();
    write_library(to, operators_used(from));
    to.line("#error \"ctq: ", file,
            ": ctq's headers are required; put ctq.hpp beside this file or add -I ctq/include\"");
    to.line("#endif");
    to.line();
    to.line("#if CTQ_VERSION_MAJOR != ", version_major, " || CTQ_VERSION_MINOR != ", version_minor);
    to.line("#error \"ctq: ", file, ": made for ctq ", version_major, ".", version_minor,
            ", this is another version; make it again\"");
    to.line("#else");
    write_own_headers(to, from); // after the check: written for that version too, they would be the first to complain
    to.line();
}

inline void write_end_of_includes(source_text& to) {
    to.line("#endif // version");
    to.line("#endif // C++20");
}

} // namespace ctq::inline CTQ_TARGET::host::emit::detail

#pragma once
// include_section: what an emitted header asks for: C++20, ctq's headers in one of their forms, the headers of a user's
// own operators and rules, and this version of ctq.
// room: host | runs on: host | heap: yes

#include <ctq/core/version.hpp>
#include <ctq/execute/program.hpp>
#include <ctq/host/emit/section_input.hpp>
#include <ctq/host/emit/source_text.hpp>
#include <ctq/quantize/annotate.hpp>

#include <set>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::emit::detail {

/// The installed library, or the single header beside the file or on the include path.
inline constexpr std::string_view library =
    "#if defined(CTQ_SINGLE_HEADER)\n"
    "// included already\n"
    "#elif __has_include(<ctq/firmware.hpp>)\n"
    "#include <ctq/firmware.hpp>\n"
    "#elif __has_include(\"ctq.hpp\") || __has_include(<ctq/ctq.hpp>)\n"
    "#if !defined(CTQ_FIRMWARE_ONLY) // the single header's other part needs Boost.Hana\n"
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
    "#endif\n"
    "#else";

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
    to.line(library);
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

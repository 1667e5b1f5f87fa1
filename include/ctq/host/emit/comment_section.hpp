#pragma once
// comment_section: the comment that an emitted header opens with: what it was made from, its layers, how it is called.
// room: host | runs on: host | heap: yes

#include <ctq/core/version.hpp>
#include <ctq/host/emit/identifiers.hpp>
#include <ctq/host/emit/literals.hpp>
#include <ctq/host/emit/report.hpp>
#include <ctq/host/emit/section_input.hpp>
#include <ctq/host/emit/source_text.hpp>
#include <ctq/host/table.hpp>

#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::emit::detail {

[[nodiscard]] inline std::string_view last_part(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    return slash == path.npos ? path : path.substr(slash + 1);
}

/// The inputs and outputs as names of arguments.
template <class Rules, class Graph> std::string arguments(const section_input<Rules, Graph>& from) {
    identifier_set taken{"net", "bytes"};
    return comma_list(from.ports(), [&](const port& each) { return taken.add(each.name.view()); });
}

/// The types of the arguments, of run() or of run_quantized().
template <class Rules, class Graph> std::string argument_types(const section_input<Rules, Graph>& from, bool real) {
    return comma_list(from.ports(), [&](const port& each) {
        const tensor_facts& facts = from.facts(each);
        return message(real && !is_plain(facts) ? "float" : element_name(facts.type), "[", facts.elements(), "]");
    });
}

/// What a program says to use the header, and why.
template <class Rules, class Graph> table_rows rows_of_use(const section_input<Rules, Graph>& from) {
    const emit_options& options = from.options;
    table_rows use{{options.name + "::executor net;", "// all state"}};
    if (from.in_file())
        use.push_back({"net.bind(bytes);", "// those of " + commented(last_part(options.weights_file))});
    use.push_back({message("net.run(", arguments(from), ");"), message("// ", argument_types(from, true))});
    use.push_back({message("net.run_quantized(", arguments(from), ");"), message("// ", argument_types(from, false))});
    const auto name_of_state = [](const graph_state& each) { return commented(each.name.view()); };
    if (!from.lowered.states.empty())
        use.push_back(
            {"net.reset();", "// forgets what earlier runs left: " + comma_list(from.lowered.states, name_of_state)});
    use.push_back({message(options.name, "::selftest(", from.in_file() ? "bytes" : "", ")"),
                   "// true when this build gives the tool's results, bit for bit"});
    return use;
}

template <class Rules, class Graph> void write_comment(source_text& to, const section_input<Rules, Graph>& from) {
    const emit_options& options = from.options;
    to.line("#pragma once");
    to.line("// ", options.name, ": a quantized network",
            options.source.empty() ? "" : message(", made from ", commented(last_part(options.source))), " by ctq ",
            version, options.method.empty() ? "" : message(" (", commented(options.method), ")"), ".");
    to.line("//");
    for (const std::string& row : layer_table(report_of<Rules>(from.lowered))) to.line("//   ", row);
    to.line("//");
    to.line("// C++20; no heap, no exceptions, no RTTI. Needs ctq's headers, or the single header \"ctq.hpp\" beside "
            "it.");
    to.line("//");
    for (const std::string& row : aligned_lines(rows_of_use(from), 2)) to.line("//     ", row);
    to.line();
}

} // namespace ctq::inline CTQ_TARGET::host::emit::detail

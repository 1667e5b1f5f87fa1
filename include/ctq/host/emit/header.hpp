#pragma once
// header: a quantized graph as a C++ header that the compiler specialises for the target. The same bytes from every
// run, machine and locale. Each section of the header has a writer in a file of its own.
// room: host | runs on: host | heap: yes

#include <ctq/host/emit/comment_section.hpp>
#include <ctq/host/emit/fact_section.hpp>
#include <ctq/host/emit/identifiers.hpp>
#include <ctq/host/emit/include_section.hpp>
#include <ctq/host/emit/model_section.hpp>
#include <ctq/host/emit/section_input.hpp>
#include <ctq/host/emit/selftest_section.hpp>
#include <ctq/host/emit/source_text.hpp>
#include <ctq/host/proof.hpp>

#include <string>
#include <utility>

namespace ctq::inline CTQ_TARGET::host::emit {

struct emitted {
    std::string header;
    std::string weights; ///< the binary's bytes; empty without options.weights_file
};

/// The header of a network that is proved, which its static_asserts repeat where it has the weights; and the binary of
/// its large constants when `options.weights_file` is set.
template <class Rules, class Graph>
[[nodiscard]] emitted emit_header(const proved_network<Rules, Graph>& network, const emit_options& options) {
    require(is_namespace_name(options.name), "the name of the model must be a C++ identifier that is free");
    detail::section_input<Rules, Graph> from(network, options);
    detail::source_text to;
    detail::write_comment(to, from);
    detail::write_includes(to, from);
    to.line("namespace ", options.name, " {");
    to.line();
    detail::write_weights(to, from);
    to.line("inline namespace CTQ_TARGET { // what is compiled for these instructions is named after them");
    to.line();
    detail::write_model(to, from);
    detail::write_facts(to, from);
    detail::write_selftest(to, from);
    to.line("} // namespace CTQ_TARGET");
    to.line();
    to.line("} // namespace ", options.name);
    to.line();
    detail::write_end_of_includes(to);
    return {std::move(to).str(), std::move(from.image.bytes)};
}

/// The same of an annotated (or float) graph whose integer nodes follow `Rules`. Throws model_error as prove() does.
template <class Rules, class Graph> [[nodiscard]] emitted emit_header(const Graph& graph, const emit_options& options) {
    return emit_header(proved_network<Rules, Graph>(graph), options);
}

} // namespace ctq::inline CTQ_TARGET::host::emit

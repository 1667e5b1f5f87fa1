#pragma once
// selftest_section: the golden vector of an emitted header, and the functions that check the executor with it.
// room: host | runs on: host | heap: yes

#include <ctq/host/emit/golden.hpp>
#include <ctq/host/emit/identifiers.hpp>
#include <ctq/host/emit/section_input.hpp>
#include <ctq/host/emit/source_text.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit::detail {

/// The caller's golden vector, or one of pseudo-random inputs.
template <class Rules, class Graph> golden_vector golden_of(const section_input<Rules, Graph>& from) {
    golden_vector golden =
        from.options.golden ? *from.options.golden : make_golden<Rules>(from.graph, pseudo_random_inputs(from.graph));
    require(golden.inputs.size() == from.lowered.inputs.size() && golden.outputs.size() == from.lowered.outputs.size(),
            "a golden vector has one tensor for each input and output");
    return golden;
}

/// The golden vector as arrays; gives their names as the arguments of reproduces().
template <class Rules, class Graph> std::string write_golden(source_text& to, const section_input<Rules, Graph>& from) {
    const golden_vector golden = golden_of(from);
    to.line("/// Inputs, and what the tool's integer network gave for them",
            from.lowered.states.empty() ? "." : " from the initial states.");
    to.line("namespace golden {");
    to.line();
    identifier_set taken{};
    std::vector<std::string> names;
    const auto write = [&](const std::vector<port>& ports, const std::vector<constant>& tensors) {
        for (std::size_t i = 0; i < ports.size(); ++i) {
            names.push_back(taken.add(ports[i].name.view()));
            to.array(names.back(), {from.facts(ports[i]), tensors[i].view()});
        }
    };
    write(from.lowered.inputs, golden.inputs);
    write(from.lowered.outputs, golden.outputs);
    to.line("} // namespace golden");
    to.line();
    return comma_list(names, [](const std::string& name) { return "golden::" + name; });
}

/// selftest() with an executor of its own, which reads its weights from `bytes` where they lie in a file.
inline void write_whole_selftest(source_text& to, bool in_file) {
    to.line("/// The same with an executor of its own: ram_bytes more of static memory.");
    to.line("inline bool selftest(", in_file ? "std::span<const std::byte> bytes" : "", ") {");
    to.line("    static executor net;");
    to.line("    return ", in_file ? "net.bind(bytes) == ctq::weights_status::ready && " : "", "selftest(net);");
    to.line("}");
    to.line();
}

template <class Rules, class Graph> void write_selftest(source_text& to, const section_input<Rules, Graph>& from) {
    const std::string arguments = write_golden(to, from);
    to.line("/// True when this build gives the tool's results bit for bit. `net` is used, not kept.");
    to.line("template <class Policy, class Architecture>");
    to.line("bool selftest(ctq::executor<model, Policy, Architecture>& net) {");
    to.line("    return net.reproduces(", arguments, ");");
    to.line("}");
    to.line();
    write_whole_selftest(to, from.in_file());
}

} // namespace ctq::inline CTQ_TARGET::host::emit::detail

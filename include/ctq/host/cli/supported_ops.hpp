#pragma once
// ctq supported-ops: what a registry knows, as a Markdown table; the README's table is this output.
// room: host | runs on: host

#include <ctq/calibrate/strategy.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/kernels/all.hpp>
#include <ctq/operators/batch_normalization.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/quantize/rule.hpp>
#include <ctq/registry/registry.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <type_traits>

namespace ctq::host::cli {

namespace detail {

template <class Names> std::string joined(const Names& names, std::string_view separator = ", ") {
    std::string text;
    for (const std::string_view name : names) text += message(text.empty() ? "" : separator, name);
    return text;
}

/// How an operator runs in an integer network, in the words of the README.
template <class Op> constexpr std::string_view integer_meaning() {
    if constexpr (std::is_same_v<Op, batch_normalization>)
        return "folded, or a depthwise convolution";
    else if constexpr (std::is_same_v<Op, identity>)
        return "removed";
    else if constexpr (requires(const Op& op, const_tensors in, tensors out) {
                           op.template compute_integer<default_requantizer>(in, out);
                       })
        return "int8";
    else if constexpr (unary_function<Op>)
        return "int8, table of 256 entries";
    else
        return "float island";
}

} // namespace detail

/// Every operator that stands for one of ONNX's, then the rules, strategies and passes.
template <const auto& Registry> std::string supported_ops_text() {
    using registry_type = std::remove_cvref_t<decltype(Registry)>;
    std::string text = "| ONNX operator | ctq | runs as |\n|---|---|---|\n| Constant | (a constant) | folded |\n";
    registry_type::for_each(registry_type::operators(), [&](auto each) {
        using op = typename decltype(each)::type;
        if (std::size(op::onnx_names) == 0) return;
        text += message("| ", detail::joined(op::onnx_names), " | ", op::name, " | ", detail::integer_meaning<op>(),
                        " |\n");
    });
    const auto list = [&](std::string_view title, const auto& types) {
        std::string names;
        registry_type::for_each(types, [&](auto each) {
            using type = typename decltype(each)::type;
            names += message(names.empty() ? "" : ", ", type::name);
            if constexpr (calibrate::calibration_strategy<type>)
                for (const std::string_view alias : calibrate::aliases_of<type>()) names += message(" (", alias, ")");
        });
        text += message("\n", title, ": ", names, "\n");
    };
    list("rules (--rule)", registry_type::rules());
    list("calibration strategies (--strategy)", registry_type::strategies());
    list("passes, in order", registry_type::passes());
    return text;
}

template <const auto& Registry> void add_supported_ops(CLI::App& app, std::function<void()>& run) {
    CLI::App* verb = app.add_subcommand("supported-ops", "operators, rules and strategies of this build");
    verb->footer("Example:\n  ctq supported-ops");
    verb->callback([&run] { run = [] { std::cout << supported_ops_text<Registry>(); }; });
}

} // namespace ctq::host::cli

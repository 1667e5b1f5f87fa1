#pragma once
// ctq supported-ops: what a registry knows, as a Markdown table; the README's table is this output.
// room: host | runs on: host | heap: yes

#include <ctq/calibrate/strategy.hpp>
#include <ctq/host/engine/default_layers.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/constant_nodes.hpp>
#include <ctq/host/onnx/translations.hpp>
#include <ctq/host/table.hpp>
#include <ctq/kernels/all.hpp>
#include <ctq/quantize/affine_int8.hpp>
#include <ctq/quantize/annotate.hpp>
#include <ctq/registry/registry.hpp>
#include <ctq/registry/signatures.hpp>
#include <ctq/rewrite/pass.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

namespace detail {

template <class Names> std::string joined(const Names& names) {
    std::string text;
    for (const std::string_view name : names) text += message(text.empty() ? "" : ", ", name);
    return text;
}

/// "Clip", "com.example.Snake": an operator of a source, of a vocabulary that is not the source's own.
template <class Translation> std::string name_in_source() {
    constexpr std::string_view domain = source_domain_of<Translation>;
    return message(domain, domain.empty() ? "" : ".", Translation::name);
}

/// What a table says that translations to constants make.
struct some_constant {};

template <class Translation, class Op> constexpr bool stands_for() {
    if constexpr (makes_constants<Translation>)
        return std::is_same_v<Op, some_constant>;
    else
        return std::is_same_v<Op, typename Translation::makes>;
}

/// What is made an `Op`, for the most part: the names of the registry's translations, then of those of ctq's own.
template <class Registry, class Op> std::vector<std::string> names_in_onnx() {
    std::vector<std::string> names;
    const auto add = [&](auto each) {
        using type = typename decltype(each)::type;
        if (!stands_for<type, Op>() || type::source != onnx::source_name) return;
        const std::string name = name_in_source<type>();
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    Registry::for_each(Registry::translations(), add);
    Registry::for_each(onnx::standard_translations.translations(), add);
    return names;
}

/// How an operator runs in an integer network under the default rule, in the words of the README.
template <class Op> constexpr std::string_view integer_meaning() {
    constexpr signature S = ctq::detail::signature_under<rule::affine_int8, Op>();
    if constexpr (requires { Op::runs_as; })
        return Op::runs_as;
    else if constexpr (!has_integer_meaning<Op, S>)
        return "float island";
    else if constexpr (looks_up<Op, S>)
        return "int8, table of 256 entries";
    else
        return "int8";
}

/// "three_step"; a user's own by its number: "own+1".
inline std::string rounding_text(rounding how) {
    const std::string_view name = name_of(how);
    return name.empty() ? message("own+", static_cast<int>(how) - static_cast<int>(rounding::own)) : std::string(name);
}

/// "int8*int8->int8 in int32 three_step": what is read, what is made, in which type sums of products are added up, how
/// it is rounded; one operand where `Op` takes one.
template <class Op> std::string signature_text(const signature& s) {
    const bool adds_up = is_weighted<Op> || traits_of<Op>.sums_products;
    const bool takes_two = adds_up || traits_of<Op>.aligns_operands;
    return message(name_of(s.x), takes_two ? "*" : "", takes_two ? name_of(s.w) : "", "->", name_of(s.y),
                   adds_up ? " in " : "", adds_up ? name_of(s.sum) : "", " ", rounding_text(s.how));
}

/// What the rules' nodes of an operator work with; empty if nothing but floats.
template <class Rules, class Op> std::string signatures_text() {
    std::string text;
    for_each_node_signature<Rules, Op>(
        [&]<signature S>() { text += message(text.empty() ? "" : ", ", signature_text<Op>(S)); });
    return text;
}

} // namespace detail

/// Every operator with an integer meaning, and the signatures that it has under the registry's rules.
template <const auto& Registry> std::string supported_signatures_text() {
    using registry_type = std::remove_cvref_t<decltype(Registry)>;
    table_rows rows{{"ctq", "signatures"}};
    registry_type::for_each(registry_type::operators(), [&](auto each) {
        using operator_type = typename decltype(each)::type;
        const std::string signatures = detail::signatures_text<rules_of<registry_type>, operator_type>();
        if (!signatures.empty()) rows.push_back({std::string(operator_type::name), signatures});
    });
    return markdown_text(rows);
}

/// The passes of each phase, in the order in which they run.
template <class Registry> void list_passes(std::string& text) {
    const auto list = [&](std::string_view phase, pass_phase which) {
        std::string names;
        Registry::for_each(Registry::passes(), [&](auto each) {
            using type = typename decltype(each)::type;
            if (phase_of<type> == which) names += message(names.empty() ? "" : ", ", type::name);
        });
        text += message("\n", phase, " passes, in order: ", names, "\n");
    };
    list("canonical", pass_phase::canonical);
    list("then fusing", pass_phase::fuse);
    list("annotated", pass_phase::annotated);
}

/// What the importer folds, every operator that stands for one of ONNX's, then the rules, strategies and passes.
template <const auto& Registry> std::string supported_ops_text() {
    using registry_type = std::remove_cvref_t<decltype(Registry)>;
    std::vector<std::string> constants = detail::names_in_onnx<registry_type, detail::some_constant>();
    constants.insert(constants.begin(), std::string(onnx::constant_operator));
    table_rows rows{{"ONNX operator", "ctq", "runs as"},
                    {detail::joined(constants), "(a constant)", "folded"},
                    {"If", "(the graph that its condition, a constant, asks for)", "inlined"}};
    registry_type::for_each(registry_type::operators(), [&](auto each) {
        using operator_type = typename decltype(each)::type;
        const std::vector<std::string> names = detail::names_in_onnx<registry_type, operator_type>();
        if (names.empty()) return;
        rows.push_back({detail::joined(names), std::string(operator_type::name),
                        std::string(detail::integer_meaning<operator_type>())});
    });
    std::string text = markdown_text(rows);
    const auto list = [&](std::string_view title, const auto& types) {
        std::string names;
        registry_type::for_each(types, [&](auto each) {
            using type = typename decltype(each)::type;
            names += message(names.empty() ? "" : ", ", type::name);
            if constexpr (calibration::calibration_strategy<type>)
                for (const std::string_view alias : calibration::aliases_of<type>()) names += message(" (", alias, ")");
        });
        text += message("\n", title, ": ", names, "\n");
    };
    list("rules (--rule)", registry_type::rules());
    list("calibration strategies (--strategy)", registry_type::strategies());
    list_passes<registry_type>(text);
    return text;
}

template <const auto& Registry> void add_supported_ops(CLI::App& app, std::function<void()>& run) {
    CLI::App* verb = app.add_subcommand("supported-ops", "operators, rules and strategies of this build");
    verb->footer("Example:\n  ctq supported-ops\n  ctq supported-ops --signatures");
    const auto signatures = std::make_shared<bool>(false);
    verb->add_flag("--signatures", *signatures,
                   "for each operator: element types, accumulators and rounding, as the rules make them");
    verb->callback([&run, signatures] {
        run = [signatures] {
            std::cout << (*signatures ? supported_signatures_text<Registry>() : supported_ops_text<Registry>());
        };
    });
}

} // namespace ctq::inline CTQ_TARGET::host::cli

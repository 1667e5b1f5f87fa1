#pragma once
// The quantization rules that options choose, the network's and others for single nodes; domains_of_nodes.hpp finds
// these nodes.
// room: host | runs on: host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/near_misses.hpp>
#include <ctq/quantize/rule.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// How a network is to be quantized.
struct quantization_options {
    std::optional<std::string> rule = {}; ///< the network's; the registry's first where it is not given
    std::vector<std::pair<std::string, std::string>> layer_rules = {}; ///< nodes by name, and the rule of each
    std::optional<int> weight_bits = {};    ///< under the network's rule, whose own they are where they are not given
    std::vector<std::string> excluded = {}; ///< nodes that stay float, by name
    std::string strategy = {};              ///< of calibration; the registry's first where it is empty
    std::string_view dashes = "";           ///< before the options' names in messages: those of a command line

    /// An option as messages call it.
    [[nodiscard]] std::string name(std::string_view option) const { return message(dashes, option); }
};

/// The registered rules.
template <const auto& Registry> using registered_rules = rules_of<std::remove_cvref_t<decltype(Registry)>>;
template <const auto& Registry> constexpr auto facts_of_registered_rules = facts_of_rules(registered_rules<Registry>{});

/// A registered rule: its domain in graphs that are annotated under all of them.
struct chosen_rule {
    rule_facts facts;
    int domain = float_domain;
};

/// The registered rule of that name, if there is one.
template <const auto& Registry> std::optional<chosen_rule> find_rule(std::string_view name) {
    int domain = float_domain;
    for (const rule_facts& each : facts_of_registered_rules<Registry>) {
        ++domain;
        if (each.name == name) return chosen_rule{each, domain};
    }
    return std::nullopt;
}

/// The same; a name that no rule has is refused.
template <const auto& Registry> chosen_rule rule_by_name(std::string_view name, const quantization_options& options) {
    if (const auto found = find_rule<Registry>(name)) return *found;
    std::vector<std::string_view> known;
    for (const rule_facts& each : facts_of_registered_rules<Registry>) known.push_back(each.name);
    fail_usage(options.name("rule"), ": no rule is called ", in_quotes(name), near_misses_and_all(name, known));
}

/// The rule of networks whose rule is not chosen.
template <const auto& Registry> chosen_rule first_rule() {
    return {facts_of_registered_rules<Registry>.front(), float_domain + 1};
}

/// The network's rule, and those of single nodes by their names.
struct chosen_rules {
    chosen_rule network;
    std::vector<std::pair<std::string, chosen_rule>> layers;

    /// The rules of layers that are not the network's, each once.
    [[nodiscard]] std::vector<chosen_rule> of_layers() const {
        std::vector<chosen_rule> found;
        for (const auto& [node, rule] : layers) {
            const auto is_same = [&, domain = rule.domain](const chosen_rule& each) { return each.domain == domain; };
            if (!is_same(network) && std::ranges::none_of(found, is_same)) found.push_back(rule);
        }
        return found;
    }
    /// True when none takes ranges from a calibration.
    [[nodiscard]] bool all_dynamic() const { return first_calibrated() == nullptr; }
    /// The first that does, if there is one.
    [[nodiscard]] const rule_facts* first_calibrated() const {
        if (!network.facts.dynamic_ranges) return &network.facts;
        for (const auto& [node, rule] : layers)
            if (!rule.facts.dynamic_ranges) return &rule.facts;
        return nullptr;
    }
    /// "affine_int8", "affine_int8 and int16x8".
    [[nodiscard]] std::string names() const {
        std::string text(network.facts.name);
        for (const chosen_rule& each : of_layers()) text += message(" and ", each.facts.name);
        return text;
    }
    /// What the activations are: "int8", or where the rules do not agree "integer".
    [[nodiscard]] std::string_view activations() const {
        for (const chosen_rule& each : of_layers())
            if (each.facts.activation_type != network.facts.activation_type) return "integer";
        return name_of(network.facts.activation_type);
    }
};

/// The rule with weights as wide as asked for: with_weight_bits names the narrow forms.
template <const auto& Registry> chosen_rule with_bits(const chosen_rule& named, const quantization_options& options) {
    const std::optional<int> weight_bits = options.weight_bits;
    if (!weight_bits || *weight_bits == named.facts.weight_bits) return named;
    if (const auto narrow = find_rule<Registry>(message(named.facts.name, "_w", *weight_bits))) return *narrow;
    fail_usage(options.name("weights-bits "), *weight_bits, ": the rule ", in_quotes(named.facts.name),
               " has weights of ", named.facts.weight_bits,
               " bits and no such form; register ctq::rule::with_weight_bits of it");
}

/// The rules that are asked for; whether the network has nodes of these names is domains_of_nodes' affair.
template <const auto& Registry> chosen_rules choose_rules(const quantization_options& options) {
    chosen_rules chosen;
    for (const auto& [node, rule] : options.layer_rules)
        chosen.layers.emplace_back(node, rule_by_name<Registry>(rule, options));
    chosen.network = with_bits<Registry>(
        options.rule ? rule_by_name<Registry>(*options.rule, options) : first_rule<Registry>(), options);
    return chosen;
}

} // namespace ctq::inline CTQ_TARGET::host

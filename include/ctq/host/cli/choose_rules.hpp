#pragma once
// The quantization rules that a command line chooses, the network's and others for single nodes; domains_of_nodes.hpp
// finds these nodes.
// room: host | runs on: host | heap: yes

#include <ctq/host/cli/arguments.hpp>
#include <ctq/host/near_misses.hpp>
#include <ctq/quantize/rule.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::cli {

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
template <const auto& Registry> chosen_rule rule_by_name(std::string_view name) {
    if (const auto found = find_rule<Registry>(name)) return *found;
    std::vector<std::string_view> known;
    for (const rule_facts& each : facts_of_registered_rules<Registry>) known.push_back(each.name);
    fail_usage("--rule: no rule is called ", in_quotes(name), near_misses_and_all(name, known));
}

/// The rule of networks whose rule is not chosen.
template <const auto& Registry> chosen_rule first_rule() {
    return {facts_of_registered_rules<Registry>.front(), float_domain + 1};
}

/// How a network is to be quantized, as options say it.
struct quantization_arguments {
    std::vector<std::string> rules;
    std::optional<int> weight_bits; ///< the network's rule's own where they are not given
    std::vector<std::string> excluded;

    void add_to(CLI::App& verb) {
        verb.add_option("--rule", rules,
                        "quantization rule, or NODE=RULE for the node of this name (repeatable); see ctq supported-ops")
            ->allow_extra_args(false);
        verb.add_option("--weights-bits", weight_bits,
                        "bits of a weight under the network's rule: 8, or 4 for two weights in a byte")
            ->check(CLI::IsMember({8, 4}));
        verb.add_option("--exclude", excluded, "keep the node of this name in float (repeatable)")
            ->allow_extra_args(false);
    }

    [[nodiscard]] bool is_empty() const { return rules.empty() && !weight_bits && excluded.empty(); }
};

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
template <const auto& Registry> chosen_rule with_bits(const chosen_rule& named, std::optional<int> weight_bits) {
    if (!weight_bits || *weight_bits == named.facts.weight_bits) return named;
    if (const auto narrow = find_rule<Registry>(message(named.facts.name, "_w", *weight_bits))) return *narrow;
    fail_usage("--weights-bits ", *weight_bits, ": the rule ", in_quotes(named.facts.name), " has weights of ",
               named.facts.weight_bits, " bits and no such form; register ctq::rule::with_weight_bits of it");
}

/// The rules that are asked for; whether the network has nodes of these names is domains_of_nodes' affair.
template <const auto& Registry> chosen_rules choose_rules(const quantization_arguments& arguments) {
    chosen_rules chosen;
    std::optional<std::string> network;
    for (const std::string& each : arguments.rules) {
        const std::size_t cut = each.rfind('=');
        if (cut == std::string::npos) {
            if (network)
                fail_usage("--rule: the network's rule is given twice, as ", in_quotes(*network), " and ",
                           in_quotes(each), "; give it once, and NODE=RULE for single nodes");
            network = each;
        } else if (cut == 0 || cut + 1 == each.size()) {
            fail_usage("--rule ", in_quotes(each), ": a node and a rule are required; write --rule NODE=RULE");
        } else {
            chosen.layers.emplace_back(each.substr(0, cut), rule_by_name<Registry>(each.substr(cut + 1)));
        }
    }
    chosen.network =
        with_bits<Registry>(network ? rule_by_name<Registry>(*network) : first_rule<Registry>(), arguments.weight_bits);
    return chosen;
}

/// Calibration is for the rules that take ranges from it, and required by them.
inline void check_calibration(const calibration_arguments& calibration, const chosen_rules& rules) {
    const rule_facts* const calibrated = rules.first_calibrated();
    if (calibrated == nullptr && !calibration.is_empty())
        fail_usage("--calibration, --strategy and --samples: the rule ", in_quotes(rules.network.facts.name),
                   " measures ranges when the network runs; leave them out");
    if (calibrated != nullptr && calibration.data.items.empty())
        fail_usage("--calibration is required: the rule ", in_quotes(calibrated->name),
                   " takes its ranges from samples");
}

} // namespace ctq::inline CTQ_TARGET::host::cli

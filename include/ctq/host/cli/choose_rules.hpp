#pragma once
// Which quantization rule each node of a network follows, as a command line chooses it: one for the network, others for
// single layers, and layers that stay in float.
// room: host | runs on: host | heap: yes

#include <ctq/host/cli/arguments.hpp>
#include <ctq/host/near_misses.hpp>
#include <ctq/host/onnx/read.hpp>
#include <ctq/quantize/domains.hpp>
#include <ctq/quantize/rule.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
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

/// The registered rule of that name, if there is one; the first one when the name is empty.
template <const auto& Registry> std::optional<chosen_rule> find_rule(std::string_view name) {
    int domain = float_domain;
    for (const rule_facts& each : facts_of_registered_rules<Registry>) {
        ++domain;
        if (name.empty() || each.name == name) return chosen_rule{each, domain};
    }
    return std::nullopt;
}

/// The same; a name that no rule has is refused.
template <const auto& Registry> chosen_rule rule_by_name(std::string_view name) {
    if (const auto found = find_rule<Registry>(name)) return *found;
    std::vector<std::string_view> known;
    for (const rule_facts& each : facts_of_registered_rules<Registry>) known.push_back(each.name);
    fail_usage("--rule: no rule is called ", in_quotes(name), near_misses(name, known));
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
        verb.add_option("--weights-bits", weight_bits, "bits of a weight: 8, or 4 for two weights in a byte")
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
    /// True when no rule takes ranges from a calibration.
    [[nodiscard]] bool measure_ranges() const { return taking_calibration() == nullptr; }
    /// The first rule that does, if there is one.
    [[nodiscard]] const rule_facts* taking_calibration() const {
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

/// The network's rule by its name, its weights as wide as asked for: with_weight_bits names the narrow forms.
template <const auto& Registry> chosen_rule rule_with_bits(std::string_view name, std::optional<int> weight_bits) {
    const chosen_rule named = rule_by_name<Registry>(name);
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
    chosen.network = rule_with_bits<Registry>(network.value_or(""), arguments.weight_bits);
    return chosen;
}

/// Calibration is for the rules that take ranges from it, and required by them.
inline void check_calibration(const calibration_arguments& calibration, const chosen_rules& rules) {
    const rule_facts* const taking = rules.taking_calibration();
    if (taking == nullptr && !calibration.is_empty())
        fail_usage("--calibration, --strategy and --samples: the rule ", in_quotes(rules.network.facts.name),
                   " measures ranges when the network runs; leave them out");
    if (taking != nullptr && calibration.data.items.empty())
        fail_usage("--calibration is required: the rule ", in_quotes(taking->name), " takes its ranges from samples");
}

namespace detail {

/// Gives the nodes of a prepared network domains by their names. A fused node goes by each name it came from.
template <class Graph> class domains_by_name {
  public:
    domains_by_name(const Graph& graph, int domain, const model_arguments& model)
        : graph_(graph), model_(model), domains_(graph.nodes.size(), domain), named_(graph.nodes.size(), false) {}

    /// `option`: what gives it, for messages.
    void set(std::string_view option, std::string_view name, int domain) {
        bool found = false;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            if (!goes_by(graph_.nodes[i], name)) continue;
            if (named_[i] && domains_[i] != domain)
                fail_usage(option, ": the node ", in_quotes(name),
                           " has another rule, or float, by an option before; name it once");
            found = named_[i] = true;
            domains_[i] = domain;
        }
        if (!found) fail_unknown(option, name);
    }

    [[nodiscard]] const std::vector<int>& domains() const { return domains_; }

  private:
    using node_type = typename Graph::node_type;

    static bool goes_by(const node_type& node, std::string_view name) {
        return node.name.view() == name ||
               std::ranges::any_of(node.origins, [&](const text& origin) { return origin.view() == name; });
    }

    /// Tells a node that the passes removed from one that the model does not have.
    [[noreturn]] void fail_unknown(std::string_view option, std::string_view name) const {
        const onnx::model file = onnx::read(model_.path);
        if (std::ranges::any_of(file.graph.nodes, [&](const onnx::node& n) { return n.name == name && !name.empty(); }))
            fail_usage(option, ": the node ", in_quotes(name), " of ", printable_path(model_.path),
                       " is computed, removed or merged into others before layers are quantized; leave it out");
        std::set<std::string_view> known;
        for (const node_type& node : graph_.nodes) {
            known.insert(node.name.view());
            for (const text& origin : node.origins) known.insert(origin.view());
        }
        fail_usage(option, ": no node is called ", in_quotes(name),
                   near_misses(name, std::vector<std::string_view>(known.begin(), known.end())));
    }

    const Graph& graph_;
    const model_arguments& model_;
    std::vector<int> domains_;
    std::vector<bool> named_;
};

} // namespace detail

/// The domain of each node: the network's rule, but for those that have one of their own or are `excluded`, which stay
/// float. A name that no node has is refused.
template <class Graph>
std::vector<int> domains_of_nodes(const Graph& graph, const chosen_rules& rules,
                                  const std::vector<std::string>& excluded, const model_arguments& model) {
    detail::domains_by_name<Graph> domains(graph, rules.network.domain, model);
    for (const auto& [node, rule] : rules.layers) domains.set("--rule", node, rule.domain);
    for (const std::string& name : excluded) domains.set("--exclude", name, float_domain);
    return domains.domains();
}

} // namespace ctq::inline CTQ_TARGET::host::cli

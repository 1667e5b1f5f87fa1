#pragma once
// The domain of each node of a prepared network, the rule it follows or float, by the names that options give.
// room: host | runs on: host | heap: yes

#include <ctq/host/choose_rules.hpp>
#include <ctq/host/onnx/inline_functions.hpp>
#include <ctq/host/onnx/read.hpp>
#include <ctq/quantize/choose_domains.hpp>
#include <ctq/quantize/infinite_values.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// The domains of a network's nodes: those that are asked for, and those that nodes and values then have.
struct network_domains {
    std::vector<int> wanted;
    ctq::detail::chosen_domains chosen;
};

namespace detail {

/// Gives the nodes of a prepared network domains by their names, among those of `Rules`. A fused node goes by each name
/// it came from.
template <class Rules, class Graph> class domains_by_name {
  public:
    domains_by_name(const Graph& graph, int domain, const std::string& path, const quantization_options& options)
        : graph_(graph),
          path_(path),
          options_(options),
          infinite_(infinite_values(graph)),
          domains_(graph.nodes.size(), domain),
          named_(graph.nodes.size(), false) {}

    /// `option`: what gives it, for messages.
    void set(std::string_view option, std::string_view name, int domain) {
        bool found = false;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            if (!goes_by(graph_.nodes[i], name)) continue;
            if (named_[i] && domains_[i] != domain)
                fail_usage(option, ": the node ", in_quotes(name),
                           " has another rule, or float, by an option before; name it once");
            check_meaning(option, graph_.nodes[i], domain);
            found = named_[i] = true;
            domains_[i] = domain;
        }
        if (!found) fail_unknown(option, name);
    }

    /// A rule that a node was given by name it must get: one that only moves elements goes with those that it moves.
    [[nodiscard]] network_domains settled() const {
        network_domains result{domains_, ctq::detail::choose_domains<Rules>(graph_, domains_)};
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
            if (named_[i] && result.chosen.node(i) != domains_[i])
                fail_usage(options_.name("rule"), ": the node ", in_quotes(graph_.nodes[i].name.view()),
                           " only moves what stays float, and would stay float too; leave it out");
        return result;
    }

  private:
    using node_type = typename Graph::node_type;

    static bool goes_by(const node_type& node, std::string_view name) {
        return node.name.view() == name ||
               std::ranges::any_of(node.origins, [&](const text& origin) { return origin.view() == name; });
    }

    /// A node that a rule is chosen for must be one of its integers.
    void check_meaning(std::string_view option, const node_type& node, int domain) const {
        if (domain == float_domain) return;
        for (const int input : node.inputs)
            if (infinite_[static_cast<std::size_t>(input)] != 0)
                fail_usage(option, ": the node ", in_quotes(node.name.view()), " (", operator_name(node),
                           ") reads what may be infinite, ", in_quotes(graph_.value_at(input).name.view()),
                           ", and would stay float; leave it out, or exclude it");
        ctq::detail::with_rule_of(domain, Rules{}, [&](auto rule) {
            using rule_type = decltype(rule);
            visit_operator(node, [&](const auto& op) {
                using op_type = std::remove_cvref_t<decltype(op)>;
                if constexpr (!ctq::detail::is_integer_under<rule_type, op_type>)
                    fail_usage(option, ": the node ", in_quotes(node.name.view()), " (", op_type::name,
                               ") has no integer meaning under the rule ", in_quotes(rule_type::name),
                               " and would stay float; leave it out, or exclude it");
            });
        });
    }

    /// Tells a node that the passes removed from one that the model does not have.
    [[noreturn]] void fail_unknown(std::string_view option, std::string_view name) const {
        onnx::model file = onnx::read(path_);
        onnx::inline_functions(file, path_);
        if (std::ranges::any_of(file.graph.nodes, [&](const onnx::node& n) { return n.name == name && !name.empty(); }))
            fail_usage(option, ": the node ", in_quotes(name), " of ", printable_path(path_),
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
    const std::string& path_;
    const quantization_options& options_;
    flags infinite_; ///< values
    std::vector<int> domains_;
    std::vector<bool> named_;
};

} // namespace detail

/// The domain of each node: the network's rule, but for those that have one of their own or are excluded, which stay
/// float. A name that no node has is refused, and a rule of a node's own under which it would stay float. `path`: the
/// model's file.
template <class Rules, class Graph>
network_domains domains_of_nodes(const Graph& graph, const std::string& path, const chosen_rules& rules,
                                 const quantization_options& options) {
    detail::domains_by_name<Rules, Graph> domains(graph, rules.network.domain, path, options);
    for (const auto& [node, rule] : rules.layers) domains.set(options.name("rule"), node, rule.domain);
    for (const std::string& name : options.excluded) domains.set(options.name("exclude"), name, float_domain);
    return domains.settled();
}

} // namespace ctq::inline CTQ_TARGET::host

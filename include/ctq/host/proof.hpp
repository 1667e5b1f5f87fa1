#pragma once
// proof: the overflow proof of all nodes of a program, and a network that has it. What is not proved is neither emitted
// nor run. What is wrong with a node names it.
// room: host | runs on: host | heap: yes

#include <ctq/execute/program.hpp>
#include <ctq/graph/validate.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/node_text.hpp>
#include <ctq/host/shape_text.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

/// "node 'n' (op): what is not proved (of which numbers); what to do".
template <class Program> std::string unproved(const Program& in, const typename Program::node_type& node) {
    const std::string_view op = visit_lowered(
        node, [](const auto& of, const auto&) -> std::string_view { return std::remove_cvref_t<decltype(of)>::name; });
    std::string inputs;
    for (const int input : node.inputs) {
        const tensor_facts& facts = in.value_at(input).facts;
        const bool wide = facts.type == dtype::int64; // a bias, which alone may be more than the accumulators take
        if ((in.is_constant(input) && !wide) || !is_integer(facts.type)) continue;
        const interval found = wide ? interval_of(in.tensor_at(input)) : interval{facts.range.low, facts.range.high};
        inputs +=
            message(inputs.empty() ? "" : ", ", host::text_of(facts.shape), " of ", found.low, " to ", found.high);
    }
    return message(node_text(node.name.view(), op), ": its accumulators are not proved to keep within ",
                   8 * bytes_of(node.types.sum, 1), " bits (", inputs.empty() ? "constants alone" : inputs, " makes ",
                   host::text_of(in.value_at(node.output()).facts.shape), "); keep it in float: --exclude ",
                   printable(node.name.view()), ", or state its bound where the operator is yours: never_overflows");
}

/// A graph that is one: what a rule or a pass of a user's own may break.
template <class Graph> Graph validated(Graph graph) {
    validate(graph);
    return graph;
}

/// lower_graph(), whose faults name no node: then the nodes are lowered once more, one by one, for the one that it is.
template <class Rules, class Graph> program<typename Graph::operation_type> lowered_by_name(const Graph& graph) {
    try {
        return lower_graph<Rules>(graph);
    } catch (const model_error&) {
        for (const auto& node : graph.nodes) {
            try {
                lower_node<Rules>(graph, node);
            } catch (const model_error& fault) {
                fail(message(node_text(node.name.view(), operator_name(node)), ": ", fault.what()).c_str());
            }
        }
        throw;
    }
}

} // namespace detail

/// Throws model_error, naming the node, its operator and its numbers, for the first node of a program under `Rules`
/// that could overflow or whose operator states no bound. Cost: a pass over the constants.
template <class Rules, class Program> void prove(const Program& in) {
    for (const auto& node : in.nodes)
        if (!never_overflows<Rules>(in, node)) fail(detail::unproved(in, node).c_str());
}

/// An annotated graph and its program, which is proved: there is no other way to make one. Its type names the rules
/// that it was proved under.
template <class Rules, class Graph> class proved_network {
    Graph annotated_;
    program<typename Graph::operation_type> lowered_;

  public:
    /// Lowers and proves. Throws model_error as prove() does, for constants that do not fit the integers too, and for
    /// what is no graph.
    explicit proved_network(Graph annotated)
        : annotated_(detail::validated(std::move(annotated))), lowered_(detail::lowered_by_name<Rules>(annotated_)) {
        prove<Rules>(lowered_);
    }

    [[nodiscard]] const Graph& annotated() const { return annotated_; }
    [[nodiscard]] const program<typename Graph::operation_type>& lowered() const { return lowered_; }
};

} // namespace ctq::inline CTQ_TARGET::host

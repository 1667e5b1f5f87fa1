#pragma once
// infinite_values: which values of a float graph may be infinite, or as good as that: attention's scores under a mask.
// No integers hold them.
// room: quantize | runs on: compiler + host | heap: yes

#include <ctq/core/quantization.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET {

namespace detail {

template <class Graph> constexpr bool holds_infinity(const Graph& graph, int value) {
    for (const float each : graph.reals(value))
        if (!is_bounded(each)) return true;
    return false;
}

/// The work of one call of infinite_values.
template <class Graph> class infinity_finder {
    using node_type = typename Graph::node_type;

  public:
    constexpr explicit infinity_finder(const Graph& graph) : graph_(graph), found_(graph.values.size(), 0) {}

    /// As often as there are states, for one may be written from another.
    constexpr flags run() {
        if (!find_constants()) return found_;
        for (std::size_t round = 0; round <= graph_.states.size(); ++round) {
            for (const graph_state& each : graph_.states) flag_of(each.read) |= flag_of(each.written);
            for (const node_type& node : graph_.nodes) follow(node);
        }
        return found_;
    }

  private:
    constexpr flags::value_type& flag_of(int value) { return found_[static_cast<std::size_t>(value)]; }
    constexpr bool is_real(int value) const { return graph_.value_at(value).facts.type == dtype::float32; }

    /// Calls visit(value) for what a node computes with.
    template <class Visit> static constexpr void for_each_operand(const node_type& node, Visit visit) {
        for (std::size_t i = 0; i < node.inputs.size(); ++i)
            if (traits_of_node(node).role(i) == operand_role::operand) visit(node.inputs[i]);
    }

    /// Whether there are any.
    constexpr bool find_constants() {
        bool any = false;
        flags seen(graph_.values.size(), 0);
        for (const node_type& node : graph_.nodes)
            for_each_operand(node, [&](int value) {
                if (!graph_.is_constant(value) || !is_real(value)) return;
                flags::value_type& before = seen[static_cast<std::size_t>(value)];
                if (before == 0 && holds_infinity(graph_, value)) flag_of(value) = any = true;
                before = 1;
            });
        return any;
    }

    constexpr void follow(const node_type& node) {
        bool reads = false;
        for_each_operand(node, [&](int value) { reads |= flag_of(value) != 0; });
        if (!reads || is_bounding(node)) return;
        for (const int output : node.outputs)
            if (is_real(output)) flag_of(output) = 1;
    }

    /// Whether what a node makes is bounded, whatever it reads.
    static constexpr bool is_bounding(const node_type& node) {
        if (is_own(traits_of_node(node).output_range)) return true;
        return visit_operator(node, [](const auto& op) {
            const bounds to = clamp_of(op);
            return is_bounded(to.low) && is_bounded(to.high);
        });
    }

    const Graph& graph_;
    flags found_;
};

} // namespace detail

/// For each value whether it may be infinite: constant operands that are, somewhere, and what nodes make of such values
/// until one bounds it: softmax, tanh, a clip. What reads them stays float. Weights and biases are not looked at: what
/// is not finite there is damage. Cost: a pass over the constant operands.
template <class Graph> constexpr flags infinite_values(const Graph& graph) {
    return detail::infinity_finder<Graph>(graph).run();
}

} // namespace ctq::inline CTQ_TARGET

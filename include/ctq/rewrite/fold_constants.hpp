#pragma once
// fold_constants: a node all of whose inputs are constant becomes a constant.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/fail_at.hpp>
#include <ctq/graph/fold_node.hpp>
#include <ctq/graph/folding_budget.hpp>
#include <ctq/rewrite/pass.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::pass {

/// With the operator's float meaning, so that the compiler and the tool get the same bits. Faults where the constants
/// that are made would take more memory or time than a folding_budget has. An output of rows that the data fill has
/// those that are there then, and nothing counts them. Each step takes a node out.
struct fold_constants {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fold_constants";

    template <class Graph> static constexpr bool run(Graph& graph) {
        folding_budget budget;
        return run(graph, budget);
    }

    /// Faults where that would take more than `budget` has left.
    template <class Graph> static constexpr bool run(Graph& graph, folding_budget& budget) {
        flags folded(graph.nodes.size(), 0);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const auto& node = graph.nodes[i];
            if (!all_constant(graph, node)) continue;
            check(node.name, visit_operator(node, [&](const auto& op) {
                      return fold_node(graph, op, node.inputs, node.outputs, budget);
                  }));
            folded[i] = 1;
        }
        for (port& output : graph.outputs)
            if (graph.is_constant(output.value)) output.count = -1;
        return graph.erase_nodes(folded);
    }

  private:
    static constexpr void check(const text& node, const text& fault) {
        if (fault.empty()) return;
        require(!std::is_constant_evaluated(), "the constants that folding makes take more than 2^30 bytes, or as many "
                                               "steps, together; give the network such a constant as its input");
        ctq::detail::fail_at("node", node, fault + ": give the network such a constant as its input");
    }

    template <class Graph, class Node> static constexpr bool all_constant(const Graph& graph, const Node& node) {
        for (const int input : node.inputs)
            if (!graph.is_constant(input)) return false;
        return !node.inputs.empty();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

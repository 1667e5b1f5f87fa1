#pragma once
// fold_constants: a node all of whose inputs are constant becomes a constant.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/compute_node.hpp>
#include <ctq/graph/fail_at.hpp>
#include <ctq/graph/folding_budget.hpp>
#include <ctq/rewrite/pass.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::pass {

/// With the operator's float meaning, so that the compiler and the tool get the same bits. Faults where the constants
/// that are made would take more memory than a folding_budget allows. Each step takes a node out.
struct fold_constants {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fold_constants";

    template <class Graph> static constexpr bool run(Graph& graph) {
        folding_budget budget;
        return run(graph, budget);
    }

    /// Faults where the constants that are made would take more memory than `budget` has left.
    template <class Graph> static constexpr bool run(Graph& graph, folding_budget& budget) {
        flags folded(graph.nodes.size(), 0);
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const auto& node = graph.nodes[i];
            if (!all_constant(graph, node)) continue;
            take(budget, bytes_of_values(graph, node.outputs), node.name);
            std::vector<constant> results =
                compute_node(graph, node, [&](int index) { return graph.tensor_at(index); });
            for (std::size_t k = 0; k < results.size(); ++k) graph.set_constant(node.outputs[k], std::move(results[k]));
            folded[i] = 1;
        }
        return graph.erase_nodes(folded);
    }

  private:
    /// Before the outputs of a node become constants.
    static constexpr void take(folding_budget& from, std::int64_t bytes, const text& node) {
        if (from.take(bytes)) return;
        require(!std::is_constant_evaluated(), "the constants that folding makes take more than 2^30 bytes "
                                               "together; give the network such a constant as its input");
        const text what = text("of constants it makes ") + decimal_text(bytes) + " bytes more, after " +
                          decimal_text(from.taken()) + " that were made before; " + decimal_text(from.most()) +
                          " are the most: give the network such a constant as its input";
        ctq::detail::fail_at("node", node, what);
    }

    template <class Graph, class Node> static constexpr bool all_constant(const Graph& graph, const Node& node) {
        for (const int input : node.inputs)
            if (!graph.is_constant(input)) return false;
        return !node.inputs.empty();
    }
};

} // namespace ctq::inline CTQ_TARGET::pass

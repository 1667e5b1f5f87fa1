#pragma once
// fold_constants: a node all of whose inputs are constant becomes a constant.
// room: rewrite | runs on: compiler + host

#include <ctq/graph/compute_node.hpp>
#include <ctq/rewrite/pass.hpp>

namespace ctq {

struct fold_constants {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "fold_constants";

    template <class Graph> static constexpr bool run(Graph& graph) {
        const std::size_t before = graph.nodes.size();
        for (std::size_t i = 0; i < graph.nodes.size();) {
            const auto& node = graph.nodes[i];
            if (!all_constant(graph, node)) {
                ++i;
                continue;
            }
            std::vector<float> result;
            compute_node(
                graph, node, [&](int index) { return graph.constant_tensor(index); }, result);
            graph.value_at(node.output).constant = static_cast<int>(graph.constants.size());
            graph.constants.emplace_back(std::move(result));
            graph.erase_node(static_cast<int>(i));
        }
        return graph.nodes.size() != before;
    }

  private:
    template <class Graph, class Node> static constexpr bool all_constant(const Graph& graph, const Node& node) {
        for (const int input : node.inputs)
            if (!graph.is_constant(input)) return false;
        return !node.inputs.empty();
    }
};

} // namespace ctq

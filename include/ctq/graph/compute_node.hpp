#pragma once
// The float meaning of one node of a graph, applied to tensors that are given by the caller.
// room: graph | runs on: compiler + host (allocates)

#include <ctq/graph/graph.hpp>

#include <vector>

namespace ctq {

/// Runs the float meaning of `node`. `tensor_of(value)` gives a const_tensor for each input.
template <class Graph, class Node, class TensorOf>
constexpr void compute_node(const Graph& graph, const Node& node, TensorOf tensor_of, std::vector<float>& result) {
    std::vector<const_tensor> in;
    for (const int input : node.inputs) in.push_back(tensor_of(input));
    const tensor_facts& facts = graph.value_at(node.output).facts;
    result.assign(facts.elements(), 0.0f);
    const tensor out{facts, result.data()};
    visit_operator(node, [&](const auto& op) { compute(op, in, tensors(&out, 1)); });
}

} // namespace ctq

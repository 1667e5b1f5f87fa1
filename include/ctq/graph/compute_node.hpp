#pragma once
// The float meaning of one node of a graph, applied to tensors that are given by the caller.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>

#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// Zeros in the type and the number of each output.
template <class Graph, class Node>
constexpr std::vector<constant> zeros_for_outputs(const Graph& graph, const Node& node) {
    std::vector<constant> made;
    for (const int output : node.outputs) {
        const tensor_facts& facts = graph.value_at(output).facts;
        made.push_back(constant::zeros(facts.type, facts.elements()));
    }
    return made;
}

/// The outputs as tensors over such constants.
template <class Graph, class Node>
constexpr std::vector<tensor> tensors_over(const Graph& graph, const Node& node, std::vector<constant>& made) {
    std::vector<tensor> out;
    for (std::size_t i = 0; i < made.size(); ++i)
        out.push_back({graph.value_at(node.outputs[i]).facts, made[i].writable()});
    return out;
}

} // namespace detail

/// What `run(in, out)` makes of the inputs of `node`, of which nothing but inputs and outputs is asked; one constant
/// for each output. `tensor_of(value)` gives a const_tensor for each input.
template <class Graph, class Node, class TensorOf, class Run>
constexpr std::vector<constant> compute_outputs(const Graph& graph, const Node& node, TensorOf tensor_of, Run run) {
    std::vector<const_tensor> in;
    for (const int input : node.inputs) in.push_back(tensor_of(input));
    std::vector<constant> made = detail::zeros_for_outputs(graph, node);
    const std::vector<tensor> out = detail::tensors_over(graph, node, made);
    run(const_tensors(in), tensors(out));
    return made;
}

/// The same by the float meaning of its operator.
template <class Graph, class Node, class TensorOf>
constexpr std::vector<constant> compute_node(const Graph& graph, const Node& node, TensorOf tensor_of) {
    return compute_outputs(graph, node, tensor_of, [&](const_tensors in, tensors out) {
        visit_operator(node, [&](const auto& op) { compute(op, in, out); });
    });
}

} // namespace ctq::inline CTQ_TARGET

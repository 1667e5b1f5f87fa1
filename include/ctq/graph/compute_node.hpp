#pragma once
// The float meaning of one node of a graph, applied to tensors that are given by the caller.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>

#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// Zeros in the type and the number of each output.
constexpr std::vector<constant> zeros_for_outputs(const value_list& graph, const std::vector<int>& outputs) {
    std::vector<constant> made;
    for (const int output : outputs) {
        const tensor_facts& facts = graph.value_at(output).facts;
        made.push_back(constant::zeros(facts.type, facts.elements()));
    }
    return made;
}

/// The outputs as tensors over such constants.
constexpr std::vector<tensor> tensors_over(const value_list& graph, const std::vector<int>& outputs,
                                           std::vector<constant>& made) {
    std::vector<tensor> out;
    for (std::size_t i = 0; i < made.size(); ++i) out.push_back({graph.value_at(outputs[i]).facts, made[i].writable()});
    return out;
}

} // namespace detail

/// What `run(in, out)` makes of values of a graph: a constant for each output, of its type and shape.
/// `tensor_of(value)` gives a const_tensor for each input.
template <class TensorOf, class Run>
constexpr std::vector<constant> compute_outputs(const value_list& graph, const std::vector<int>& inputs,
                                                const std::vector<int>& outputs, TensorOf tensor_of, Run run) {
    std::vector<const_tensor> in;
    for (const int input : inputs) in.push_back(tensor_of(input));
    std::vector<constant> made = detail::zeros_for_outputs(graph, outputs);
    const std::vector<tensor> out = detail::tensors_over(graph, outputs, made);
    run(const_tensors(in), tensors(out));
    return made;
}

/// The same by the float meaning of its operator.
template <class Graph, class Node, class TensorOf>
constexpr std::vector<constant> compute_node(const Graph& graph, const Node& node, TensorOf tensor_of) {
    return compute_outputs(graph, node.inputs, node.outputs, tensor_of, [&](const_tensors in, tensors out) {
        visit_operator(node, [&](const auto& op) { compute(op, in, out); });
    });
}

} // namespace ctq::inline CTQ_TARGET

#pragma once
// program_plan: the arena of a graph, planned where the graph is known at run time only: the tool. The same functions
// plan an executor in the compiler (model_plan.hpp), so both come to the same bytes.
// room: execute | runs on: compiler + host | heap: yes

#include <ctq/execute/model_plan.hpp>
#include <ctq/execute/plan.hpp>
#include <ctq/execute/program.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// An arena: its size, the least that any plan needs, and where each value and each node's scratch lies.
struct program_plan {
    std::size_t bytes = 0, lower_bound = 0;
    std::vector<std::size_t> value_offsets, scratch_offsets;
};

namespace detail {

template <class Rules, class Architecture, class Program>
constexpr planned_node planned(const Program& from, const typename Program::node_type& node) {
    std::vector<tensor_facts> in, out;
    for (const int input : node.inputs) in.push_back(from.value_at(input).facts);
    for (const int output : node.outputs) out.push_back(from.value_at(output).facts);
    return visit_lowered(node, [&]<class Op>(const Op& op, const lowered_of<Op>& lowered) -> planned_node {
        std::size_t scratch = 0;
        if (!is_float_signature(node.types))
            visit_signature<Rules, Op>(node.types, [&]<signature S>() {
                scratch = kernels::kernel_for<Architecture, Op, S>::scratch_bytes({op, lowered, in, out});
            });
        return {node.inputs, node.outputs, traits_of<Op>.in_place, scratch};
    });
}

constexpr std::vector<int> positions(const std::vector<port>& ports) {
    std::vector<int> result;
    for (const port& each : ports) result.push_back(each.value);
    return result;
}

} // namespace detail

/// Plans the arena of a program for one architecture's kernels: the best of all packing orders. Cost: O(n^2) for n
/// activations.
template <class Rules, class Architecture, class Program> constexpr program_plan plan_program(const Program& graph) {
    std::vector<planned_value> values;
    for (const value& v : graph.values) values.push_back({v.facts.bytes(), v.constant >= 0, v.facts.elements()});
    std::vector<planned_node> nodes;
    for (const auto& node : graph.nodes) nodes.push_back(detail::planned<Rules, Architecture>(graph, node));
    const std::vector<int> inputs = detail::positions(graph.inputs), outputs = detail::positions(graph.outputs);
    std::vector<planned_state> states;
    for (const graph_state& each : graph.states) states.push_back({each.read, each.written});

    std::vector<buffer> buffers(values.size() + nodes.size(), buffer{});
    std::vector<int> home(values.size(), 0), sorted(buffers.size(), 0);
    find_lifetimes({values, nodes, inputs, outputs, states}, buffers, home);

    std::vector<std::size_t> offsets(buffers.size(), std::size_t{0}), best = offsets;
    program_plan plan;
    for (std::size_t order = 0; order < packing_orders; ++order) {
        const std::size_t bytes =
            pack(buffers, static_cast<packing_order>(order), Architecture::alignment, offsets, sorted);
        if (order > 0 && bytes >= plan.bytes) continue;
        plan.bytes = bytes;
        best = offsets;
    }
    plan.lower_bound = peak_bytes(buffers, static_cast<int>(nodes.size()) + 1);
    for (const int v : home) plan.value_offsets.push_back(best[static_cast<std::size_t>(v)]);
    for (std::size_t i = 0; i < nodes.size(); ++i) plan.scratch_offsets.push_back(best[values.size() + i]);
    return plan;
}

} // namespace ctq::inline CTQ_TARGET

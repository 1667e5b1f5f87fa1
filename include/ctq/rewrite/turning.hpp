#pragma once
// How a node and a transpose change places: which nodes commute with one, and what becomes of the node's attributes and
// constants. What sink_transposes and raise_transposes share.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/operators/axes.hpp>
#include <ctq/registry/operation.hpp>
#include <ctq/rewrite/axis_order.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::pass {

/// An operator that commutes with transposes: T(op(x)) == op'(T(x)), where op' is op itself or `op.permuted(T)`.
template <class Op>
concept turnable = unary_function<Op> || requires(const Op& op, std::span<const std::int32_t> permutation) {
    { op.permuted(permutation) } -> std::same_as<Op>;
};

/// The axes that a node's result lacks.
template <class Node> constexpr op::axis_set dropped_axes(const Node& node) {
    return visit_operator(node, [](const auto& op) {
        if constexpr (requires { op.dropped_axes(); })
            return op.dropped_axes();
        else
            return op::axis_set{};
    });
}

template <class Graph> constexpr int rank_of(const Graph& graph, int value) {
    return graph.value_at(value).facts.shape.rank;
}

/// True when the node commutes with a transpose of its activations, which all have one rank: that of its one result,
/// before axes were dropped.
template <class Graph, class Node> constexpr bool commutes(const Graph& graph, const Node& node) {
    if (node.outputs.size() != 1) return false;
    if (!visit_operator(node, [](const auto& op) { return turnable<std::remove_cvref_t<decltype(op)>>; })) return false;
    if (!(dropped_axes(node) == op::axis_set{})) return true;
    for (const int input : node.inputs)
        if (!graph.is_constant(input) && rank_of(graph, input) != rank_of(graph, node.output())) return false;
    return true;
}

/// How the axes of op(T(x)) are turned against those of op'(x): as T says, T being `by`; but of dropped axes only the
/// order of the others is left.
template <class Node> constexpr axis_order order_behind(const Node& node, const axis_order& by, int rank) {
    const op::axis_set dropped = dropped_axes(node);
    if (dropped == op::axis_set{}) return by;
    // Axis by[i] of x is axis i of T(x), where the node's attributes still count.
    axis_order result = unchanged_order;
    std::size_t kept = 0;
    for (int axis = 0; axis < rank; ++axis) {
        if (dropped.contains(axis)) continue;
        std::int32_t place = 0;
        for (int other = 0; other < rank; ++other)
            if (!dropped.contains(other) && by[static_cast<std::size_t>(other)] < by[static_cast<std::size_t>(axis)])
                ++place;
        result[kept++] = place;
    }
    return result;
}

namespace detail {

/// A copy of a constant operand, seen with `rank` axes, its axes in the order `by`.
template <class Graph> constexpr int turned_operand(Graph& graph, int operand, const axis_order& by, int rank) {
    const shape own = graph.value_at(operand).facts.shape;
    shape widened;
    for (int axis = own.rank; axis < rank; ++axis) widened.append(1);
    for (int axis = 0; axis < own.rank; ++axis) widened.append(own[axis]);
    return transposed_constant(graph, operand, widened, by, op::transpose{by}.output_shape(shapes(&widened, 1)));
}

} // namespace detail

/// Makes the node do to activations that are turned by `by` what it did to them before: its attributes and aligned
/// constants are turned too. `rank`: the activations'.
template <class Graph, class Node> constexpr void turn(Graph& graph, Node& node, const axis_order& by, int rank) {
    if (traits_of_node(node).aligns_operands)
        for (int& input : node.inputs)
            if (graph.is_constant(input) && graph.value_at(input).facts.elements() != 1)
                input = detail::turned_operand(graph, input, by, rank);
    visit_operator(node, [&](auto& op) {
        if constexpr (requires { op.permuted(used(by, rank)); }) op = op.permuted(used(by, rank));
    });
}

} // namespace ctq::inline CTQ_TARGET::pass

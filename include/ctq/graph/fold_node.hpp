#pragma once
// fold_node: what a node makes of constants becomes constants, within a budget.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/graph/compute_node.hpp>
#include <ctq/graph/folding_budget.hpp>
#include <ctq/graph/value_list.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// What the elements of values take.
constexpr std::int64_t bytes_of_values(const value_list& graph, const std::vector<int>& all) {
    std::int64_t sum = 0;
    for (const int each : all) sum += static_cast<std::int64_t>(graph.value_at(each).facts.bytes());
    return sum;
}

constexpr std::vector<shape> shapes_of_values(const value_list& graph, const std::vector<int>& all) {
    std::vector<shape> of;
    for (const int each : all) of.push_back(graph.value_at(each).facts.shape);
    return of;
}

/// Leaves a value, and its elements, as many rows as `count` says.
constexpr void cut_rows(value& of, constant& elements, const constant& count) {
    of.facts.shape[0] = static_cast<std::int32_t>(count.as<std::int64_t>()[0]);
    elements.visit([&](auto& all) { all.resize(entries_of(of.facts.type, of.facts.elements())); });
}

} // namespace detail

/// What it takes to make constants of the values `to`, the results of an operator on the values `from`.
template <class Op>
constexpr folding_cost cost_of_folding(const value_list& graph, const Op& op, const std::vector<int>& from,
                                       const std::vector<int>& to) {
    return {detail::bytes_of_values(graph, to), detail::bytes_of_values(graph, from),
            steps(op, detail::shapes_of_values(graph, from), graph.value_at(to[0]).facts.shape)};
}

/// Makes constants of the values `to`, whose types and shapes are there: what the operator makes of the constants
/// `from`, by its float meaning. Where the data say how many rows of one there are, it has those, and its shape says
/// so. Says what is too much where the budget has not all that it takes; then nothing is computed. Else empty.
template <class Op>
constexpr text fold_node(value_list& graph, const Op& op, const std::vector<int>& from, const std::vector<int>& to,
                         folding_budget& budget) {
    if (text fault = budget.take(cost_of_folding(graph, op, from, to)); !fault.empty()) return fault;
    std::vector<constant> made = compute_outputs(
        graph, from, to, [&](int value) { return graph.tensor_at(value); },
        [&](const_tensors in, tensors out) { compute(op, in, out); });
    for (std::size_t i = 0; i < made.size(); ++i)
        if (const int count = count_output(op, static_cast<int>(i)); count >= 0)
            detail::cut_rows(graph.value_at(to[i]), made[i], made[static_cast<std::size_t>(count)]);
    for (std::size_t i = 0; i < made.size(); ++i) graph.set_constant(to[i], std::move(made[i]));
    return {};
}

} // namespace ctq::inline CTQ_TARGET

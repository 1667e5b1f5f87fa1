#pragma once
// Orders of axes, and the transposes and constants of a graph under them: what the layout passes share.
// room: rewrite | runs on: compiler + host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/operators/transpose.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::pass {

/// What transpose::permutation holds; entries beyond the rank stay as they are here.
using axis_order = std::array<std::int32_t, shape::max_rank>;

constexpr axis_order unchanged_order{0, 1, 2, 3, 4, 5};

constexpr axis_order inverse(const axis_order& of, int rank) {
    axis_order result = unchanged_order;
    for (int axis = 0; axis < rank; ++axis) result[static_cast<std::size_t>(of[static_cast<std::size_t>(axis)])] = axis;
    return result;
}

/// The one transpose that does what `first` and then `second` do.
constexpr axis_order composed(const axis_order& first, const axis_order& second, int rank) {
    axis_order result = unchanged_order;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis)
        result[axis] = first[static_cast<std::size_t>(second[axis])];
    return result;
}

/// The order that a transpose of a tensor of this rank stands for, whatever its further entries say.
constexpr axis_order order_of(const op::transpose& op, int rank) {
    axis_order result = unchanged_order;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) result[axis] = op.permutation[axis];
    return result;
}

/// The entries that count for a tensor of this rank.
constexpr std::span<const std::int32_t> used(const axis_order& all, int rank) {
    return {all.data(), static_cast<std::size_t>(rank)};
}

/// A new constant: the elements of constant `index`, seen under the shape `seen_as`, transposed by `order`, under the
/// shape `result`.
template <class Graph>
constexpr int transposed_constant(Graph& graph, int index, const shape& seen_as, const axis_order& order,
                                  const shape& result) {
    const op::transpose op{order};
    const shape target = op.output_shape(shapes(&seen_as, 1));
    const dtype type = graph.value_at(index).facts.type;
    constant elements = constant::zeros(type, static_cast<std::size_t>(target.elements()));
    const const_tensor from{{type, seen_as, {}}, graph.constant_of(index).view()};
    const tensor to{{type, target, {}}, elements.writable()};
    op.compute(const_tensors(&from, 1), tensors(&to, 1));
    const text name = graph.value_at(index).name;
    return graph.add_constant(name, result, std::move(elements));
}

} // namespace ctq::inline CTQ_TARGET::pass

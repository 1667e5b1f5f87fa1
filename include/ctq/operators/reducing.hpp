#pragma once
// reducing: what operators share that make one element of all that lie along some axes.
// room: operators | runs on: all | heap: no

#include <ctq/operators/axes.hpp>
#include <ctq/operators/element_walks.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::op {

/// How many elements each element of the result is made of.
constexpr std::int64_t reduced_count(const shape& in, const axis_set& axes) {
    std::int64_t product = 1;
    for (int axis = 0; axis < in.rank; ++axis)
        if (axes.contains(axis)) product *= in[axis];
    return product;
}

/// The shape without these axes, or with an extent of 1 along each of them if `keep_axes`.
constexpr shape reduced_shape(const shape& in, const axis_set& axes, bool keep_axes) {
    shape result;
    for (int axis = 0; axis < in.rank; ++axis) {
        if (!axes.contains(axis))
            result.append(in[axis]);
        else if (keep_axes)
            result.append(1);
    }
    return result;
}

/// Calls visit(output index, walker) for each element of the result, where the walker visits the input elements that it
/// is made of, in the order of memory.
template <class Visitor> constexpr void for_each_reduced(const shape& in, const axis_set& axes, Visitor visit) {
    const auto strides = strides_of(in);
    shape kept = in, reduced = in;
    for (int axis = 0; axis < in.rank; ++axis) (axes.contains(axis) ? kept : reduced)[axis] = 1;
    std::size_t index = 0;
    for_each_offset(kept, strides, [&](std::int64_t base) {
        visit(index++, [&](auto at) {
            for_each_offset(reduced, strides,
                            [&](std::int64_t offset) { at(static_cast<std::size_t>(base + offset)); });
        });
    });
}

} // namespace ctq::inline CTQ_TARGET::op

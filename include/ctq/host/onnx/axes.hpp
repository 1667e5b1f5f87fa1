#pragma once
// axes: ONNX's `axes` as a set, for the operators that reduce, insert or remove some.
// room: host | runs on: host | heap: yes

#include <ctq/core/shape.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/registry/source_node.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// ONNX's `axes`: an attribute, since opset 13 or 18 an input; absent means all axes. Duplicates are faults.
template <class Node> op::axis_set read_axes(const Node& in, const shape& of) {
    op::axis_set result;
    const auto given = in.has_input(1) ? in.constant_integers(1) : in.integers("axes");
    for (const std::int32_t value : given) {
        const int axis = of.normalized_axis(value);
        in.check(!result.contains(axis), "axes must not repeat");
        result.insert(axis);
    }
    if (given.empty())
        for (int axis = 0; axis < of.rank; ++axis) result.insert(axis);
    return result;
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

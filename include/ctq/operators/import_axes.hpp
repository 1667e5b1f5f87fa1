#pragma once
// import_axes: ONNX's `axes` as a set, for the operators that reduce, insert or remove some.
// room: operators | runs on: all | heap: no

#include <ctq/core/shape.hpp>
#include <ctq/operators/axes.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET::op {

/// ONNX's `axes`: an attribute, since opset 13 or 18 an input; absent means all axes. Duplicates are faults.
template <class Import> axis_set import_axes(Import& in, const shape& of) {
    axis_set result;
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

} // namespace ctq::inline CTQ_TARGET::op

#pragma once
// axes: ONNX's `axes`, an attribute or an input, as a set, for the operators that reduce, insert or remove some.
// room: host | runs on: host | heap: yes

#include <ctq/core/shape.hpp>
#include <ctq/operators/axes.hpp>
#include <ctq/registry/source_node.hpp>

#include <cstdint>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// `axes` where the operator's version has them as an attribute. Empty where there are none.
template <class Node> std::vector<std::int32_t> axes_by_attribute(const Node& in) {
    in.check(in.input_count() == 1, "one input is required; in this version axes are an attribute");
    return in.integers("axes");
}

/// The same where they are a constant, input 1.
template <class Node> std::vector<std::int32_t> axes_by_input(const Node& in) {
    in.check(in.integers("axes").empty(), "axes must not be an attribute; in this version they are an input");
    return in.has_input(1) ? in.constant_integers(1) : std::vector<std::int32_t>{};
}

/// The axes `given` of a tensor `of` that shape; none given means all. Duplicates are faults.
template <class Node>
op::axis_set axis_set_of(const Node& in, const std::vector<std::int32_t>& given, const shape& of) {
    op::axis_set result;
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

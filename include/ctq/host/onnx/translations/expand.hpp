#pragma once
// Elements over and over: Expand, Tile and ConstantOfShape.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translations/slice.hpp>
#include <ctq/host/source/graph_writer.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/reshape.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// Input i, a constant list, as a shape.
template <source_node Node> shape constant_shape(const Node& in, std::size_t i) {
    in.check(in.shape_of(i).rank == 1, "the shape must be a list");
    const std::vector<std::int32_t> extents = in.constant_integers(i);
    in.support(extents.size() <= shape::max_rank, "at most 6 axes are supported");
    shape result;
    for (const std::int32_t extent : extents) {
        in.check(extent >= 0, "an extent must not be negative");
        result.append(extent);
    }
    return result;
}

/// A value of the shape `from`, which broadcasts to `to`, as one of that shape.
template <source_node Node> int stretched(Node& in, int value, const shape& from, const shape& to) {
    shape widened;
    for (int axis = from.rank; axis < to.rank; ++axis) widened.append(1);
    for (int axis = 0; axis < from.rank; ++axis) widened.append(from[axis]);
    if (!(widened == from)) value = in.reshape(value, widened);
    if (widened == to) return value;
    op::slice op = whole_slice(widened);
    for (int axis = 0; axis < to.rank; ++axis) {
        if (widened[axis] == to[axis]) continue;
        op.step[static_cast<std::size_t>(axis)] = 0;
        op.count[static_cast<std::size_t>(axis)] = to[axis];
    }
    return in.emit(op, {value});
}

/// A value of the shape `of`, so many times along an axis; the shape becomes the result's.
template <source_node Node> int repeated(Node& in, int value, shape& of, int axis, std::int32_t times) {
    const std::int64_t before = of.elements(0, axis), behind = of.elements(axis, of.rank);
    const std::int64_t extent = std::int64_t{of[axis]} * times;
    in.support(std::max({before, behind, extent}) <= source::most_elements, source::too_many_elements);
    const auto rows = static_cast<std::int32_t>(before), length = static_cast<std::int32_t>(behind);
    value = stretched(in, in.reshape(value, {rows, 1, length}), {rows, 1, length}, {rows, times, length});
    of[axis] = static_cast<std::int32_t>(extent);
    return in.reshape(value, of);
}

} // namespace detail

struct expand : translation_to<op::slice> {
    using also_makes = operator_list<op::reshape, op::identity>;
    static constexpr std::string_view name = "Expand";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        const shape from = in.shape_of(0), to = broadcast(from, detail::constant_shape(in, 1));
        in.finish(from == to ? in.emit(op::identity{}, {in.input(0)}) : detail::stretched(in, in.input(0), from, to));
    }
};

/// The repeats are a list, one of each axis.
struct tile : translation_to<op::slice> {
    using also_makes = operator_list<op::reshape, op::identity>;
    static constexpr std::string_view name = "Tile";
    static constexpr version_range versions{6};

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        const shape repeats = detail::constant_shape(in, 1);
        shape of = in.shape_of(0);
        in.check(repeats.rank == of.rank, "there must be a repeat for each axis");
        int value = in.input(0);
        if (std::ranges::all_of(repeats.extent, [](std::int32_t each) { return each <= 1; }) && repeats.elements() == 1)
            value = in.emit(op::identity{}, {value});
        for (int axis = 0; axis < of.rank; ++axis)
            if (repeats[axis] != 1) value = detail::repeated(in, value, of, axis, repeats[axis]);
        in.finish(value);
    }
};

/// One element of any type, a real 0 where the node gives none.
struct constant_of_shape : constant_translation {
    using also_makes = operator_list<op::reshape, op::slice>;
    static constexpr std::string_view name = "ConstantOfShape";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 1, "one input is required");
        const shape to = detail::constant_shape(in, 0);
        int value = in.attribute_constant("value");
        if (value < 0) value = in.constant("value", {}, {0});
        value = in.fold(op::reshape{shape{}}, {value});
        in.finish(detail::stretched(in, value, {}, to));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

#pragma once
// Sets of axes, permutations of axes, and the walk over strided elements.
// room: operators | runs on: all | heap: no

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/shape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ctq::inline CTQ_TARGET::op {

/// Some of a shape's axes, as a structural value.
struct axis_set {
    std::array<bool, shape::max_rank> member{};

    constexpr bool contains(int axis) const { return member[static_cast<std::size_t>(axis)]; }
    constexpr void insert(int axis) { member[static_cast<std::size_t>(axis)] = true; }

    /// The set after a transpose: axis i of the result is axis permutation[i] of the source.
    constexpr axis_set permuted(std::span<const std::int32_t> permutation) const {
        axis_set result;
        for (std::size_t axis = 0; axis < permutation.size(); ++axis)
            result.member[axis] = member[static_cast<std::size_t>(permutation[axis])];
        return result;
    }
    friend constexpr bool operator==(const axis_set&, const axis_set&) = default;
};

/// Where axis `axis` of a tensor stands after a transpose by `permutation`.
constexpr std::int32_t permuted_axis(std::int32_t axis, std::span<const std::int32_t> permutation) {
    for (std::size_t i = 0; i < permutation.size(); ++i)
        if (permutation[i] == axis) return static_cast<std::int32_t>(i);
    fail("the axis is not in the permutation");
}

/// Calls visit(offset) for every element of a box of shape `over`, in row-major order, offset by these strides.
template <class Visitor>
constexpr void for_each_offset(const shape& over, const std::array<std::int64_t, shape::max_rank>& strides,
                               Visitor visit) {
    std::array<std::int32_t, shape::max_rank> at{};
    std::int64_t offset = 0;
    for (std::int64_t i = over.elements(); i > 0; --i) {
        visit(offset);
        for (int axis = over.rank - 1; axis >= 0; --axis) {
            const auto x = static_cast<std::size_t>(axis);
            offset += strides[x];
            if (++at[x] < over[axis]) break;
            offset -= strides[x] * at[x];
            at[x] = 0;
        }
    }
}

/// Calls visit(index, first, length) for each run of elements that lie in a row and have one index along `axis` of a
/// tensor of shape `of`, in row-major order.
template <class Visitor> constexpr void for_each_run(const shape& of, int axis, Visitor visit) {
    const auto extent = static_cast<std::size_t>(of[axis]), size = static_cast<std::size_t>(of.elements());
    const auto length = static_cast<std::size_t>(of.elements(axis + 1, of.rank));
    std::size_t index = 0;
    for (std::size_t first = 0; first < size; first += length) {
        visit(index, first, length);
        index = index + 1 < extent ? index + 1 : 0;
    }
}

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

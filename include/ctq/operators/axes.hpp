#pragma once
// axes: a set of a tensor's axes, and where axes stand after a permutation of them.
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

} // namespace ctq::inline CTQ_TARGET::op

#pragma once
// resizing: what operators that resample a tensor share: which place of the source an index of the result stands for,
// and the walk over the result that asks for it once an axis.
// room: operators | runs on: all | heap: no

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/elementary.hpp>
#include <ctq/core/exact.hpp>
#include <ctq/core/shape.hpp>
#include <ctq/registry/operation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ctq::inline CTQ_TARGET::op {

/// Which coordinate of the source an index x of the result stands for; s is the scale, result over source.
enum class coordinates : std::uint8_t {
    half_pixel,             ///< (x + 1/2) / s - 1/2
    half_pixel_symmetric,   ///< the same about the middle, where the result is not just s times as long
    pytorch_half_pixel,     ///< the same, and 0 where the result has one element
    half_pixel_for_nearest, ///< (x + 1/2) / s
    align_corners,          ///< first on first and last on last, whatever the scale
    asymmetric,             ///< x / s
};

constexpr std::string_view name_of(coordinates how) {
    constexpr std::array<std::string_view, 6> names{"half_pixel",         "half_pixel_symmetric",
                                                    "pytorch_half_pixel", "half_pixel_for_nearest",
                                                    "align_corners",      "asymmetric"};
    return names[static_cast<std::size_t>(how)];
}

/// One axis of the source, and of the result.
struct resized_axis {
    std::int32_t from = 1, to = 1;
    float scale = 1;
};

/// The coordinate by the steps of onnxruntime (the symmetric one has some in double), so that places next to a half
/// fall alike, and the same everywhere; not cut to the source.
constexpr float source_coordinate(coordinates how, const resized_axis& axis, std::int32_t index) {
    const auto x = static_cast<float>(index), from = static_cast<float>(axis.from), to = static_cast<float>(axis.to);
    switch (how) {
    case coordinates::asymmetric:
        return x / axis.scale;
    case coordinates::align_corners:
        return axis.to == 1 ? 0.0f : exact(x * (from - 1)) / (to - 1);
    case coordinates::half_pixel_for_nearest:
        return (x + 0.5f) / axis.scale;
    case coordinates::half_pixel_symmetric: {
        const float aside = exact(from / 2 * (1 - to / exact(axis.scale * from)));
        const double inside = (static_cast<double>(x) + 0.5) / static_cast<double>(axis.scale);
        return static_cast<float>(static_cast<double>(aside) + inside - 0.5);
    }
    case coordinates::pytorch_half_pixel:
        if (axis.to == 1) return 0.0f;
        [[fallthrough]];
    default:
        return (x + 0.5f) / axis.scale - 0.5f;
    }
}

/// A coordinate cut to the source: an element, and how far it is on the way to the next one, which is there unless that
/// is 0.
struct source_place {
    std::int32_t first = 0;
    float fraction = 0; ///< 0 <= fraction < 1
};

constexpr source_place source_place_of(coordinates how, const resized_axis& axis, std::int32_t index) {
    const float at = source_coordinate(how, axis, index);
    if (!(at > 0)) return {0, 0};
    if (at >= static_cast<float>(axis.from - 1)) return {axis.from - 1, 0};
    const auto first = static_cast<std::int32_t>(at);
    return {first, at - static_cast<float>(first)};
}

/// Numbers of axes; those of extent 0 stay as they are.
using axis_extents = std::array<std::int32_t, shape::max_rank>;
using axis_scales = std::array<float, shape::max_rank>;

template <class Op> constexpr bool resizes(const Op& op, int axis) {
    return op.extent[static_cast<std::size_t>(axis)] != 0;
}

template <class Op> constexpr resized_axis axis_of(const Op& op, const shape& in, int axis) {
    const auto x = static_cast<std::size_t>(axis);
    return {in[axis], op.extent[x], op.scale[x]};
}

/// How many of a tensor's axes are resized, and how many there are up to the last such one.
template <class Op> constexpr int resized_count(const Op& op, int rank) {
    int count = 0;
    for (int axis = 0; axis < rank; ++axis) count += resizes(op, axis) ? 1 : 0;
    return count;
}
template <class Op> constexpr int resized_depth(const Op& op, int rank) {
    while (rank > 0 && !resizes(op, rank - 1)) --rank;
    return rank;
}

template <class Op> constexpr shape resized_shape(const Op& op, shapes in) {
    require(in.size() == 1, "a resize takes one input");
    constexpr std::int32_t longest = 1 << 24; // coordinates are floats
    shape result = in[0];
    require(resized_count(op, result.rank) > 0, "a resize must be along one axis at least; leave it out");
    for (int axis = 0; axis < in[0].rank; ++axis) {
        if (!resizes(op, axis)) continue;
        const auto [from, to, scale] = axis_of(op, in[0], axis);
        require(from > 0 && from <= longest && to > 0 && to <= longest,
                "an axis that is resized must have 1 to 16777216 elements, before and after");
        require(scale > 0 && elementary::is_finite(scale), "the scales of a resize must be positive and finite");
        result[axis] = to;
    }
    return result;
}

/// The same operator on a transposed tensor.
template <class Op> constexpr Op permuted_resize(const Op& op, std::span<const std::int32_t> permutation) {
    Op result = op;
    for (std::size_t axis = 0; axis < permutation.size(); ++axis) {
        result.extent[axis] = op.extent[static_cast<std::size_t>(permutation[axis])];
        result.scale[axis] = op.scale[static_cast<std::size_t>(permutation[axis])];
    }
    return result;
}

/// Where in a table of entries for each index along each resized axis those of an axis begin; behind all, its size.
template <class Op> constexpr std::array<std::int32_t, shape::max_rank + 1> table_starts(const Op& op, int rank) {
    std::array<std::int32_t, shape::max_rank + 1> starts{};
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis)
        starts[axis + 1] = starts[axis] + op.extent[axis];
    return starts;
}

/// Calls visit(state) for each index along the first `depth` axes of a shape, in row-major order, where the state comes
/// from `start` by step(axis, index, state) along one axis after the other: once an axis for all that lies behind it.
template <class State, class Step, class Visitor>
constexpr void for_each_prefix(const shape& over, int depth, const State& start, Step step, Visitor visit) {
    if (over.elements(0, depth) == 0) return;
    std::array<State, shape::max_rank + 1> states{start};
    std::array<std::int32_t, shape::max_rank> index{};
    int axis = 0;
    for (;;) {
        for (; axis < depth; ++axis) {
            const auto x = static_cast<std::size_t>(axis);
            states[x + 1] = step(axis, index[x], states[x]);
        }
        visit(states[static_cast<std::size_t>(depth)]);
        for (--axis; axis >= 0 && ++index[static_cast<std::size_t>(axis)] == over[axis]; --axis)
            index[static_cast<std::size_t>(axis)] = 0;
        if (axis < 0) return;
    }
}

} // namespace ctq::inline CTQ_TARGET::op

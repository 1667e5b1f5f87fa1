#pragma once
// shape: the extents of a tensor, row-major, the last axis contiguous. Activations of images are NHWC.
// room: core | runs on: all | heap: no | a structural type, so a template argument can carry it

#include <ctq/core/diagnostics.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace ctq::inline CTQ_TARGET {

/// Up to `max_rank` extents, each >= 0. A default-made shape has rank 0: one element, a scalar.
struct shape {
    static constexpr int max_rank = 6;

    int rank = 0;
    std::array<std::int32_t, max_rank> extent{};

    constexpr shape() = default;
    constexpr shape(std::initializer_list<std::int32_t> extents) {
        for (std::int32_t value : extents) append(value);
    }

    constexpr std::int32_t operator[](int axis) const { return extent[static_cast<std::size_t>(axis)]; }
    constexpr std::int32_t& operator[](int axis) { return extent[static_cast<std::size_t>(axis)]; }

    constexpr void append(std::int32_t value) {
        require(rank < max_rank, "a shape has at most 6 axes; merge some of them");
        (*this)[rank++] = value;
    }

    /// Product of the extents from axis `first` up to, but without, axis `last`.
    constexpr std::int64_t elements(int first, int last) const {
        std::int64_t product = 1;
        for (int axis = first; axis < last; ++axis) product *= (*this)[axis];
        return product;
    }
    constexpr std::int64_t elements() const { return elements(0, rank); }

    /// `axis` counted from the end when negative, as ONNX does; faults when it is out of range.
    constexpr int normalized_axis(int axis) const {
        require(axis >= -rank && axis < rank, "the axis is out of the tensor's range; use -rank .. rank-1");
        return axis < 0 ? axis + rank : axis;
    }

    friend constexpr bool operator==(const shape&, const shape&) = default;
};

/// The shape of `a op b` under numpy's broadcasting: aligned at the last axis, an extent of 1 stretches.
constexpr shape broadcast(const shape& a, const shape& b) {
    const int rank = a.rank > b.rank ? a.rank : b.rank;
    shape result;
    for (int axis = 0; axis < rank; ++axis) {
        const int in_a = axis - (rank - a.rank), in_b = axis - (rank - b.rank);
        const std::int32_t from_a = in_a < 0 ? 1 : a[in_a], from_b = in_b < 0 ? 1 : b[in_b];
        require(from_a == from_b || from_a == 1 || from_b == 1,
                "the operands' shapes do not broadcast; make each pair of extents equal or one of them 1");
        result.append(from_a == 1 ? from_b : from_a);
    }
    return result;
}

/// Row-major strides, in elements.
constexpr std::array<std::int64_t, shape::max_rank> strides_of(const shape& of) {
    std::array<std::int64_t, shape::max_rank> strides{};
    std::int64_t step = 1;
    for (int axis = of.rank - 1; axis >= 0; --axis) {
        strides[static_cast<std::size_t>(axis)] = step;
        step *= of[axis];
    }
    return strides;
}

/// Strides by which a tensor of shape `of` is walked while the walk runs over the broadcast shape `over`.
constexpr std::array<std::int64_t, shape::max_rank> broadcast_strides(const shape& of, const shape& over) {
    const auto own = strides_of(of);
    std::array<std::int64_t, shape::max_rank> strides{};
    for (int axis = 0; axis < of.rank; ++axis) {
        const auto target = static_cast<std::size_t>(axis + over.rank - of.rank);
        strides[target] = of[axis] == 1 ? 0 : own[static_cast<std::size_t>(axis)];
    }
    return strides;
}

} // namespace ctq::inline CTQ_TARGET

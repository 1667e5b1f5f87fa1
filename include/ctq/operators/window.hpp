#pragma once
// A sliding window over the two image axes of an NHWC tensor: what convolution and pooling share.
// room: operators | runs on: all | heap: no

#include <ctq/core/diagnostics.hpp>
#include <ctq/core/integer.hpp>
#include <ctq/core/shape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::op {

using extents = std::array<std::int32_t, 2>; ///< rows, columns
using margins = std::array<std::int32_t, 4>; ///< top, left, bottom, right

/// A border of one value that is put around an image, and the least that an element of the image can be.
struct image_border {
    margins width{};
    float value = 0, least = 0;
};

/// Borrowed view of an operator's window attributes.
struct window {
    extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    margins padding{};

    constexpr std::int32_t span(std::size_t axis) const { return (kernel[axis] - 1) * dilation[axis] + 1; }

    /// Faults on attributes that no window can have, and on a window larger than the padded input.
    constexpr void validate(const shape& in) const {
        require(in.rank == 4, "the input must have 4 axes (batch, rows, columns, channels); reshape it");
        for (std::size_t axis = 0; axis < 2; ++axis) {
            require(kernel[axis] > 0, "kernel extents must be at least 1");
            require(stride[axis] > 0, "strides must be at least 1");
            require(dilation[axis] > 0, "dilations must be at least 1");
            require(kernel[axis] <= limit && stride[axis] <= limit && dilation[axis] <= limit,
                    "kernel, stride and dilation must be at most 65536");
            require(padding[axis] >= 0 && padding[axis + 2] >= 0, "pads must not be negative");
            require(padding[axis] <= limit && padding[axis + 2] <= limit, "pads must be at most 65536");
            const std::int64_t reach = std::int64_t{kernel[axis] - 1} * dilation[axis] + 1;
            const std::int64_t padded =
                std::int64_t{in[static_cast<int>(axis) + 1]} + padding[axis] + padding[axis + 2];
            require(reach <= padded, "the window is larger than the padded input; shrink kernel or dilation");
        }
    }

    constexpr std::int32_t output_extent(const shape& in, std::size_t axis) const {
        const std::int32_t padded = in[static_cast<int>(axis) + 1] + padding[axis] + padding[axis + 2];
        return (padded - span(axis)) / stride[axis] + 1;
    }

    constexpr shape output_shape(const shape& in, std::int32_t channels) const {
        validate(in);
        return {in[0], output_extent(in, 0), output_extent(in, 1), channels};
    }

    /// First input row (axis 0) or column (axis 1) under the window at output position `at`; may be outside.
    constexpr std::int32_t origin(std::size_t axis, std::int32_t at) const { return at * stride[axis] - padding[axis]; }

    /// How many of the window's cells lie before the image, where the first one is at `first`.
    constexpr std::int32_t cells_before_image(std::size_t axis, std::int32_t first) const {
        return first < 0 ? divide_up(-first, dilation[axis]) : 0;
    }

    /// Some of a window's cells along one axis: those with the numbers begin .. end - 1, none if end <= begin.
    struct cells {
        std::int32_t begin, end;
    };

    /// Those that lie in an image of this extent, where the first one is at `first`.
    constexpr cells cells_in_image(std::size_t axis, std::int32_t first, std::int32_t extent) const {
        const std::int32_t beyond = extent > first ? divide_up(extent - first, dilation[axis]) : 0;
        return {cells_before_image(axis, first), beyond < kernel[axis] ? beyond : kernel[axis]};
    }

    static constexpr std::int32_t limit = 65536;
};

/// Widens an operator's padding by a border; false, and nothing is done, where it would be wider than it may be.
template <class Op> constexpr bool widen_padding(Op& op, const margins& by) {
    for (std::size_t side = 0; side < by.size(); ++side)
        if (by[side] > window::limit - op.padding[side]) return false;
    for (std::size_t side = 0; side < by.size(); ++side) op.padding[side] += by[side];
    return true;
}

/// The window of any operator that has these four attributes.
template <class Op> constexpr window window_of(const Op& op) {
    window result{op.kernel, op.stride, {1, 1}, op.padding};
    if constexpr (requires { op.dilation; }) result.dilation = op.dilation;
    return result;
}

} // namespace ctq::inline CTQ_TARGET::op

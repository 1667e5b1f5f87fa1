#pragma once
// The walk over pooling windows that max_pool and average_pool share.
// room: operators | runs on: all | heap: no

#include <ctq/core/tensor.hpp>
#include <ctq/operators/window.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>

namespace ctq::inline CTQ_TARGET::op {

/// The input elements of one channel under one window; only cells inside the image are visited.
struct pooled_window {
    const window& over;
    const shape& in;
    std::int32_t image, row, column, channel; ///< row and column of the window's first cell, may be negative

    constexpr pooled_window(const window& w, const shape& of, std::int32_t n, std::int32_t y, std::int32_t x,
                            std::int32_t c)
        : over(w), in(of), image(n), row(y), column(x), channel(c) {}

    template <class Visitor> constexpr void for_each(Visitor visit) const {
        const std::int32_t down = over.dilation[0], right = over.dilation[1];
        const std::int32_t bottom = end(0, row), side = end(1, column), left = column + skipped(1, column) * right;
        for (std::int32_t y = row + skipped(0, row) * down; y < bottom; y += down)
            for (std::int32_t x = left; x < side; x += right)
                visit(static_cast<std::size_t>(((image * in[1] + y) * in[2] + x) * in[3] + channel));
    }

  private:
    /// Cells of the window before the image, along one axis.
    constexpr std::int32_t skipped(std::size_t axis, std::int32_t first) const {
        return first < 0 ? (over.dilation[axis] - 1 - first) / over.dilation[axis] : 0;
    }
    /// Where the window or the image ends, along one axis.
    constexpr std::int32_t end(std::size_t axis, std::int32_t first) const {
        const std::int32_t window_end = first + over.span(axis), image_end = in[static_cast<int>(axis) + 1];
        return window_end < image_end ? window_end : image_end;
    }
};

template <class Visitor>
constexpr void for_each_pooled(const window& over, const shape& in, const shape& out, Visitor visit) {
    std::size_t index = 0;
    for (std::int32_t image = 0; image < out[0]; ++image)
        for (std::int32_t y = 0; y < out[1]; ++y)
            for (std::int32_t x = 0; x < out[2]; ++x)
                for (std::int32_t channel = 0; channel < out[3]; ++channel)
                    visit(index++, pooled_window{over, in, image, over.origin(0, y), over.origin(1, x), channel});
}

/// True when the window at output position `at` covers a row (axis 0) or column (axis 1) of the image.
constexpr bool meets_image(const window& over, const shape& in, std::size_t axis, std::int32_t at) {
    const std::int32_t first = over.origin(axis, at), step = over.dilation[axis];
    const std::int32_t skipped = first < 0 ? (step - 1 - first) / step : 0;
    return skipped < over.kernel[axis] && first + skipped * step < in[static_cast<int>(axis) + 1];
}

/// The shape rule of both pools. Padding must be smaller than the kernel: each window then meets the image, unless it
/// is dilated so far that the image falls between its cells.
template <class Op> constexpr shape pooled_shape(const Op& op, shapes in) {
    require(in.size() == 1, "a pooling layer takes one input");
    const window over = window_of(op);
    const shape result = over.output_shape(in[0], in[0].rank == 4 ? in[0][3] : 0);
    for (std::size_t axis = 0; axis < 2; ++axis)
        require(over.padding[axis] < over.span(axis) && over.padding[axis + 2] < over.span(axis),
                "pads must be smaller than the kernel");
    for (std::size_t axis = 0; axis < 2; ++axis)
        for (std::int32_t at = 0; over.dilation[axis] > 1 && at < result[static_cast<int>(axis) + 1]; ++at)
            require(meets_image(over, in[0], axis, at),
                    "a window would lie between the image's cells; shrink dilations");
    return result;
}

} // namespace ctq::inline CTQ_TARGET::op

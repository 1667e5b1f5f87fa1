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
        const std::int32_t bottom = end(0, row), side = end(1, column);
        const std::int32_t top = row + over.cells_before_image(0, row) * down;
        const std::int32_t left = column + over.cells_before_image(1, column) * right;
        for (std::int32_t y = top; y < bottom; y += down)
            for (std::int32_t x = left; x < side; x += right)
                visit(static_cast<std::size_t>(((image * in[1] + y) * in[2] + x) * in[3] + channel));
    }

  private:
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
    const window::cells found = over.cells_in_image(axis, over.origin(axis, at), in[static_cast<int>(axis) + 1]);
    return found.begin < found.end;
}

/// True when the window does at each of `count` positions. Of those whose first cell is in the image the last one
/// tells; only as many as the padding allows begin before it. Cost: padding / stride.
constexpr bool all_meet_image(const window& over, const shape& in, std::size_t axis, std::int32_t count) {
    for (std::int32_t at = 0; at < count && over.origin(axis, at) < 0; ++at)
        if (!meets_image(over, in, axis, at)) return false;
    return count == 0 || meets_image(over, in, axis, count - 1);
}

/// Widens a pool's padding by a border; false, and nothing is done, where a window could then miss the image.
template <class Op> constexpr bool widen_pool_padding(Op& op, const margins& by) {
    Op wide = op;
    if (!widen_padding(wide, by)) return false;
    const window over = window_of(wide);
    for (std::size_t axis = 0; axis < 2; ++axis)
        if (over.dilation[axis] != 1 || over.padding[axis] >= over.span(axis) ||
            over.padding[axis + 2] >= over.span(axis))
            return false;
    op = wide;
    return true;
}

/// Cells that the windows read, of a window no more than the image has.
template <class Op> constexpr std::int64_t pooled_cells(const Op& op, const shape& in, const shape& out) {
    std::int64_t cells = out.elements();
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int32_t extent = in[static_cast<int>(axis) + 1];
        cells *= op.kernel[axis] < extent ? op.kernel[axis] : extent;
    }
    return cells;
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
        require(over.dilation[axis] == 1 || all_meet_image(over, in[0], axis, result[static_cast<int>(axis) + 1]),
                "a window would lie between the image's cells; shrink dilations");
    return result;
}

} // namespace ctq::inline CTQ_TARGET::op

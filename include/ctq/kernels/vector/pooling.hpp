#pragma once
// The windows of a pool, cut at the image's edge, and their channels by vectors: what max_pool and average_pool share.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/vector/plan.hpp>
#include <ctq/kernels/vector/unroll.hpp>
#include <ctq/operators/window.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

struct pooling_plan {
    std::ptrdiff_t images = 1, height = 1, width = 1, channels = 1, lines = 1, columns = 1;
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    leading_margins padding{};
    bool count_padding = false;

    constexpr op::window over() const { return {kernel, stride, dilation, {padding.top, padding.left, 0, 0}}; }

    /// The cells inside the image of the window at output position `at`, along one axis.
    constexpr op::window::cells inside(std::size_t axis, std::ptrdiff_t at) const {
        const op::window w = over();
        return w.cells_in_image(axis, w.origin(axis, static_cast<std::int32_t>(at)),
                                static_cast<std::int32_t>(axis == 0 ? height : width));
    }
};

template <class Op> constexpr pooling_plan plan_pooling(const node_facts<Op>& facts) {
    const shape &in = facts.inputs[0].shape, &out = facts.outputs[0].shape;
    const op::window over = op::window_of(facts.op);
    pooling_plan plan{in[0],       in[1],       in[2],         in[3],        out[1], out[2],
                      over.kernel, over.stride, over.dilation, over.padding, false};
    if constexpr (requires { facts.op.count_padding; }) plan.count_padding = facts.op.count_padding;
    return plan;
}

/// A window's cells inside the image: rows x columns pixels from `first` on.
struct pool_window {
    const std::int8_t* first;
    std::ptrdiff_t rows, columns, row_step, column_step;

    constexpr std::ptrdiff_t count() const { return rows > 0 && columns > 0 ? rows * columns : 0; }

    template <class Visitor> CTQ_ALWAYS_INLINE inline void for_each(Visitor&& visit) const {
        for (std::ptrdiff_t row = 0; row < rows; ++row)
            for (std::ptrdiff_t column = 0; column < columns; ++column)
                visit(first + row * row_step + column * column_step);
    }
};

/// Calls visit(window, output pixel) for every output pixel.
template <class Visitor>
CTQ_ALWAYS_INLINE inline void for_each_window(const pooling_plan& plan, const std::int8_t* in, std::int8_t* out,
                                              Visitor&& visit) {
    const std::ptrdiff_t row = plan.width * plan.channels;
    for (std::ptrdiff_t image = 0; image < plan.images; ++image, in += plan.height * row)
        for (std::ptrdiff_t y = 0; y < plan.lines; ++y) {
            const auto [top, bottom] = plan.inside(0, y);
            const std::ptrdiff_t first_row = y * plan.stride[0] - plan.padding[0] + top * plan.dilation[0];
            for (std::ptrdiff_t x = 0; x < plan.columns; ++x, out += plan.channels) {
                const auto [left, right] = plan.inside(1, x);
                const std::ptrdiff_t first_column = x * plan.stride[1] - plan.padding[1] + left * plan.dilation[1];
                visit(pool_window{in + (first_row * plan.width + first_column) * plan.channels, bottom - top,
                                  right - left, plan.dilation[0] * row, plan.dilation[1] * plan.channels},
                      out);
            }
        }
}

/// Calls body(first) for pieces of `width` channels that cover 0 .. channels - 1; the last one overlaps the one before.
/// channels >= width.
template <class Body>
CTQ_ALWAYS_INLINE inline void each_piece(std::ptrdiff_t channels, std::ptrdiff_t width, Body&& body) {
    for (std::ptrdiff_t first = 0; first < channels; first += width)
        body(first + width <= channels ? first : channels - width);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

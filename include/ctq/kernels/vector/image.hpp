#pragma once
// The copy of an activation image that weighted kernels read: widened to the tile's element, with a border of the zero
// point, so that no kernel asks where the image ends.
// room: kernels | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/kernels/kernel.hpp>
#include <ctq/kernels/vector/plan.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// How the copy of one image (of the batch) is laid out.
///
/// Direct: rows x columns pixels of `inputs` channels, window after window reads the same bytes.
/// Gathered: for each output pixel and kernel row the activations under it, side by side, in a row of `gathered_row`
/// elements; for windows whose columns do not lie side by side, and where few of the pixels are read.
struct image_plan {
    std::ptrdiff_t height = 1, width = 1, depth = 1; ///< of the input
    std::ptrdiff_t inputs = 1;                       ///< channels that are copied
    std::ptrdiff_t rows = 1, columns = 1;            ///< of the copy
    std::ptrdiff_t out_rows = 1, out_columns = 1;
    op::extents kernel{1, 1}, stride{1, 1}, dilation{1, 1};
    leading_margins padding{};
    bool gathered = false;
    std::ptrdiff_t gathered_row = 0;

    /// Elements that kernels may read past the last one that is written.
    static constexpr std::ptrdiff_t slack = 128;

    constexpr std::ptrdiff_t elements() const {
        return gathered ? out_rows * out_columns * kernel[0] * gathered_row : rows * columns * inputs;
    }
    constexpr std::size_t bytes(std::size_t element_size) const {
        return round_up_to(static_cast<std::size_t>(elements() + slack) * element_size, alignment);
    }
};

/// Copies whole channels of the image at `from`, row by row (image_row, tile.hpp). `to` has room for plan.bytes().
template <class Row, class Element = typename Row::layout::element>
void copy_direct(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    const std::ptrdiff_t row_length = plan.columns * plan.inputs;
    const auto at_most = [](std::ptrdiff_t value, std::ptrdiff_t most) { return value < most ? value : most; };
    const std::ptrdiff_t left = at_most(plan.padding[1], plan.columns);
    const std::ptrdiff_t inside = at_most(plan.width, plan.columns - left), right = plan.columns - left - inside;
    const std::ptrdiff_t top = plan.padding[0];
    if (left == 0 && right == 0 && inside == plan.width && top == 0 && plan.rows <= plan.height)
        return Row::widen(to, from, plan.rows * row_length);
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row, to += row_length) {
        if (row < top || row - top >= plan.height) {
            Row::fill(to, border, row_length);
            continue;
        }
        Row::fill(to, border, left * plan.inputs);
        Row::widen(to + left * plan.inputs, from + (row - top) * plan.width * plan.inputs, inside * plan.inputs);
        Row::fill(to + (left + inside) * plan.inputs, border, right * plan.inputs);
    }
}

template <class Row, class Element = typename Row::layout::element>
void copy_gathered(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    for (std::ptrdiff_t y = 0; y < plan.out_rows; ++y)
        for (std::ptrdiff_t x = 0; x < plan.out_columns; ++x)
            for (std::ptrdiff_t ky = 0; ky < plan.kernel[0]; ++ky, to += plan.gathered_row) {
                const std::ptrdiff_t row = y * plan.stride[0] - plan.padding[0] + ky * plan.dilation[0];
                std::ptrdiff_t column = x * plan.stride[1] - plan.padding[1];
                for (std::ptrdiff_t kx = 0; kx < plan.kernel[1]; ++kx, column += plan.dilation[1]) {
                    const bool inside = row >= 0 && row < plan.height && column >= 0 && column < plan.width;
                    if (inside)
                        Row::widen(to + kx * plan.inputs, from + (row * plan.width + column) * plan.depth, plan.inputs);
                    else
                        Row::fill(to + kx * plan.inputs, border, plan.inputs);
                }
            }
}

/// Copies plan.inputs channels of one image, the first of them at `from`.
template <class Row, class Element = typename Row::layout::element>
void copy_image(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    if (plan.gathered)
        copy_gathered<Row>(plan, from, to, border);
    else
        copy_direct<Row>(plan, from, to, border);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

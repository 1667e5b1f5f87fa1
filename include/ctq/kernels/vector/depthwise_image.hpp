#pragma once
// The copy of an image that depthwise convolutions read: a border of the zero point, and where columns are skipped, the
// columns sorted by phase.
// room: kernels | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/kernels/vector/depthwise_plan.hpp>
#include <ctq/kernels/vector/image.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// Where the pixels of one phase go, from the start of a row of the copy: `count` of them at `first`.
struct phase_place {
    std::ptrdiff_t start, first, count;
};

/// The phase of the input's column `column` < plan.phases.
constexpr phase_place place_of(const depthwise_plan& plan, std::ptrdiff_t column) {
    const std::ptrdiff_t at = column + plan.padding[1], first = at / plan.phases;
    const std::ptrdiff_t room = plan.phase_columns > first ? plan.phase_columns - first : 0;
    const std::ptrdiff_t there = column < plan.width ? divide_up(plan.width - column, plan.phases) : 0;
    return {at % plan.phases * plan.phase_columns, plan.phase_columns - room, there < room ? there : room};
}

/// Fills what is beside the pixels of a phase in one row.
template <class Row, class Element = typename Row::layout::element>
void fill_beside(const depthwise_plan& plan, const phase_place& place, Element* row, Element border) {
    const std::ptrdiff_t channels = plan.channels, end = place.first + place.count;
    Row::fill(row + place.start * channels, border, place.first * channels);
    Row::fill(row + (place.start + end) * channels, border, (plan.phase_columns - end) * channels);
}

/// Calls copy(source row, row of the copy) for the rows that are inside the image and fills the others of a phase.
template <class Row, class Copy, class Element = typename Row::layout::element>
void for_each_row(const depthwise_plan& plan, const phase_place& place, const std::int8_t* from, Element* to,
                  Element border, Copy copy) {
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row, to += plan.row_length()) {
        const std::ptrdiff_t source = row - plan.padding[0];
        if (source >= 0 && source < plan.height) {
            fill_beside<Row>(plan, place, to, border);
            copy(from + source * plan.width * plan.channels, to);
        } else {
            Row::fill(to + place.start * plan.channels, border, plan.phase_columns * plan.channels);
        }
    }
}

/// Copies every `step`-th pixel of a row.
template <class Row, class Element = typename Row::layout::element>
void copy_pixels(const std::int8_t* from, Element* to, std::ptrdiff_t count, std::ptrdiff_t channels,
                 std::ptrdiff_t step) {
    for (std::ptrdiff_t i = 0; i < count; ++i) Row::widen(to + i * channels, from + i * step * channels, channels);
}

/// Copies one image: a border of the zero point, columns sorted by phase.
template <class Row, class Element = typename Row::layout::element>
void copy_phases(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
    const std::ptrdiff_t channels = plan.channels;
    for (std::ptrdiff_t column = 0; column < plan.phases; ++column) {
        const phase_place place = place_of(plan, column);
        for_each_row<Row>(plan, place, from, to, border, [&](const std::int8_t* pixels, Element* row) {
            copy_pixels<Row>(pixels + column * channels, row + (place.start + place.first) * channels, place.count,
                             channels, plan.phases);
        });
    }
}

/// Copies one image, in the unit's own way where it has one.
template <class Unit, class Element = typename Unit::row::layout::element>
void copy_depthwise(const depthwise_plan& plan, const std::int8_t* from, Element* to, Element border) {
    if constexpr (requires { Unit::copy_two_phases(plan, from, to, border); })
        if (plan.phases == 2 && (plan.channels == 8 || plan.channels == 16 || plan.channels == 32))
            return Unit::copy_two_phases(plan, from, to, border);
    if (plan.phases > 1) return copy_phases<typename Unit::row>(plan, from, to, border);
    image_plan image;
    image.height = plan.height;
    image.width = plan.width;
    image.inputs = plan.channels;
    image.rows = plan.rows;
    image.columns = plan.phase_columns;
    image.padding = plan.padding;
    copy_direct<typename Unit::row>(image, from, to, border);
}

} // namespace ctq::inline CTQ_TARGET::kernels::vector

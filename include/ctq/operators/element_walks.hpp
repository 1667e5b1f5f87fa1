#pragma once
// element_walks: the elements of a tensor one after the other, by strides or by runs that share an index.
// room: operators | runs on: all | heap: no

#include <ctq/core/shape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::op {

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

} // namespace ctq::inline CTQ_TARGET::op

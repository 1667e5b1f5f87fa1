#pragma once
// resize_nearest: a tensor resampled along some axes, each element the nearest one of the source.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/resizing.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// Which of two elements a place between them is nearest to.
enum class nearest_rounding : std::uint8_t {
    prefer_floor,       ///< the nearer one, of two as near the first
    prefer_ceil,        ///< the nearer one, of two as near the second
    floor,              ///< the first
    ceil,               ///< the second
    ceil_where_smaller, ///< the second along axes whose scale is below 1, else the first
};

constexpr std::int32_t nearest_of(const source_place& place, nearest_rounding how, float scale) {
    const auto is_second = [&] {
        switch (how) {
        case nearest_rounding::prefer_floor:
            return place.fraction > 0.5f;
        case nearest_rounding::prefer_ceil:
            return place.fraction >= 0.5f;
        case nearest_rounding::ceil:
            return place.fraction > 0;
        case nearest_rounding::ceil_where_smaller:
            return scale < 1 && place.fraction > 0;
        default:
            return false;
        }
    };
    return place.first + (is_second() ? 1 : 0);
}

/// The input with `extent` elements along each axis where that is not 0, those of the places that `mode` says. Integer
/// meaning: the same elements, exact, by a table of the indices. Cost: a read and a write an element.
struct resize_nearest {
    static constexpr std::string_view name = "resize_nearest";
    static constexpr std::string_view cpp_name = "ctq::op::resize_nearest";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input,
                                            .roles = {operand_role::operand, operand_role::parameter},
                                            .moves_elements = true};

    axis_extents extent{};
    axis_scales scale{}; ///< result over source, of the axes that are resized
    coordinates mode = coordinates::half_pixel;
    nearest_rounding rounds = nearest_rounding::prefer_floor;

    static constexpr auto attributes =
        attribute_list{attribute{"extent", &resize_nearest::extent}, attribute{"scale", &resize_nearest::scale},
                       attribute{"mode", &resize_nearest::mode}, attribute{"rounds", &resize_nearest::rounds}};

    friend constexpr bool operator==(const resize_nearest&, const resize_nearest&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    constexpr std::int32_t source_index(const shape& in, int axis, std::int32_t index) const {
        const resized_axis along = axis_of(*this, in, axis);
        return nearest_of(source_place_of(mode, along, index), rounds, along.scale);
    }

    /// `source(axis, index)`: of an axis that is resized.
    template <class T, class Source>
    constexpr void pick(const const_tensor& in, const tensor& out, Source source) const {
        const int depth = resized_depth(*this, in.shape().rank);
        const auto strides = strides_of(in.shape());
        const std::int64_t length = in.shape().elements(depth, in.shape().rank);
        T* to = out.as<T>();
        for_each_prefix(
            out.shape(), depth, std::int64_t{0},
            [&](int axis, std::int32_t index, std::int64_t offset) {
                return offset +
                       strides[static_cast<std::size_t>(axis)] * (resizes(*this, axis) ? source(axis, index) : index);
            },
            [&](std::int64_t offset) {
                for (std::int64_t i = 0; i < length; ++i) *to++ = in.as<T>()[offset + i];
            });
    }

  public:
    constexpr shape output_shape(shapes in) const { return resized_shape(*this, in); }

    constexpr void compute(const_tensors in, tensors out) const {
        with_element_type(out[0].facts.type, [&](auto each) {
            pick<decltype(each)>(in[0], out[0],
                                 [&](int axis, std::int32_t i) { return source_index(in[0].shape(), axis, i); });
        });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const std::int32_t* table = in[1].as<std::int32_t>();
        const auto starts = table_starts(*this, in[0].shape().rank);
        pick<element<S.y>>(in[0], out[0],
                           [&](int axis, std::int32_t i) { return table[starts[static_cast<std::size_t>(axis)] + i]; });
    }

    /// The table: for each axis that is resized the index of the source for each of the result.
    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape& in = node.input(0).shape;
        const std::int32_t size = table_starts(*this, in.rank)[static_cast<std::size_t>(in.rank)];
        auto table = node.template list<std::int32_t>(static_cast<std::size_t>(size));
        std::size_t at = 0;
        for (int axis = 0; axis < in.rank; ++axis)
            for (std::int32_t i = 0; i < extent[static_cast<std::size_t>(axis)]; ++i)
                table[at++] = source_index(in, axis, i);
        node.keep(0);
        node.append("table", shape{size}, table);
        return {};
    }

    constexpr resize_nearest permuted(std::span<const std::int32_t> permutation) const {
        return permuted_resize(*this, permutation);
    }
};

} // namespace ctq::inline CTQ_TARGET::op

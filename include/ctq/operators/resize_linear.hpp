#pragma once
// resize_linear: a tensor resampled along some axes, by lines between the elements of the source.
// room: operators | runs on: all | heap: only where the table is made (compiler, host)

#include <ctq/core/requantize.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/resizing.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Elements of the source with a weight each, whose weighted sum is an element of the result: two along each axis.
template <class Weight> struct corner_set {
    static constexpr int most_axes = 3;

    int count = 0;
    std::array<std::size_t, 1 << most_axes> offset{};
    std::array<Weight, 1 << most_axes> weight{};

    /// All corners, moved by `distance` and weighted; without a weight there is none.
    constexpr void append(const corner_set& from, std::size_t distance, Weight by) {
        if (by == 0) return;
        for (int i = 0; i < from.count; ++i, ++count) {
            offset[static_cast<std::size_t>(count)] = from.offset[static_cast<std::size_t>(i)] + distance;
            weight[static_cast<std::size_t>(count)] = from.weight[static_cast<std::size_t>(i)] * by;
        }
    }
};

/// An element of the source along one axis and the next one, with their weights.
template <class Weight> struct weighted_pair {
    std::int32_t first = 0;
    Weight of_first{}, of_second{};
};

/// The place in TFLite's steps of 2^-10 (RESIZE_BILINEAR): of a ratio of integers, so its error grows along the axis.
constexpr std::int64_t tflite_place_of(coordinates how, const resized_axis& axis, std::int32_t index) {
    const bool aligned = how == coordinates::align_corners && axis.to > 1;
    const std::int64_t from = aligned ? axis.from - 1 : axis.from, to = aligned ? axis.to - 1 : axis.to;
    const std::int64_t step = (from * 1024 + to / 2) / to;
    const bool centred = how != coordinates::align_corners && how != coordinates::asymmetric;
    const std::int64_t place = index * step + (centred ? step / 2 - 512 : 0), last = std::int64_t{axis.from - 1} * 1024;
    return place < 0 ? 0 : place > last ? last : place;
}

/// True where TFLite has the coordinates: with the scale that the extents have.
constexpr bool is_of_tflite(coordinates how, const resized_axis& axis) {
    if (how == coordinates::align_corners) return true;
    if (how == coordinates::half_pixel_for_nearest || (how == coordinates::pytorch_half_pixel && axis.to == 1))
        return false;
    return axis.scale == static_cast<float>(axis.to) / static_cast<float>(axis.from);
}

/// The input with `extent` elements along each axis where that is not 0, at most 3 axes, each the mean of the nearest
/// elements of the source by their distance. Integer meaning: the sum of the integers under weights of 15 bits along
/// one or two axes, 10 along three, rounded once, halves away from zero; under TFLite's rounding RESIZE_BILINEAR, whose
/// places have 10. Cost: 2, 4 or 8 reads and products an element; the places are worked out once an axis.
struct resize_linear {
    static constexpr std::string_view name = "resize_linear";
    static constexpr std::string_view cpp_name = "ctq::op::resize_linear";
    static constexpr operator_traits traits{.output_range = range_rule::same_as_input,
                                            .roles = {operand_role::operand, operand_role::parameter}};

    axis_extents extent{};
    axis_scales scale{}; ///< result over source, of the axes that are resized
    coordinates mode = coordinates::half_pixel;

    static constexpr auto attributes =
        attribute_list{attribute{"extent", &resize_linear::extent}, attribute{"scale", &resize_linear::scale},
                       attribute{"mode", &resize_linear::mode}};

    friend constexpr bool operator==(const resize_linear&, const resize_linear&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    /// `pair(axis, index)`: the weighted pair of an axis that is resized; `finish(corners, i)`: element i behind them.
    template <class T, class Weight, class Pair, class Finish>
    constexpr void interpolate(const const_tensor& in, const tensor& out, Pair pair, Finish finish) const {
        using corners = corner_set<Weight>;
        const int depth = resized_depth(*this, in.shape().rank);
        const auto strides = strides_of(in.shape());
        const auto length = static_cast<std::size_t>(in.shape().elements(depth, in.shape().rank));
        T* to = out.as<T>();
        for_each_prefix(
            out.shape(), depth, corners{1, {0}, {Weight{1}}},
            [&](int axis, std::int32_t index, const corners& before) {
                const auto stride = static_cast<std::size_t>(strides[static_cast<std::size_t>(axis)]);
                corners result;
                if (!resizes(*this, axis)) {
                    result.append(before, static_cast<std::size_t>(index) * stride, Weight{1});
                    return result;
                }
                const weighted_pair<Weight> along = pair(axis, index);
                result.append(before, static_cast<std::size_t>(along.first) * stride, along.of_first);
                result.append(before, static_cast<std::size_t>(along.first + 1) * stride, along.of_second);
                return result;
            },
            [&](const corners& at) {
                for (std::size_t i = 0; i < length; ++i) *to++ = finish(at, i);
            });
    }

    /// The weight of a pair's second element, of 2^bits.
    template <signature S>
    constexpr weighted_pair<std::int32_t> integer_pair(const shape& in, int axis, std::int32_t index) const {
        const resized_axis along = axis_of(*this, in, axis);
        const std::int32_t one = 1 << weight_bits<S>(in.rank);
        if (S.how == rounding::double_rounding && is_of_tflite(mode, along)) {
            const std::int64_t place = tflite_place_of(mode, along, index);
            const auto second = static_cast<std::int32_t>(place % 1024);
            return {static_cast<std::int32_t>(place / 1024), 1024 - second, second};
        }
        const source_place place = source_place_of(mode, along, index);
        const auto second = ctq::nearest<std::int32_t>(static_cast<double>(place.fraction) * one);
        return {place.first, one - second, second};
    }

  public:
    /// Bits of a weight along one axis: all of an element together have 30.
    template <signature S> constexpr int weight_bits(int rank) const {
        return S.how == rounding::double_rounding || resized_count(*this, rank) > 2 ? 10 : 15;
    }

    constexpr shape output_shape(shapes in) const {
        const shape result = resized_shape(*this, in);
        require(resized_count(*this, result.rank) <= corner_set<float>::most_axes,
                "a linear resize is along 3 axes at most; use two of them");
        return result;
    }

    constexpr void compute(const_tensors in, tensors out) const {
        const float* from = in[0].as<float>();
        interpolate<float, float>(
            in[0], out[0],
            [&](int axis, std::int32_t index) {
                const source_place place = source_place_of(mode, axis_of(*this, in[0].shape(), axis), index);
                return weighted_pair<float>{place.first, 1 - place.fraction, place.fraction};
            },
            [&](const corner_set<float>& at, std::size_t i) {
                float sum = exact(at.weight[0] * from[at.offset[0] + i]);
                for (std::size_t k = 1; k < static_cast<std::size_t>(at.count); ++k)
                    sum += exact(at.weight[k] * from[at.offset[k] + i]);
                return sum;
            });
    }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const {
        const int rank = in[0].shape().rank, bits = weight_bits<S>(rank), shift = bits * resized_count(*this, rank);
        const std::int64_t half = (std::int64_t{1} << shift) >> 1;
        const auto* from = in[0].as<element<S.x>>();
        const std::int32_t* table = in[1].as<std::int32_t>();
        const auto starts = table_starts(*this, in[0].shape().rank);
        interpolate<element<S.y>, std::int32_t>(
            in[0], out[0],
            [&](int axis, std::int32_t index) {
                const std::int32_t* entry = table + 2 * (starts[static_cast<std::size_t>(axis)] + index);
                return weighted_pair<std::int32_t>{entry[0], (1 << bits) - entry[1], entry[1]};
            },
            [&](const corner_set<std::int32_t>& at, std::size_t i) {
                std::int64_t sum = 0;
                for (std::size_t k = 0; k < static_cast<std::size_t>(at.count); ++k)
                    sum += std::int64_t{at.weight[k]} * from[at.offset[k] + i];
                return static_cast<element<S.y>>(sum < 0 ? -((half - sum) >> shift) : (sum + half) >> shift);
            });
    }

    /// The weights are positive and together 2^30 at most, so that a sum is within 2^30 of the farthest integers.
    template <signature S>
    requires same_stored_types<S>
    constexpr bool never_overflows(const nothing_lowered&, const_tensors in, const tensor_facts&) const {
        const int rank = in[0].shape().rank, shift = weight_bits<S>(rank) * resized_count(*this, rank);
        const limits& range = in[0].facts.range;
        const std::int64_t below = -std::int64_t{range.low}, above = range.high,
                           farthest = below > above ? below : above;
        return farthest <= (std::numeric_limits<std::int64_t>::max() >> shift) - 1;
    }

    /// The table: for each axis that is resized, and each index of the result, the first element of its pair and the
    /// weight of the second.
    template <signature S, lowering_view Node>
    requires same_stored_types<S>
    constexpr nothing_lowered lower(Node& node) const {
        const shape& in = node.input(0).shape;
        const std::int32_t size = table_starts(*this, in.rank)[static_cast<std::size_t>(in.rank)];
        auto table = node.template list<std::int32_t>(2 * static_cast<std::size_t>(size));
        std::size_t at = 0;
        for (int axis = 0; axis < in.rank; ++axis)
            for (std::int32_t i = 0; i < extent[static_cast<std::size_t>(axis)]; ++i) {
                const weighted_pair<std::int32_t> pair = integer_pair<S>(in, axis, i);
                table[at++] = pair.first;
                table[at++] = pair.of_second;
            }
        node.keep(0);
        node.append("table", shape{size, 2}, table);
        return {};
    }

    constexpr resize_linear permuted(std::span<const std::int32_t> permutation) const {
        return permuted_resize(*this, permutation);
    }
};

} // namespace ctq::inline CTQ_TARGET::op

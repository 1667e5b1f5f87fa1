#pragma once
// What gives elements another shape: Reshape, Flatten, and Squeeze and Unsqueeze, whose axes are an attribute before
// version 13 and an input from then on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/axes.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/reshape.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// What -1 stands for in a shape whose other extents are `known`.
template <source_node Node> std::int32_t open_extent(const Node& in, const shape& from, const shape& known) {
    in.check(known.elements() > 0 && from.elements() % known.elements() == 0,
             "the number of elements is not divisible by the given extents");
    return static_cast<std::int32_t>(from.elements() / known.elements());
}

/// 0 keeps the input's extent (unless allowzero), -1 takes what is left.
template <source_node Node> shape asked_for(const Node& in, const std::vector<std::int32_t>& extents) {
    const shape from = in.shape_of(0);
    in.support(extents.size() <= shape::max_rank, "at most 6 axes are supported");
    shape result;
    int open = -1;
    for (std::size_t i = 0; i < extents.size(); ++i) {
        const auto axis = static_cast<int>(i);
        in.check(extents[i] >= -1, "an extent of the shape must be -1, 0 or more");
        in.check(extents[i] != -1 || open < 0, "only one extent of the shape may be -1");
        const bool keep = extents[i] == 0 && in.integer("allowzero", 0) == 0;
        in.check(!keep || axis < from.rank, "an extent of 0 needs an input axis to copy");
        if (extents[i] == -1) open = axis;
        result.append(extents[i] == -1 ? 1 : keep ? from[axis] : extents[i]);
        in.check(result.elements() <= from.elements(), "reshape must keep the number of elements");
    }
    if (open >= 0) result[open] = open_extent(in, from, result);
    return result;
}

/// Without axes all of extent 1 go.
template <source_node Node> void finish_squeeze(Node& in, const std::vector<std::int32_t>& given) {
    const shape from = in.shape_of(0);
    const op::axis_set axes = axis_set_of(in, given, from);
    shape result;
    for (int axis = 0; axis < from.rank; ++axis) {
        in.check(given.empty() || !axes.contains(axis) || from[axis] == 1, "only axes of extent 1 can be squeezed");
        if (!axes.contains(axis) || from[axis] != 1) result.append(from[axis]);
    }
    in.finish(in.reshape(in.input(0), result));
}

/// The axes are those of the result.
template <source_node Node> void finish_unsqueeze(Node& in, const std::vector<std::int32_t>& given) {
    const shape from = in.shape_of(0);
    const std::size_t rank = static_cast<std::size_t>(from.rank) + given.size();
    in.support(rank <= shape::max_rank, "at most 6 axes are supported");
    in.check(!given.empty(), "axes are required");
    shape widened;
    for (std::size_t i = 0; i < rank; ++i) widened.append(1);
    const op::axis_set axes = axis_set_of(in, given, widened);
    for (int axis = 0, source = 0; axis < widened.rank; ++axis)
        if (!axes.contains(axis)) widened[axis] = from[source++];
    in.finish(in.reshape(in.input(0), widened));
}

} // namespace detail

struct reshape : translation_to<op::reshape> {
    static constexpr std::string_view name = "Reshape";
    static constexpr version_range versions{5};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.is_constant(1), "the shape must be constant");
        in.finish(in.reshape(in.input(0), detail::asked_for(in, in.constant_integers(1))));
    }
};

struct flatten : translation_to<op::reshape> {
    static constexpr std::string_view name = "Flatten";

    template <source_node Node> static void translate(Node& in) {
        const shape from = in.shape_of(0);
        const std::int32_t axis = in.integer("axis", 1);
        in.check(axis >= -from.rank && axis <= from.rank, "axis must be within -rank .. rank");
        const int cut = axis < 0 ? axis + from.rank : axis;
        in.finish(in.reshape(in.input(0), {static_cast<std::int32_t>(from.elements(0, cut)),
                                           static_cast<std::int32_t>(from.elements(cut, from.rank))}));
    }
};

struct squeeze : translation_to<op::reshape> {
    static constexpr std::string_view name = "Squeeze";
    static constexpr version_range versions{13};

    template <source_node Node> static void translate(Node& in) { detail::finish_squeeze(in, axes_by_input(in)); }
};

struct squeeze_by_attributes : translation_to<op::reshape> {
    static constexpr std::string_view name = "Squeeze";
    static constexpr version_range versions{1, 12};

    template <source_node Node> static void translate(Node& in) { detail::finish_squeeze(in, axes_by_attribute(in)); }
};

struct unsqueeze : translation_to<op::reshape> {
    static constexpr std::string_view name = "Unsqueeze";
    static constexpr version_range versions{13};

    template <source_node Node> static void translate(Node& in) { detail::finish_unsqueeze(in, axes_by_input(in)); }
};

struct unsqueeze_by_attributes : translation_to<op::reshape> {
    static constexpr std::string_view name = "Unsqueeze";
    static constexpr version_range versions{1, 12};

    template <source_node Node> static void translate(Node& in) { detail::finish_unsqueeze(in, axes_by_attribute(in)); }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

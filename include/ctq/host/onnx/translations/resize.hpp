#pragma once
// Resize, and Upsample, which is what it was before version 10.
// room: host | runs on: host | heap: yes

#include <ctq/core/elementary.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/resize_linear.hpp>
#include <ctq/operators/resize_nearest.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// The axes that a node names, all of them if it names none, and what each becomes.
struct asked_axes {
    std::vector<int> axes;
    op::axis_extents extent{};
    op::axis_scales scale{};
};

template <source_node Node> asked_axes axes_of_resize(const Node& in, const std::vector<std::int32_t>& named) {
    asked_axes result;
    const shape from = in.shape_of(0);
    for (const std::int32_t each : named) {
        const int axis = from.normalized_axis(each);
        in.check(std::find(result.axes.begin(), result.axes.end(), axis) == result.axes.end(), "axes must not repeat");
        result.axes.push_back(axis);
    }
    if (named.empty())
        for (int axis = 0; axis < from.rank; ++axis) result.axes.push_back(axis);
    return result;
}

/// An extent under a scale that is not known to give one.
template <source_node Node> std::int32_t checked_extent(const Node& in, double extent) {
    in.support(extent >= 1, "scales that leave an axis without elements are not supported");
    in.support(extent <= 1 << 24, "an axis of more than 16777216 elements is not supported");
    return static_cast<std::int32_t>(extent);
}

/// Input i, a constant list.
template <source_node Node> std::vector<float> scales_of(const Node& in, std::size_t i) {
    in.check(in.shape_of(i).elements() <= shape::max_rank, "there must be a scale for each axis");
    return in.constant_reals(i);
}

template <source_node Node> void resize_by_scales(const Node& in, asked_axes& to, const std::vector<float>& scales) {
    in.check(scales.size() == to.axes.size(), "there must be a scale for each axis");
    for (std::size_t i = 0; i < scales.size(); ++i) {
        in.check(scales[i] > 0 && elementary::is_finite(scales[i]), "scales must be positive and finite");
        const auto axis = static_cast<std::size_t>(to.axes[i]);
        const float whole = scales[i] * static_cast<float>(in.shape_of(0)[to.axes[i]]);
        to.scale[axis] = scales[i];
        to.extent[axis] = checked_extent(in, elementary::floor(static_cast<double>(whole)));
    }
}

/// Sizes for all axes alike under one scale, the smallest or the largest of those that they ask for.
template <source_node Node> void keep_aspect_ratio(const Node& in, asked_axes& to, bool by_smallest) {
    float scale = to.axes.empty() ? 1.0f : to.scale[static_cast<std::size_t>(to.axes.front())];
    for (const int axis : to.axes) {
        const float own = to.scale[static_cast<std::size_t>(axis)];
        if (by_smallest ? own < scale : own > scale) scale = own;
    }
    for (const int axis : to.axes) {
        const float whole = scale * static_cast<float>(in.shape_of(0)[axis]);
        to.scale[static_cast<std::size_t>(axis)] = scale;
        to.extent[static_cast<std::size_t>(axis)] =
            checked_extent(in, elementary::round_half_away(static_cast<double>(whole)));
    }
}

template <source_node Node>
void resize_to_sizes(const Node& in, asked_axes& to, const std::vector<std::int32_t>& sizes) {
    in.check(sizes.size() == to.axes.size(), "there must be a size for each axis");
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(to.axes[i]);
        in.check(sizes[i] > 0, "sizes must be positive");
        to.extent[axis] = sizes[i];
        to.scale[axis] = static_cast<float>(sizes[i]) / static_cast<float>(in.shape_of(0)[to.axes[i]]);
    }
    const auto policy = in.string("keep_aspect_ratio_policy", "stretch");
    in.check(policy == "stretch" || policy == "not_larger" || policy == "not_smaller",
             "keep_aspect_ratio_policy must be stretch, not_larger or not_smaller");
    if (policy != "stretch") keep_aspect_ratio(in, to, policy == "not_larger");
}

/// Axes that keep their extent under a scale of 1 keep their elements.
inline void drop_kept_axes(asked_axes& to, const shape& from) {
    for (const int axis : to.axes) {
        const auto x = static_cast<std::size_t>(axis);
        if (to.extent[x] == from[axis] && to.scale[x] == 1) to.extent[x] = 0;
        if (to.extent[x] == 0) to.scale[x] = 0;
    }
}

template <source_node Node>
void finish_resize(Node& in, asked_axes to, op::coordinates mode, op::nearest_rounding rounds) {
    const auto how = in.string("mode", "nearest");
    in.check(how == "nearest" || how == "linear" || how == "cubic", "mode must be nearest, linear or cubic");
    in.support(how != "cubic", "mode cubic is not supported");
    drop_kept_axes(to, in.shape_of(0));
    if (std::count(to.extent.begin(), to.extent.end(), 0) == shape::max_rank)
        in.finish(in.emit(op::identity{}, {in.input(0)}));
    else if (how == "linear")
        in.finish(in.emit(op::resize_linear{to.extent, to.scale, mode}, {in.input(0)}));
    else
        in.finish(in.emit(op::resize_nearest{to.extent, to.scale, mode, rounds}, {in.input(0)}));
}

template <source_node Node> op::coordinates coordinates_of(const Node& in) {
    const auto mode = in.string("coordinate_transformation_mode", "half_pixel");
    in.support(mode != "tf_crop_and_resize", "coordinate_transformation_mode tf_crop_and_resize is not supported");
    if (mode == "tf_half_pixel_for_nn") return op::coordinates::half_pixel_for_nearest;
    for (const op::coordinates each :
         {op::coordinates::half_pixel, op::coordinates::half_pixel_symmetric, op::coordinates::pytorch_half_pixel,
          op::coordinates::align_corners, op::coordinates::asymmetric})
        if (mode == name_of(each)) return each;
    in.check(false, "coordinate_transformation_mode is none that ONNX has");
    return op::coordinates::half_pixel;
}

template <source_node Node> op::nearest_rounding rounding_of(const Node& in) {
    const auto mode = in.string("nearest_mode", "round_prefer_floor");
    in.check(mode == "round_prefer_floor" || mode == "round_prefer_ceil" || mode == "floor" || mode == "ceil",
             "nearest_mode must be round_prefer_floor, round_prefer_ceil, floor or ceil");
    return mode == "round_prefer_floor"  ? op::nearest_rounding::prefer_floor
           : mode == "round_prefer_ceil" ? op::nearest_rounding::prefer_ceil
           : mode == "floor"             ? op::nearest_rounding::floor
                                         : op::nearest_rounding::ceil;
}

/// With its ends aligned an axis of a scale that gives no whole extent is one thing to ONNX's own vectors, which go by
/// the fraction, and another to onnxruntime, which goes by the elements that there are.
template <source_node Node> void check_aligned(const Node& in, const asked_axes& to) {
    for (const std::int32_t axis : to.axes) {
        const auto x = static_cast<std::size_t>(axis);
        const float whole = to.scale[x] * static_cast<float>(in.shape_of(0)[axis]);
        in.support(whole == static_cast<float>(to.extent[x]),
                   "align_corners with scales that give no whole extents is not supported; give sizes");
    }
}

/// What no version before 11 says: places from the first element on, and which of two is the nearest as onnxruntime
/// takes them.
template <source_node Node> void finish_upsample(Node& in, const std::vector<float>& scales) {
    asked_axes to = axes_of_resize(in, {});
    resize_by_scales(in, to, scales);
    finish_resize(in, to, op::coordinates::asymmetric, op::nearest_rounding::ceil_where_smaller);
}

} // namespace detail

struct resize_start : translation_to<op::resize_nearest> {
    using also_makes = operator_list<op::resize_linear, op::identity>;
};

/// Input 1, a region of interest, is read by tf_crop_and_resize alone.
struct resize : resize_start {
    static constexpr std::string_view name = "Resize";
    static constexpr version_range versions{11};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.integer("antialias", 0) == 0, "antialias is not supported");
        detail::asked_axes to = detail::axes_of_resize(in, in.integers("axes"));
        const auto is_given = [&](std::size_t i) { return in.has_input(i) && in.shape_of(i).elements() > 0; };
        in.check(is_given(2) != is_given(3), "either scales or sizes are required");
        in.support(in.is_constant(is_given(2) ? 2 : 3), "scales and sizes must be constant");
        const op::coordinates mode = detail::coordinates_of(in);
        if (is_given(2))
            detail::resize_by_scales(in, to, detail::scales_of(in, 2));
        else
            detail::resize_to_sizes(in, to, in.constant_integers(3));
        if (is_given(2) && mode == op::coordinates::align_corners) detail::check_aligned(in, to);
        detail::finish_resize(in, to, mode, detail::rounding_of(in));
    }
};

struct resize_by_scales : resize_start {
    static constexpr std::string_view name = "Resize";
    static constexpr version_range versions{10, 10};

    template <source_node Node> static void translate(Node& in) {
        in.support(in.is_constant(1), "scales must be constant");
        detail::finish_upsample(in, detail::scales_of(in, 1));
    }
};

struct upsample : resize_by_scales {
    static constexpr std::string_view name = "Upsample";
    static constexpr version_range versions{9};
};

struct upsample_by_attributes : resize_start {
    static constexpr std::string_view name = "Upsample";
    static constexpr version_range versions{7, 8};

    template <source_node Node> static void translate(Node& in) { detail::finish_upsample(in, in.reals("scales")); }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

#pragma once
// Slice, whose bounds are attributes before version 10 and inputs from then on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/slice.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// The bounds as a node gives them, one of each for each of `axes`.
struct slice_bounds {
    std::vector<std::int32_t> starts, ends, axes, steps;
};

/// Bounds count from the end where they are negative, and are cut to the axis; backwards, an end may lie before it.
inline void cut_axis(op::slice& op, std::size_t axis, std::int64_t extent, const slice_bounds& bounds, std::size_t i) {
    const std::int64_t step = bounds.steps[i], least = step > 0 ? 0 : -1, most = step > 0 ? extent : extent - 1;
    const auto place = [&](std::int64_t at, std::int64_t low) {
        return std::clamp(at < 0 ? at + extent : at, low, most);
    };
    const std::int64_t first = place(bounds.starts[i], 0), end = place(bounds.ends[i], least);
    const std::int64_t way = step > 0 ? end - first : first - end, stride = step > 0 ? step : -step;
    op.first[axis] = static_cast<std::int32_t>(first);
    op.step[axis] = bounds.steps[i];
    op.count[axis] = static_cast<std::int32_t>(way > 0 ? (way + stride - 1) / stride : 0);
}

/// All of a tensor.
inline op::slice whole_slice(const shape& of) {
    op::slice op;
    for (int axis = 0; axis < of.rank; ++axis) {
        op.step[static_cast<std::size_t>(axis)] = 1;
        op.count[static_cast<std::size_t>(axis)] = of[axis];
    }
    return op;
}

template <source_node Node> void finish_slice(Node& in, slice_bounds bounds) {
    const shape from = in.shape_of(0);
    if (bounds.axes.empty())
        for (std::size_t i = 0; i < bounds.starts.size(); ++i) bounds.axes.push_back(static_cast<std::int32_t>(i));
    bounds.steps.resize(bounds.steps.empty() ? bounds.starts.size() : bounds.steps.size(), 1);
    for (const auto* each : {&bounds.ends, &bounds.axes, &bounds.steps})
        in.check(each->size() == bounds.starts.size(), "starts, ends, axes and steps must be as many");
    op::slice op = whole_slice(from);
    std::vector<bool> seen(static_cast<std::size_t>(from.rank), false);
    for (std::size_t i = 0; i < bounds.axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(from.normalized_axis(bounds.axes[i]));
        in.check(!seen[axis], "axes must not repeat");
        in.check(bounds.steps[i] != 0, "a step must not be 0");
        seen[axis] = true;
        cut_axis(op, axis, from[static_cast<int>(axis)], bounds, i);
        in.support(op.count[axis] > 0 || in.is_constant(0), "a result without elements is not supported");
    }
    in.finish(in.emit(op, {in.input(0)}));
}

} // namespace detail

struct slice : translation_to<op::slice> {
    static constexpr std::string_view name = "Slice";
    static constexpr version_range versions{10};

    template <source_node Node> static void translate(Node& in) {
        const auto list = [&](std::size_t i) {
            if (!in.has_input(i)) return std::vector<std::int32_t>();
            in.support(in.is_constant(i), "starts, ends, axes and steps must be constant");
            return in.constant_integers(i);
        };
        in.check(in.has_input(1) && in.has_input(2), "starts and ends are required");
        detail::finish_slice(in, {list(1), list(2), list(3), list(4)});
    }
};

struct slice_by_attributes : translation_to<op::slice> {
    static constexpr std::string_view name = "Slice";
    static constexpr version_range versions{1, 9};

    template <source_node Node> static void translate(Node& in) {
        detail::finish_slice(in,
                             {in.saturated_integers("starts"), in.saturated_integers("ends"), in.integers("axes"), {}});
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

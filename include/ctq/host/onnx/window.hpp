#pragma once
// window: ONNX's attributes of a window (kernel_shape, strides, dilations, pads, auto_pad, ceil_mode), 1-D and 2-D.
// room: host | runs on: host | heap: yes

#include <ctq/core/integer.hpp>
#include <ctq/operators/window.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx {

namespace detail {

/// Copies an ONNX list for the spatial axes into a pair; a 1-D list is for the columns.
template <class Node> void read_extents(const Node& in, std::string_view name, std::size_t spatial, op::extents& to) {
    const auto values = in.integers(name);
    if (values.empty()) return;
    in.check(values.size() == spatial, "a window attribute must have one value for each spatial axis");
    for (std::size_t axis = 0; axis < spatial; ++axis) to[axis + 2 - spatial] = values[axis];
}

/// The kernel's extents: `kernel_shape`, or those of the weights.
template <class Node, class Op> void read_kernel(const Node& in, std::size_t spatial, Op& op) {
    read_extents(in, "kernel_shape", spatial, op.kernel);
    if (!in.integers("kernel_shape").empty()) return;
    in.check(in.has_input(1), "kernel_shape is missing");
    for (std::size_t axis = 0; axis < spatial; ++axis)
        op.kernel[axis + 2 - spatial] = in.shape_of(1)[static_cast<int>(axis) + 2];
}

/// `pads`: before each spatial axis, then behind each.
template <class Node, class Op> void read_pads(const Node& in, std::size_t spatial, Op& op) {
    const auto pads = in.integers("pads");
    in.check(pads.empty() || pads.size() == 2 * spatial, "pads must have two values for each spatial axis");
    for (std::size_t i = 0; i < pads.size(); ++i)
        op.padding[i % spatial + 2 - spatial + (i < spatial ? 0 : 2)] = pads[i];
}

/// Faults where an attribute has no meaning, or is so large that extents could overflow.
template <class Node, class Op> void check_window(const Node& in, const Op& op, std::size_t axis) {
    const std::int32_t dilation = op::window_of(op).dilation[axis];
    in.check(op.kernel[axis] > 0 && op.stride[axis] > 0, "kernel and strides must be at least 1");
    in.check(dilation > 0, "dilations must be at least 1");
    in.check(op.padding[axis] >= 0 && op.padding[axis + 2] >= 0, "pads must not be negative");
    for (const std::int32_t value :
         {op.kernel[axis], op.stride[axis], dilation, op.padding[axis], op.padding[axis + 2]})
        in.check(value <= op::window::limit, "kernel, strides, dilations and pads must be at most 65536");
    in.check(std::int64_t{op.kernel[axis] - 1} * dilation < (1 << 30),
             "the window is larger than the padded input; shrink kernel or dilation");
}

/// Padding that makes the output ceil(input / stride), the odd cell after (upper) or before (lower).
template <class Op> constexpr void pad_to_same(Op& op, std::size_t axis, std::int32_t input, bool upper) {
    const op::window over = op::window_of(op);
    const std::int32_t output = divide_up(input, over.stride[axis]);
    const std::int32_t wanted = (output - 1) * over.stride[axis] + over.span(axis) - input;
    const std::int32_t total = wanted > 0 ? wanted : 0;
    op.padding[axis] = upper ? total / 2 : total - total / 2;
    op.padding[axis + 2] = total - op.padding[axis];
}

/// Widens the trailing pad so that the last, partly covered window counts, unless it starts beyond the data.
template <class Op> constexpr void round_up_output(Op& op, std::size_t axis, std::int32_t input) {
    const op::window over = op::window_of(op);
    const std::int32_t padded = input + over.padding[axis] + over.padding[axis + 2];
    const std::int32_t rest = (padded - over.span(axis)) % over.stride[axis];
    const std::int32_t outputs = (padded - over.span(axis)) / over.stride[axis] + 1;
    if (rest != 0 && outputs * over.stride[axis] < input + over.padding[axis])
        op.padding[axis + 2] += over.stride[axis] - rest;
}

/// Padding that `auto_pad` and `ceil_mode` ask for.
template <class Node, class Op>
void read_padding_modes(const Node& in, const shape& image, std::size_t spatial, Op& op) {
    const auto mode = in.string("auto_pad", "NOTSET");
    const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
    in.check(same || mode == "NOTSET" || mode == "VALID", "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
    for (std::size_t axis = 2 - spatial; axis < 2; ++axis) {
        const std::int32_t input = image[static_cast<int>(axis + spatial)];
        if (mode == "VALID") op.padding[axis] = op.padding[axis + 2] = 0;
        if (same) pad_to_same(op, axis, input, mode == "SAME_UPPER");
        if (in.integer("ceil_mode", 0) != 0) round_up_output(op, axis, input);
    }
}

} // namespace detail

/// Fills the window attributes of `op` from the ONNX node. Input 0 is channels-first with 1 or 2 spatial axes; the
/// kernel comes from `kernel_shape` or from the weights (input 1). Faults name the attribute.
template <class Node, class Op> void read_window(const Node& in, Op& op) {
    const shape image = in.shape_of(0);
    in.check(image.rank >= 3, "the input must have spatial axes");
    in.support(image.rank <= 4, "only 1 or 2 spatial axes are supported");
    const auto spatial = static_cast<std::size_t>(image.rank - 2);
    detail::read_kernel(in, spatial, op);
    detail::read_extents(in, "strides", spatial, op.stride);
    if constexpr (requires { op.dilation; }) detail::read_extents(in, "dilations", spatial, op.dilation);
    detail::read_pads(in, spatial, op);
    for (std::size_t axis = 0; axis < 2; ++axis) detail::check_window(in, op, axis);
    detail::read_padding_modes(in, image, spatial, op);
}

} // namespace ctq::inline CTQ_TARGET::host::onnx

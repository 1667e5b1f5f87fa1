#pragma once
// reshape: the same elements under another shape; ONNX's Reshape, Flatten, Squeeze and Unsqueeze.
// room: operators | runs on: all | heap: no

#include <ctq/operators/axes.hpp>
#include <ctq/operators/copying.hpp>
#include <ctq/operators/element_wise.hpp>
#include <ctq/operators/import_axes.hpp>
#include <ctq/registry/operation.hpp>

namespace ctq::inline CTQ_TARGET::op {

/// The input's elements as they lie, under the shape `to`, which has as many. Integer meaning: the same; costs nothing
/// where the output may lie over the input.
struct reshape {
    static constexpr std::string_view name = "reshape";
    static constexpr std::string_view cpp_name = "ctq::op::reshape";
    static constexpr std::array<std::string_view, 4> onnx_names{"Reshape", "Flatten", "Squeeze", "Unsqueeze"};
    static constexpr operator_traits traits{
        .output_range = range_rule::same_as_input, .in_place = true, .is_view = true};

    shape to{};

    static constexpr auto attributes = std::tuple{attribute{"to", &reshape::to}};

    friend constexpr bool operator==(const reshape&, const reshape&) = default;

    constexpr shape output_shape(shapes in) const {
        require(in.size() == 1, "reshape takes one input");
        require(in[0].elements() == to.elements(), "reshape must keep the number of elements");
        return to;
    }

    constexpr void compute(const_tensors in, tensors out) const { copy_elements(in[0], out[0]); }

    template <signature S>
    requires same_stored_types<S>
    constexpr void compute_integer(const_tensors in, tensors out) const { copy_elements<element<S.y>>(in[0], out[0]); }

    template <source_node Node> static void from_onnx(Node& in) {
        const shape from = in.shape_of(0);
        const shape to = in.type() == "Reshape"   ? wanted(in, from)
                         : in.type() == "Flatten" ? flattened(in, from)
                         : in.type() == "Squeeze" ? squeezed(in, from)
                                                  : unsqueezed(in, from);
        in.finish(in.reshape(in.input(0), to));
    }

  private:
    /// 0 keeps the input's extent (unless allowzero), -1 takes what is left.
    template <source_node Node> static shape wanted(Node& in, const shape& from) {
        in.support(in.opset() < 5 || in.is_constant(1), "the shape must be constant");
        const auto values = in.opset() < 5 ? in.integers("shape") : in.constant_integers(1);
        in.support(values.size() <= shape::max_rank, "at most 6 axes are supported");
        shape result;
        int open = -1;
        for (std::size_t i = 0; i < values.size(); ++i) {
            in.check(values[i] >= -1, "an extent of the shape must be -1, 0 or more");
            in.check(values[i] != -1 || open < 0, "only one extent of the shape may be -1");
            const bool keep = values[i] == 0 && in.integer("allowzero", 0) == 0;
            in.check(!keep || static_cast<int>(i) < from.rank, "an extent of 0 needs an input axis to copy");
            if (values[i] == -1) open = static_cast<int>(i);
            result.append(values[i] == -1 ? 1 : keep ? from[static_cast<int>(i)] : values[i]);
            in.check(result.elements() <= from.elements(), "reshape must keep the number of elements");
        }
        if (open >= 0) {
            in.check(result.elements() > 0 && from.elements() % result.elements() == 0,
                     "the number of elements is not divisible by the given extents");
            result[open] = static_cast<std::int32_t>(from.elements() / result.elements());
        }
        return result;
    }

    template <source_node Node> static shape flattened(Node& in, const shape& from) {
        const std::int32_t axis = in.integer("axis", 1);
        in.check(axis >= -from.rank && axis <= from.rank, "axis must be within -rank .. rank");
        const int cut = axis < 0 ? axis + from.rank : axis;
        return {static_cast<std::int32_t>(from.elements(0, cut)),
                static_cast<std::int32_t>(from.elements(cut, from.rank))};
    }

    template <source_node Node> static shape squeezed(Node& in, const shape& from) {
        const bool all = !in.has_input(1) && in.integers("axes").empty();
        const axis_set axes = import_axes(in, from);
        shape result;
        for (int axis = 0; axis < from.rank; ++axis) {
            in.check(all || !axes.contains(axis) || from[axis] == 1, "only axes of extent 1 can be squeezed");
            if (!axes.contains(axis) || from[axis] != 1) result.append(from[axis]);
        }
        return result;
    }

    template <source_node Node> static shape unsqueezed(Node& in, const shape& from) {
        const std::size_t added = (in.has_input(1) ? in.constant_integers(1) : in.integers("axes")).size();
        in.support(static_cast<std::size_t>(from.rank) + added <= shape::max_rank, "at most 6 axes are supported");
        in.check(added > 0, "axes are required");
        shape widened;
        for (std::size_t i = 0; i < static_cast<std::size_t>(from.rank) + added; ++i) widened.append(1);
        const axis_set axes = import_axes(in, widened);
        for (int axis = 0, source = 0; axis < widened.rank; ++axis)
            if (!axes.contains(axis)) widened[axis] = from[source++];
        return widened;
    }
};

} // namespace ctq::inline CTQ_TARGET::op

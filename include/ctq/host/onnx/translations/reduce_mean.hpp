#pragma once
// Means over some axes: GlobalAveragePool, and ReduceMean, whose axes are an attribute before version 18 and an input
// from then on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/axes.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/identity.hpp>
#include <ctq/operators/reduce_mean.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

template <source_node Node> void finish_reduce_mean(Node& in, const std::vector<std::int32_t>& axes) {
    op::reduce_mean op;
    op.axes = axis_set_of(in, axes, in.shape_of(0));
    op.keep_axes = in.integer("keepdims", 1) != 0;
    in.finish(in.emit(op, {in.input(0)}));
}

} // namespace detail

struct reduce_mean : translation_to<op::reduce_mean> {
    using also_makes = operator_list<op::identity>;
    static constexpr std::string_view name = "ReduceMean";
    static constexpr version_range versions{18};

    template <source_node Node> static void translate(Node& in) {
        const auto axes = axes_by_input(in);
        if (axes.empty() && in.integer("noop_with_empty_axes", 0) != 0)
            return in.finish(in.emit(op::identity{}, {in.input(0)}));
        detail::finish_reduce_mean(in, axes);
    }
};

struct reduce_mean_by_attributes : translation_to<op::reduce_mean> {
    static constexpr std::string_view name = "ReduceMean";
    static constexpr version_range versions{1, 17};

    template <source_node Node> static void translate(Node& in) {
        detail::finish_reduce_mean(in, axes_by_attribute(in));
    }
};

struct global_average_pool : translation_to<op::reduce_mean> {
    static constexpr std::string_view name = "GlobalAveragePool";

    template <source_node Node> static void translate(Node& in) {
        const int rank = in.shape_of(0).rank;
        in.check(rank >= 3, "the input must have spatial axes");
        op::reduce_mean op;
        for (int axis = 2; axis < rank; ++axis) op.axes.insert(axis);
        in.finish(in.emit(op, {in.input(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

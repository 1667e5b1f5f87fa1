#pragma once
// Means over some axes: ReduceMean and GlobalAveragePool.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/axes.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/reduce_mean.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct reduce_mean : translation_to<op::reduce_mean> {
    static constexpr std::string_view name = "ReduceMean";

    template <source_node Node> static void translate(Node& in) {
        op::reduce_mean op;
        op.axes = read_axes(in, in.shape_of(0));
        op.keep_axes = in.integer("keepdims", 1) != 0;
        in.finish(in.emit(op, {in.input(0)}));
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

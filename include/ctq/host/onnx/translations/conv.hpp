#pragma once
// Conv: images and weights go channels last.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/host/onnx/window.hpp>
#include <ctq/operators/conv2d.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct conv : translation_to<op::conv2d> {
    using also_makes = layout_operators;
    static constexpr std::string_view name = "Conv";

    template <source_node Node> static void translate(Node& in) {
        const shape weights = in.shape_of(1);
        in.check(in.shape_of(0).rank == weights.rank, "input and weights must have the same number of axes");
        in.check(weights.rank >= 3, "input and weights must have spatial axes");
        in.support(weights.rank <= 4, "only 1-D and 2-D convolutions are supported");
        in.support(in.is_constant(1), "the weights must be constant");
        in.support(!in.has_input(2) || in.is_constant(2), "the bias must be constant");
        check_weights(in, 1);
        if (in.has_input(2)) check_weights(in, 2);
        op::conv2d op;
        read_window(in, op);
        op.groups = in.integer("group", 1);
        const auto image = in.channels_last(0);
        const auto taps = in.constant_channels_last(1);
        in.finish_channels_first(in.has_input(2) ? in.emit(op, {image, taps, in.input(2)})
                                                 : in.emit(op, {image, taps}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

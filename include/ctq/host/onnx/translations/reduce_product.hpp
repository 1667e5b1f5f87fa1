#pragma once
// ReduceProd of constants; its axes are an attribute before version 18 and an input from then on.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/axes.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/reduce_product.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct reduce_product : constant_translation {
    static constexpr std::string_view name = "ReduceProd";

    template <source_node Node> static void translate(Node& in) {
        const std::vector<std::int32_t> axes = in.version() < 18 ? axes_by_attribute(in) : axes_by_input(in);
        op::reduce_product op;
        op.keep_axes = in.integer("keepdims", 1) != 0;
        const bool does_nothing = axes.empty() && in.version() >= 18 && in.integer("noop_with_empty_axes", 0) != 0;
        if (!does_nothing) op.axes = axis_set_of(in, axes, in.shape_of(0));
        in.finish(in.fold(op, {in.input(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

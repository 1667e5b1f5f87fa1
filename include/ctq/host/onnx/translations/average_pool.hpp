#pragma once
// AveragePool: images go channels last.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/host/onnx/window.hpp>
#include <ctq/operators/average_pool.hpp>

#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct average_pool : translation_to<op::average_pool> {
    using also_makes = layout_operators;
    static constexpr std::string_view name = "AveragePool";

    template <source_node Node> static void translate(Node& in) {
        op::average_pool op;
        read_window(in, op);
        for (const std::int32_t dilation : in.integers("dilations"))
            in.support(dilation == 1, "dilations other than 1 are not supported");
        op.count_padding = in.integer("count_include_pad", 0) != 0;
        in.support(!op.count_padding || in.integer("ceil_mode", 0) == 0,
                   "ceil_mode together with count_include_pad is not supported");
        in.finish_channels_first(in.emit(op, {in.channels_last(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

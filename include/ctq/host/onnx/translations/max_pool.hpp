#pragma once
// MaxPool: images go channels last.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/host/onnx/window.hpp>
#include <ctq/operators/max_pool.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct max_pool : translation_to<op::max_pool> {
    static constexpr std::string_view name = "MaxPool";

    template <source_node Node> static void translate(Node& in) {
        op::max_pool op;
        read_window(in, op);
        in.support(in.integer("storage_order", 0) == 0, "storage_order 1 is not supported");
        in.finish_channels_first(in.emit(op, {in.channels_last(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

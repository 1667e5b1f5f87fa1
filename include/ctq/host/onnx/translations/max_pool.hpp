#pragma once
// MaxPool: images go channels last. `storage_order` numbers the indices, which nobody may read.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/host/onnx/window.hpp>
#include <ctq/operators/max_pool.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct max_pool : translation_to<op::max_pool> {
    using also_makes = layout_operators;
    static constexpr std::string_view name = "MaxPool";

    template <source_node Node> static void translate(Node& in) {
        op::max_pool op;
        read_window(in, op);
        in.finish_channels_first(in.emit(op, {in.channels_last(0)}));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

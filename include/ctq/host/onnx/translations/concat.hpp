#pragma once
// Concat.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/concat.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct concat : translation_to<op::concat> {
    static constexpr std::string_view name = "Concat";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() > 0, "at least one input is required");
        op::concat op;
        op.axis = in.integer("axis", in.version() < 4 ? 1 : 0);
        in.finish(in.emit(op, in.inputs()));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

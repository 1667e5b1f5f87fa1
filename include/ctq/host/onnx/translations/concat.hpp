#pragma once
// Concat.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/concat.hpp>

#include <cstdint>
#include <limits>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct concat : translation_to<op::concat> {
    static constexpr std::string_view name = "Concat";
    static constexpr version_range versions{4};

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() > 0, "at least one input is required");
        constexpr auto absent = std::numeric_limits<std::int32_t>::min();
        op::concat op;
        op.axis = in.integer("axis", absent);
        in.check(op.axis != absent, "axis is required");
        in.finish(in.emit(op, in.inputs()));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

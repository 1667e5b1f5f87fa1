#pragma once
// GRU. Its version 1 has no linear_before_reset; output_sequence says no more than that the first output has a name.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translations/recurrent.hpp>
#include <ctq/operators/gru.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct gru : translation_to<op::gru> {
    using also_makes = operator_list<op::transpose>;
    static constexpr std::string_view name = "GRU";

    template <source_node Node> static void translate(Node& in) {
        detail::recurrent_node<op::gru, Node> node(in);
        op::gru op = node.operation();
        op.linear_before_reset = in.integer("linear_before_reset", 0) != 0;
        node.finish(in.emit_all(op, node.operands()));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

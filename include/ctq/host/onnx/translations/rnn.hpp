#pragma once
// RNN. Its version 1 has an output_sequence, which says no more than that the first output has a name.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translations/recurrent.hpp>
#include <ctq/operators/rnn.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct rnn : translation_to<op::rnn> {
    using also_makes = operator_list<op::transpose>;
    static constexpr std::string_view name = "RNN";

    template <source_node Node> static void translate(Node& in) {
        detail::recurrent_node<op::rnn, Node> node(in);
        node.finish(in.emit_all(node.operation(), node.operands()));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

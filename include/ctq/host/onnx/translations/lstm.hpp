#pragma once
// LSTM. Its version 1 has an output_sequence, which says no more than that the first output has a name.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translations/recurrent.hpp>
#include <ctq/operators/lstm.hpp>

#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

struct lstm : translation_to<op::lstm> {
    using also_makes = operator_list<op::transpose>;
    static constexpr std::string_view name = "LSTM";

    template <source_node Node> static void translate(Node& in) {
        detail::recurrent_node<op::lstm, Node> node(in);
        op::lstm op = node.operation();
        op.input_forget = in.integer("input_forget", 0) != 0;
        std::vector<int> operands = node.operands();
        operands.push_back(node.state(6, "cell"));
        operands.push_back(node.weights(7, "peepholes", 3));
        node.finish(in.emit_all(op, operands));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

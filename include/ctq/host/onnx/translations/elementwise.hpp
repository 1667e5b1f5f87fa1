#pragma once
// Add, Sub and Mul: two operands, broadcast.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/subtract.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

/// An operator of two operands and no attributes.
template <literal Name, class Op> struct of_two : one_to_one<Name, Op> {
    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        one_to_one<Name, Op>::translate(in);
    }
};

using add = of_two<"Add", op::add>;
using sub = of_two<"Sub", op::subtract>;
using mul = of_two<"Mul", op::multiply>;

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

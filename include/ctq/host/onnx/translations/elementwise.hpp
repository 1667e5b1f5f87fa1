#pragma once
// Add, Sub and Mul: two operands, broadcast as numpy does; before version 7 the second one, as attributes say.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/add.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/reshape.hpp>
#include <ctq/operators/subtract.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// The shape of the second operand with ones appended, so that it broadcasts to the first's as `broadcast` and `axis`
/// ask for: its axes are those of the first from `axis` on, or the last ones.
template <source_node Node> shape aligned_operand(const Node& in) {
    const shape first = in.shape_of(0);
    shape second = in.shape_of(1);
    in.check(in.integer("broadcast", 0) != 0 || first == second, "operands of different shapes require broadcast 1");
    in.check(second.rank <= first.rank, "the second operand must not have more axes than the first");
    if (second.elements() != 1) {
        const std::int32_t last = first.rank - second.rank, axis = first.normalized_axis(in.integer("axis", last));
        in.check(axis <= last, "axis must leave an axis of the first operand for each of the second");
        for (std::int32_t i = axis; i < last; ++i) second.append(1);
    }
    in.check(broadcast(first, second) == first, "the second operand must broadcast to the first one's shape");
    return second;
}

/// Both operands, the second one aligned by attributes in the versions where they say how it broadcasts.
template <source_node Node> std::vector<int> two_operands(Node& in) {
    in.check(in.input_count() == 2, "two inputs are required");
    std::vector<int> operands = in.inputs();
    if (in.version() >= 7) return operands;
    const shape aligned = aligned_operand(in);
    if (!(aligned == in.shape_of(1))) operands[1] = in.reshape(operands[1], aligned);
    return operands;
}

} // namespace detail

/// An operator of two operands and no attributes.
template <fixed_string Name, class Op> struct of_two : one_to_one<Name, Op> {
    static constexpr version_range versions{7};

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        one_to_one<Name, Op>::translate(in);
    }
};

/// The same in the versions where attributes say how the second operand broadcasts.
template <fixed_string Name, class Op> struct of_two_by_attributes : one_to_one<Name, Op> {
    using also_makes = operator_list<op::reshape>;
    static constexpr version_range versions{1, 6};

    template <source_node Node> static void translate(Node& in) { in.finish(in.emit(Op{}, detail::two_operands(in))); }
};

using add = of_two<"Add", op::add>;
using add_by_attributes = of_two_by_attributes<"Add", op::add>;
using sub = of_two<"Sub", op::subtract>;
using sub_by_attributes = of_two_by_attributes<"Sub", op::subtract>;
using mul = of_two<"Mul", op::multiply>;
using mul_by_attributes = of_two_by_attributes<"Mul", op::multiply>;

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

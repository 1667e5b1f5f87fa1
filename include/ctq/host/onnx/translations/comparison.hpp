#pragma once
// What makes booleans and what reads them: Equal, Less, Greater, their like, Not, And, Or, Xor, Where.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translations/elementwise.hpp>
#include <ctq/operators/cast.hpp>
#include <ctq/operators/compare.hpp>
#include <ctq/operators/select.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// Whether a value of booleans is not.
template <source_node Node> int negated(Node& in, int value) {
    const int no = in.fold(op::cast{dtype::boolean}, {in.constant("no", {}, {0})});
    return in.emit(op::compare{op::relation::equal}, {value, no});
}

template <source_node Node> void check_booleans(const Node& in, std::size_t inputs) {
    for (std::size_t i = 0; i < inputs; ++i)
        in.check(in.has_input(i) && in.type_of(i) == dtype::boolean, "booleans are required");
}

} // namespace detail

/// Whether the operands are in a relation, or are so the other way round.
template <fixed_string Name, op::relation Asked, bool Swapped = false> struct comparison : translation_to<op::compare> {
    using also_makes = operator_list<op::reshape>;
    static constexpr std::string_view name = Name.view();

    template <source_node Node> static void translate(Node& in) {
        std::vector<int> operands = detail::two_operands(in);
        if constexpr (Swapped) std::swap(operands[0], operands[1]);
        in.finish(in.emit(op::compare{Asked}, operands));
    }
};

using equal = comparison<"Equal", op::relation::equal>;
using less = comparison<"Less", op::relation::less>;
using less_or_equal = comparison<"LessOrEqual", op::relation::less_or_equal>;
using greater = comparison<"Greater", op::relation::less, true>;
using greater_or_equal = comparison<"GreaterOrEqual", op::relation::less_or_equal, true>;

struct logical_not : translation_to<op::compare> {
    static constexpr std::string_view name = "Not";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() <= 1, "one input is required");
        detail::check_booleans(in, 1);
        in.finish(detail::negated(in, in.input(0)));
    }
};

struct logical_xor : translation_to<op::compare> {
    using also_makes = operator_list<op::reshape>;
    static constexpr std::string_view name = "Xor";

    template <source_node Node> static void translate(Node& in) {
        detail::check_booleans(in, 2);
        const std::vector<int> operands = detail::two_operands(in);
        in.finish(in.emit(op::compare{op::relation::equal}, {operands[0], detail::negated(in, operands[1])}));
    }
};

/// The second operand where the first one is yes, else the first.
struct logical_and : translation_to<op::select> {
    using also_makes = operator_list<op::reshape>;
    static constexpr std::string_view name = "And";

    template <source_node Node> static void translate(Node& in) {
        detail::check_booleans(in, 2);
        const std::vector<int> operands = detail::two_operands(in);
        in.finish(in.emit(op::select{}, {operands[0], operands[1], operands[0]}));
    }
};

struct logical_or : translation_to<op::select> {
    using also_makes = operator_list<op::reshape>;
    static constexpr std::string_view name = "Or";

    template <source_node Node> static void translate(Node& in) {
        detail::check_booleans(in, 2);
        const std::vector<int> operands = detail::two_operands(in);
        in.finish(in.emit(op::select{}, {operands[0], operands[0], operands[1]}));
    }
};

struct where : translation_to<op::select> {
    static constexpr std::string_view name = "Where";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 3, "three inputs are required");
        detail::check_booleans(in, 1);
        in.finish(in.emit(op::select{}, in.inputs()));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations

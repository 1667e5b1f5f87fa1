#pragma once
// operators: an operator's value as the C++ expression that makes it again, from its `attributes`.
// room: host | runs on: host | heap: yes

#include <ctq/host/emit/literals.hpp>
#include <ctq/host/emit/source_text.hpp>
#include <ctq/registry/operation.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::emit {

namespace detail {

/// An attribute that is not what a default-made operator has.
struct set_attribute {
    const void* place; ///< in the operator: designated initializers follow the order of declaration
    std::string name, value;
};

/// The enumerator as a number that is cast to the type of that name.
template <class Enum> std::string enumerator_text(Enum value, std::string_view type) {
    return message("static_cast<", type, ">(", static_cast<std::underlying_type_t<Enum>>(value), ")");
}

template <class Value> constexpr bool is_enumerator_array = false;
template <class Enum, std::size_t N> constexpr bool is_enumerator_array<std::array<Enum, N>> = std::is_enum_v<Enum>;

template <class Op, class Value>
std::string attribute_text(const attribute<Op, Value>& which, const Op& op, std::string_view cpp_name) {
    const Value& value = op.*which.member;
    const std::string type = message("decltype(", cpp_name, "::", which.name, ")");
    if constexpr (std::is_enum_v<Value>)
        return enumerator_text(value, type);
    else if constexpr (is_enumerator_array<Value>)
        return message("{", comma_list(value, [&](auto each) { return enumerator_text(each, type + "::value_type"); }),
                       "}");
    else if constexpr (requires { literal(value); })
        return literal(value);
    else
        return cpp_literal(value);
}

template <class Op> std::vector<set_attribute> set_attributes(const Op& op, std::string_view cpp_name) {
    const Op standard{};
    std::vector<set_attribute> result;
    const auto add = [&](const auto& which) {
        if (op.*which.member == standard.*which.member) return;
        result.push_back({&(op.*which.member), std::string(which.name), attribute_text(which, op, cpp_name)});
    };
    apply([&](const auto&... each) { (add(each), ...); }, Op::attributes);
    std::ranges::sort(result, {}, &set_attribute::place);
    return result;
}

} // namespace detail

/// `ctq::op::conv2d{.kernel = {5, 5}, ...}` with the attributes that differ from their defaults. An attribute's name is
/// its member's name. Attributes are numbers, enumerations, arrays, ctq's own types, or have a function `std::string
/// cpp_literal(const T&)` in their namespace.
template <operation Op> [[nodiscard]] std::string operator_text(const Op& op) {
    const auto attributes = detail::set_attributes(op, Op::cpp_name);
    std::string out;
    if (std::is_aggregate_v<Op> || attributes.empty()) {
        for (const auto& each : attributes) out += message(out.empty() ? "" : ", ", ".", each.name, " = ", each.value);
        return message(Op::cpp_name, "{", out, "}");
    }
    for (const auto& each : attributes) out += message("op.", each.name, " = ", each.value, "; ");
    return message("[] { ", Op::cpp_name, " op; ", out, "return op; }()");
}

/// The braces of what lowering made of an operator: its members that differ from their defaults.
template <class Lowered> [[nodiscard]] std::string lowered_text(const Lowered& lowered) {
    std::string out;
    for (const auto& each : detail::set_attributes(lowered, "decltype(lowered)"))
        out += message(out.empty() ? "" : ", ", ".", each.name, " = ", each.value);
    return message("{", out, "}");
}

} // namespace ctq::inline CTQ_TARGET::host::emit

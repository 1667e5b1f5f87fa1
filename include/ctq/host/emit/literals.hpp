#pragma once
// literals: values as C++ source text: numbers that come back exactly, strings and comments that nothing breaks out of.
// room: host | runs on: host | heap: yes | the same text in every locale

#include <ctq/core/quantization.hpp>
#include <ctq/core/requantize.hpp>
#include <ctq/core/shape.hpp>
#include <ctq/core/weighted_sum.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/operators/axes.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host::emit {

/// The shortest decimal that reads back as the same float.
[[nodiscard]] inline std::string literal(float value) {
    if (value != value) return "std::numeric_limits<float>::quiet_NaN()";
    if (value == std::numeric_limits<float>::infinity()) return "std::numeric_limits<float>::infinity()";
    if (value == -std::numeric_limits<float>::infinity()) return "-std::numeric_limits<float>::infinity()";
    std::string text = message(value);
    if (text.find_first_of(".e") == text.npos) text += ".0";
    return text + "f";
}

[[nodiscard]] inline std::string literal(bool value) {
    return value ? "true" : "false";
}

template <std::integral Integer> [[nodiscard]] std::string literal(Integer value) {
    return message(value);
}

template <class T, std::size_t N> [[nodiscard]] std::string literal(const std::array<T, N>& values);

[[nodiscard]] inline std::string literal(const shape& value) {
    std::string out = "{";
    for (int axis = 0; axis < value.rank; ++axis) out += message(axis == 0 ? "" : ", ", value[axis]);
    return out + "}";
}

[[nodiscard]] inline std::string literal(const bounds& value) {
    if (value == bounds::none()) return "ctq::bounds::none()";
    if (value == bounds::relu()) return "ctq::bounds::relu()";
    if (value == bounds::relu6()) return "ctq::bounds::relu6()";
    return message("{.low = ", literal(value.low), ", .high = ", literal(value.high), "}");
}

[[nodiscard]] inline std::string literal(const limits& value) {
    return message("{.low = ", value.low, ", .high = ", value.high, "}");
}

[[nodiscard]] inline std::string literal(const scaling& value) {
    return message("{.multiplier = ", value.multiplier, ", .shift = ", value.shift, "}");
}

[[nodiscard]] inline std::string literal(const sum_scaling& value) {
    return message("{.left = ", literal(value.left), ", .right = ", literal(value.right),
                   ", .result = ", literal(value.result), "}");
}

[[nodiscard]] inline std::string literal(const op::axis_set& value) {
    return message("{", literal(value.member), "}");
}

template <class T, std::size_t N> [[nodiscard]] std::string literal(const std::array<T, N>& values) {
    std::string out = "{";
    for (std::size_t i = 0; i < N; ++i) out += message(i == 0 ? "" : ", ", literal(values[i]));
    return out + "}";
}

/// A name as a string literal of one line: control characters and what is not UTF-8 are shown as \xNN, long names cut.
[[nodiscard]] inline std::string string_literal(std::string_view name) {
    std::string out = "\"";
    for (const char c : printable(name)) {
        if (c == '"' || c == '\\' || c == '?') out += '\\';
        out += c;
    }
    return out + "\"";
}

/// A name as part of a // comment: no character in it ends the line or joins it with the next.
[[nodiscard]] inline std::string commented(std::string_view name) {
    std::string out = printable(name);
    for (char& c : out) {
        if (c == '\\') c = '/';
    }
    for (std::size_t at = 0; (at = out.find("??", at)) != out.npos;) out.replace(at, 2, "?.");
    return out;
}

/// Appends `{numbers};`: on the line that `out` ends with if all fit, else in lines of their own of at most 120
/// columns.
template <class T> void append_list(std::string& out, std::span<const T> values) {
    constexpr std::size_t columns = 120;
    const auto append_number = [&](std::size_t i) {
        if constexpr (std::is_same_v<T, float>)
            out += literal(values[i]);
        else if constexpr (std::is_same_v<T, int4_pair>)
            out += message("{", static_cast<std::int32_t>(values[i].bits), "}");
        else if constexpr (std::is_same_v<T, boolean>)
            out += values[i] == boolean::yes ? "ctq::boolean::yes" : "ctq::boolean::no";
        else if constexpr (sizeof(T) > sizeof(std::int32_t))
            host::detail::append(out, values[i]);
        else
            host::detail::append(out, static_cast<std::int32_t>(values[i]));
        if (i + 1 < values.size()) out += ',';
    };
    const std::size_t start = out.size(), newline = out.rfind('\n');
    std::size_t line = newline == out.npos ? 0 : newline + 1; // where the line that is being written begins
    out += "{";
    for (std::size_t i = 0; i < values.size() && out.size() - line < columns; ++i) {
        if (i > 0) out += ' ';
        append_number(i);
        if (i + 1 == values.size() && out.size() + 2 - line <= columns) {
            out += "};\n";
            return;
        }
    }
    out.resize(start);
    out += "{\n    ";
    line = out.size() - 4;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t before = out.size();
        append_number(i);
        if (before == line + 4) continue;
        const bool fits = out.size() + 1 - line <= columns;
        out.insert(before, fits ? " " : "\n    ");
        if (!fits) line = before + 1;
    }
    out += "};\n";
}

} // namespace ctq::inline CTQ_TARGET::host::emit

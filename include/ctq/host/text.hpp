#pragma once
// text: how the host tool puts texts and numbers together, and how names from files are shown. fmt writes every number.
// room: host | runs on: host | heap: yes | the same text in every locale

#include <ctq/core/target.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

/// A number as it is printed: a NaN has no sign, whatever its bits.
template <class Number> [[nodiscard]] constexpr Number printed(Number number) {
    if constexpr (std::is_floating_point_v<Number>)
        if (number != number) return std::numeric_limits<Number>::quiet_NaN();
    return number;
}

namespace detail {

inline void append(std::string& out, std::string_view text) {
    out += text;
}

template <class Number>
requires std::is_arithmetic_v<Number>
void append(std::string& out, Number number) {
    static_assert(!std::is_same_v<Number, bool> && !std::is_same_v<Number, char>,
                  "ctq: message: texts and numbers are required; say in words what a bool or a char means");
    fmt::format_to(std::back_inserter(out), "{}", printed(number));
}

// Length in bytes of the well-formed UTF-8 sequence that starts `text`, 0 if there is none; its code point in `point`.
inline std::size_t utf8_sequence(std::string_view text, std::uint32_t& point) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xC2 ? 0
                               : first < 0xE0 ? 2
                               : first < 0xF0 ? 3
                               : first < 0xF5 ? 4
                                              : 0;
    if (length == 0 || length > text.size()) return 0;
    point = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
        point = (point << 6U) | (byte(i) & 0x3FU);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return overlong || surrogate || point > 0x10FFFF ? 0 : length;
}

// Characters that move the cursor or reorder the line: controls, zero-width, line separators, bidirectional marks.
inline bool disturbs_a_line(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) || point == 0x061C ||
           point == 0xFEFF;
}

inline void append_escaped(std::string& out, char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    out += "\\x";
    out += digits[value >> 4U];
    out += digits[value & 15U];
}

} // namespace detail

/// Texts and numbers one after the other, each number as fmt's "{}": a float as the shortest decimal that reads back
/// the same. For a width or a precision, pass fmt::format's result of the printed() number as a part.
template <typename... Parts> [[nodiscard]] std::string message(const Parts&... parts) {
    std::string out;
    (detail::append(out, parts), ...);
    return out;
}

/// A name from a file, fit to stand in a one-line message: control characters, bytes that are not UTF-8 and characters
/// that reorder text become \xNN; more than `limit` bytes are cut and end in "...".
[[nodiscard]] inline std::string printable(std::string_view name, std::size_t limit = 64) {
    std::string out;
    for (std::size_t i = 0; i < name.size();) {
        if (out.size() >= limit) return out + "...";
        std::uint32_t point = 0;
        const std::size_t length = detail::utf8_sequence(name.substr(i), point);
        if (length == 0 || detail::disturbs_a_line(point)) {
            for (std::size_t k = 0; k < std::max<std::size_t>(length, 1); ++k) detail::append_escaped(out, name[i + k]);
        } else {
            out.append(name, i, length);
        }
        i += std::max<std::size_t>(length, 1);
    }
    return out;
}

/// A path, fit to stand in a message.
[[nodiscard]] inline std::string printable_path(std::string_view path) {
    return printable(path, 240);
}

/// "'name'", fit to stand in a message.
[[nodiscard]] inline std::string in_quotes(std::string_view name) {
    return message("'", printable(name), "'");
}

} // namespace ctq::inline CTQ_TARGET::host

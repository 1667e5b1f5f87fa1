#pragma once
// What the host tool throws when it cannot go on: an exit code and the faults that explain it, one line each.
// room: host | runs on: host | heap: yes

#include <ctq/core/target.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// The tool's exit codes.
enum class exit_code : int {
    done = 0,
    gate_failed = 1,
    usage = 2,
    malformed = 3,
    unsupported = 4,
    cannot_write = 5,
    internal = 70
};

namespace detail {

inline void append(std::string& out, std::string_view text) {
    out += text;
}

template <typename Number>
requires(std::integral<Number> || std::floating_point<Number>) void append(std::string& out, Number number) {
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
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

/// One string from texts and numbers; numbers are written the same in every locale.
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

/// Faults gathered while a file is checked: the text of the first `kept`, the number of all.
/// A malformed file outranks an unsupported one.
class fault_list {
    std::vector<std::string> lines_;
    std::size_t total_ = 0;
    exit_code code_ = exit_code::done;

  public:
    static constexpr std::size_t kept = 20;

    void add(exit_code code, std::string line) {
        const bool outranks =
            code_ == exit_code::done || (code_ == exit_code::unsupported && code == exit_code::malformed);
        if (outranks) code_ = code;
        ++total_;
        if (lines_.size() < kept) lines_.push_back(std::move(line));
    }

    [[nodiscard]] bool empty() const { return total_ == 0; }
    [[nodiscard]] std::size_t total() const { return total_; }
    [[nodiscard]] exit_code code() const { return code_; }
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

    /// Every line after `prefix`, and "<prefix>...and N more" when not all were kept.
    [[nodiscard]] std::string text(std::string_view prefix = "") const {
        std::string out;
        for (const std::string& line : lines_) out += message(out.empty() ? "" : "\n", prefix, line);
        if (total_ > lines_.size())
            out += message("\n", prefix, "\xE2\x80\xA6", "and ", total_ - lines_.size(), " more");
        return out;
    }

    /// Throws `failure` with all faults, if there are any.
    void throw_if_any() const;
};

/// An error with an exit code. what() holds the lines without the "ctq: error: " prefix; print() writes them with it.
struct failure : std::runtime_error {
    exit_code code;
    fault_list faults;

    failure(exit_code code_given, std::string line) : failure(code_given, single(code_given, std::move(line))) {}
    failure(exit_code code_given, fault_list list)
        : std::runtime_error(list.text()), code(code_given), faults(std::move(list)) {}

    /// One line per fault, each "ctq: error: FILE: ...".
    void print(std::ostream& out) const { out << faults.text("ctq: error: ") << '\n'; }

  private:
    static fault_list single(exit_code code_given, std::string line) {
        fault_list list;
        list.add(code_given, std::move(line));
        return list;
    }
};

inline void fault_list::throw_if_any() const {
    if (!empty()) throw failure(code_, *this);
}

/// Throws "FILE: what" with the code for a malformed input.
template <typename... Parts> [[noreturn]] void fail_malformed(std::string_view path, const Parts&... what) {
    throw failure(exit_code::malformed, message(printable_path(path), ": ", what...));
}

} // namespace ctq::inline CTQ_TARGET::host

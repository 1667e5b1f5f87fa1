#pragma once
// table: rows of cells as aligned lines or as Markdown; the one printer of tables of the tool and of emitted comments.
// room: host | runs on: host | heap: yes

#include <ctq/host/text.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// The first row is the head. A row may have fewer cells than others.
using table_rows = std::vector<std::vector<std::string>>;

namespace detail {

/// Columns that a text takes on a terminal: its code points, since printable() lets no character of width 0 pass.
inline std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

inline std::vector<std::size_t> widths_of(const table_rows& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        if (row.size() > widths.size()) widths.resize(row.size(), 0);
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
    }
    return widths;
}

} // namespace detail

/// Each row as a line without its end, columns two spaces apart and as wide as their widest cell; those from
/// `first_number` on stand to the right.
[[nodiscard]] inline std::vector<std::string> aligned_lines(const table_rows& rows, std::size_t first_number) {
    const std::vector<std::size_t> widths = detail::widths_of(rows);
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - detail::columns_of(row[i]), ' ');
            const bool left = i < first_number;
            line += message(i == 0 ? "" : "  ", left ? row[i] : space, left ? space : row[i]);
        }
        line.resize(line.find_last_not_of(' ') + 1);
        lines.push_back(line);
    }
    return lines;
}

/// The same lines in one text, each with its end.
[[nodiscard]] inline std::string aligned_text(const table_rows& rows, std::size_t first_number) {
    std::string out;
    for (const std::string& line : aligned_lines(rows, first_number)) out += line + "\n";
    return out;
}

/// The same rows as a table of Markdown, not aligned: a line more would otherwise change all others.
[[nodiscard]] inline std::string markdown_text(const table_rows& rows) {
    std::string out;
    for (const auto& row : rows) {
        for (const std::string& cell : row) out += message("| ", cell, " ");
        out += "|\n";
        if (&row != &rows.front()) continue;
        for (std::size_t i = 0; i < row.size(); ++i) out += "|---";
        out += "|\n";
    }
    return out;
}

} // namespace ctq::inline CTQ_TARGET::host

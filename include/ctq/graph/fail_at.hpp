#pragma once
// fail_at: a fault that names the node, value or state that is wrong. Names come from files and may be anything.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/core/diagnostics.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// As fail(), with `kind 'name': ` before the text, on one line whatever the name holds, and short enough that the text
/// is never what is cut.
[[noreturn]] inline void fail_at(std::string_view kind, std::string_view name, std::string_view what) {
    constexpr std::size_t most = 200;
    std::string line = std::string(kind) + " '";
    for (const char each : name.substr(0, most)) line += static_cast<unsigned char>(each) < 0x20 ? '?' : each;
    line += name.size() > most ? "...': " : "': ";
    fail((line + std::string(what)).c_str());
}

} // namespace detail

} // namespace ctq::inline CTQ_TARGET

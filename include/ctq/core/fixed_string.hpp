#pragma once
// fixed_string: a string literal that a template takes as an argument.
// room: core | runs on: all | heap: no

#include <ctq/core/target.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// The characters of a literal, without a zero among them.
template <std::size_t Size> struct fixed_string {
    std::array<char, Size> characters{};

    constexpr fixed_string(const char (&from)[Size]) {
        for (std::size_t i = 0; i < Size; ++i) characters[i] = from[i];
    }

    constexpr std::string_view view() const { return {characters.data(), Size - 1}; }
};

} // namespace ctq::inline CTQ_TARGET

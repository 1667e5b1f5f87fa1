#pragma once
// text: an owned character string that is constexpr on every compiler.
// room: core | runs on: compiler + host | heap: yes | why: clang refuses libstdc++ 12's std::string in constant
// expressions

#include <ctq/core/target.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// A small value type for names inside graphs. Copies own their characters; reads go through `view()`.
class text {
  public:
    constexpr text() = default;
    constexpr text(std::string_view characters) : characters_(characters.begin(), characters.end()) {}
    constexpr text(const char* characters) : text(std::string_view(characters)) {}

    constexpr std::string_view view() const { return {characters_.data(), characters_.size()}; }
    constexpr operator std::string_view() const { return view(); }
    constexpr bool empty() const { return characters_.empty(); }

    friend constexpr text operator+(text left, std::string_view right) {
        left.characters_.insert(left.characters_.end(), right.begin(), right.end());
        return left;
    }
    friend constexpr bool operator==(const text& left, const text& right) { return left.view() == right.view(); }
    friend constexpr bool operator==(const text& left, std::string_view right) { return left.view() == right; }
    friend constexpr bool operator==(const text& left, const char* right) { return left.view() == right; }

  private:
    std::vector<char> characters_;
};

/// A number >= 0 in decimal digits.
constexpr text decimal_text(std::int64_t number) {
    std::array<char, 20> digits{};
    std::size_t first = digits.size();
    do {
        digits[--first] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return std::string_view(digits.data() + first, digits.size() - first);
}

} // namespace ctq::inline CTQ_TARGET

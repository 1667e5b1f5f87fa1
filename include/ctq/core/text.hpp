#pragma once
// text: an owned character string that is constexpr on every compiler.
// room: core | runs on: compiler + host (allocates) | why: clang refuses libstdc++ 12's std::string in constant
// expressions

#include <compare>
#include <string_view>
#include <vector>

namespace ctq {

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

  private:
    std::vector<char> characters_;
};

} // namespace ctq

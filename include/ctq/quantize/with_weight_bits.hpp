#pragma once
// with_weight_bits: a rule with narrower weights, all else as it is.
// room: quantize | runs on: compiler + host | heap: no

#include <ctq/quantize/rule.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::rule {

/// `Rule` with integer weights of 4 bits, -7 .. 7, two in a byte. Its name is the rule's with "_w4" behind it; the tool
/// finds it by `--weights-bits 4`.
template <class Rule, int Bits> struct with_weight_bits : Rule {
    static_assert(Bits == 4, "ctq: with_weight_bits: weights of 4 bits are required; other widths are not stored");

  private:
    static constexpr std::string_view suffix = "_w4";
    static constexpr std::size_t length = Rule::name.size() + suffix.size();
    static constexpr std::array<char, length> characters = [] {
        std::array<char, length> made{};
        std::copy(suffix.begin(), suffix.end(), std::copy(Rule::name.begin(), Rule::name.end(), made.begin()));
        return made;
    }();
    static constexpr std::int32_t largest = (1 << (Bits - 1)) - 1;

  public:
    static constexpr std::string_view name{characters.data(), length};
    static constexpr dtype weight_type = dtype::int4;
    static constexpr limits weight_limits{-largest, largest};

    static constexpr double weight_scale(double magnitude) { return magnitude / largest; }
};

} // namespace ctq::inline CTQ_TARGET::rule

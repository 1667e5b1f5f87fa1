#include <ctq/graph/visit_variant.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <type_traits>
#include <variant>

using ctq::visit_variant;

namespace {

using number_or_text = std::variant<int, double, std::string>;

constexpr auto size_of = [](const auto& each) { return sizeof each; };

static_assert([] {
    constexpr std::variant<char, std::array<char, 3>, std::array<char, 7>> last(std::array<char, 7>{});
    std::variant<char, std::array<char, 3>, std::array<char, 7>> first('a');
    return visit_variant(size_of, last) == 7 && visit_variant(size_of, first) == 1;
}());

// What a visitor returns by reference stays one.
static_assert([] {
    std::variant<int, std::array<int, 1>> held(3);
    const auto itself = [&](auto&) -> auto& {
        return held;
    };
    return std::is_same_v<decltype(visit_variant(itself, held)), std::variant<int, std::array<int, 1>>&> &&
           &visit_variant(itself, held) == &held;
}());

} // namespace

TEST_CASE("visit_variant: the visitor gets what the variant holds, as its own type") {
    const auto name = [](const auto& each) -> std::string {
        using type = std::remove_cvref_t<decltype(each)>;
        return std::is_same_v<type, int> ? "int" : std::is_same_v<type, double> ? "double" : "text";
    };
    CHECK(visit_variant(name, static_cast<const number_or_text&>(number_or_text(1))) == "int");
    number_or_text held(0.5);
    CHECK(visit_variant(name, held) == "double");
    held = "x";
    CHECK(visit_variant(name, held) == "text");
}

TEST_CASE("visit_variant: a visitor may change the variant's value and itself") {
    number_or_text held(20);
    int calls = 0;
    visit_variant(
        [&calls](auto& each) {
            ++calls;
            each += each;
        },
        held);
    CHECK(std::get<int>(held) == 40);
    CHECK(calls == 1);
}

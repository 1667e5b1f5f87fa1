#include <ctq/host/emit/source_text.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace ctq;
namespace emit = host::emit;

TEST_CASE("source text: a list is broken behind commas, so that no line passes 120 columns") {
    CHECK(emit::detail::wrapped("a, b", "  ", "    ") == "  a, b");
    CHECK(emit::detail::wrapped("", "  ", "    ") == "  ");
    const std::string word(57, 'w'); // with the comma and the space 59
    CHECK(emit::detail::wrapped(word + ", " + word + ",", "  ", "    ") == "  " + word + ", " + word + ",");
    CHECK(emit::detail::wrapped(word + ", " + word + "x,", "   ", "    ") == "   " + word + ",\n    " + word + "x,");
    const std::string endless(200, 'w'); // cannot be broken
    CHECK(emit::detail::wrapped(endless + ", a", "", " ") == endless + ",\n a");
}

TEST_CASE("source text: items stand in one list") {
    const auto doubled = [](int each) { return 2 * each; };
    CHECK(emit::detail::comma_list(std::vector<int>{1, 2, 3}, doubled) == "2, 4, 6");
    CHECK(emit::detail::comma_list(std::vector<int>{}, doubled).empty());
}

TEST_CASE("source text: each element type has its name") {
    CHECK(emit::detail::element_name(dtype::float32) == "float");
    CHECK(emit::detail::element_name(dtype::int8) == "std::int8_t");
    CHECK(emit::detail::element_name(dtype::boolean) == "ctq::boolean");
    CHECK(emit::detail::element_name(dtype::int4) == "ctq::int4_pair");
}

TEST_CASE("source text: lines and arrays follow each other, and a tensor without elements is refused") {
    const std::vector<std::int8_t> elements{1, -2};
    emit::detail::source_text made;
    made.line("a ", 1);
    made.array("numbers", {{dtype::int8, shape{2}}, elements.data()});
    made.line();
    CHECK_THROWS_AS(made.array("none", {{dtype::int8, shape{0}}, elements.data()}), model_error);
    CHECK(std::move(made).str() == "a 1\nalignas(16) inline constexpr std::int8_t numbers[] = {1, -2};\n\n\n");
}

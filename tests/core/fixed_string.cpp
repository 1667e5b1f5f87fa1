#include <ctq/core/fixed_string.hpp>

#include <doctest/doctest.h>

namespace {

template <ctq::fixed_string Name> struct named { static constexpr std::string_view name = Name.view(); };

static_assert(named<"Relu">::name == "Relu" && named<"">::name.empty());
static_assert(!std::is_same_v<named<"ab">, named<"ba">> && std::is_same_v<named<"ab">, named<"ab">>);

} // namespace

TEST_CASE("fixed_string: a template tells them apart, and reads them at run time too") {
    CHECK(named<"LeakyRelu">::name == std::string_view("LeakyRelu"));
    CHECK(named<"a">::name != named<"b">::name);
}

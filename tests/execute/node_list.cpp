#include <ctq/execute/node_list.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <type_traits>
#include <vector>

namespace {

constexpr auto list = ctq::nodes(1, 2.5, 'x', 4);
static_assert(list.size == 4);
static_assert(ctq::get<0>(list) == 1 && ctq::get<1>(list) == 2.5 && ctq::get<2>(list) == 'x' && ctq::get<3>(list) == 4);
static_assert(std::is_same_v<decltype(ctq::get<1>(list)), const double&>);
static_assert(ctq::nodes().size == 0);

constexpr auto squares = ctq::detail::array_of<std::size_t, 1000>(
    []<std::size_t I>(std::integral_constant<std::size_t, I>) { return I * I; });
static_assert(squares[0] == 0 && squares[999] == 998001);

static_assert(ctq::detail::all_of(std::array<bool, 0>{}));
static_assert(ctq::detail::all_of(std::array{true, true}) && !ctq::detail::all_of(std::array{true, false}));

} // namespace

TEST_CASE("node_list: indices are visited in order, also beyond the length of a fold") {
    std::vector<std::size_t> seen;
    ctq::detail::for_each_index<1000>([&](auto index) { seen.push_back(index); });
    REQUIRE(seen.size() == 1000);
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == i);
    ctq::detail::for_each_index<0>([&](auto) { seen.clear(); });
    CHECK(seen.size() == 1000);
}

#include <ctq/graph/folding_budget.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

using namespace ctq;

namespace {

constexpr bool is_bounded_in_the_compiler() {
    folding_budget budget(10, 3);
    return budget.take({8, 0, 3}).empty() && !budget.take({8, 0, 0}).empty();
}
static_assert(is_bounded_in_the_compiler());

} // namespace

TEST_CASE("folding_budget: what is left is given, what is not is refused and takes nothing") {
    folding_budget budget(10);
    CHECK(budget.take({.made = 4}).empty());
    CHECK(budget.take({.made = 7}) ==
          "of constants it makes 7 bytes more, after 4 that were made before; 10 are the most");
    CHECK(budget.bytes_made() == 4);
    CHECK_FALSE(budget.take({.made = std::numeric_limits<std::int64_t>::max()}).empty());
    CHECK(budget.take({.made = 6}).empty());
    CHECK_FALSE(budget.take({.made = 1}).empty());
    CHECK(budget.take({}).empty());
    CHECK(folding_budget().take({.made = most_folded_bytes}).empty());
    CHECK_FALSE(folding_budget().take({.made = most_folded_bytes + 1}).empty());
}

TEST_CASE("folding_budget: what is read and what is done have bounds of their own") {
    folding_budget budget(10, 5);
    CHECK(budget.take({.read = 159}).empty());
    CHECK(budget.take({.read = 2}) ==
          "of constants it reads 2 bytes more, after 159 that were read before; 160 are the most");
    CHECK(budget.take({.steps = 5}).empty());
    CHECK(budget.take({.steps = 1}) ==
          "of constants it takes 1 steps more, after 5 that were taken before; 5 are the most");
    CHECK(budget.take({.made = 10, .read = 1}).empty());
    CHECK(folding_budget().take({.steps = most_folded_steps}).empty());
    CHECK_FALSE(folding_budget().take({.steps = most_folded_steps + 1}).empty());
}

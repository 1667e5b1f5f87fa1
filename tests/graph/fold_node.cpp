#include <ctq/default_registry.hpp>
#include <ctq/graph/builder.hpp>
#include <ctq/graph/fold_node.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/non_max_suppression.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace ctq;

namespace {

constexpr bool folds_in_the_compiler() {
    value_list values;
    folding_budget budget(8);
    const int k = values.add_constant("k", {2}, std::vector<float>{3, 4});
    const int square = values.add_value("square", {dtype::float32, {2}}),
              other = values.add_value("other", {dtype::float32, {2}});
    return fold_node(values, op::multiply{}, {k, k}, {square}, budget).empty() &&
           values.constant_of(square).as<float>() == std::vector<float>{9, 16} &&
           !fold_node(values, op::multiply{}, {k, k}, {other}, budget).empty() && !values.is_constant(other);
}
static_assert(folds_in_the_compiler());

} // namespace

TEST_CASE("fold_node: it costs what it reads and makes, each value as wide as its type, and the operator's steps") {
    value_list values;
    const int wide = values.add_value("w", {dtype::int64, {3, 5}}), flag = values.add_value("f", {dtype::boolean, {}}),
              image = values.add_value("i", {dtype::float32, {1, 4, 4, 1}}),
              pooled = values.add_value("p", {dtype::float32, {1, 2, 2, 1}});
    const folding_cost moved = cost_of_folding(values, op::identity{}, {wide}, {wide, flag});
    CHECK(moved.read == 120);
    CHECK(moved.made == 121);
    CHECK(moved.steps == 0);
    const folding_cost under = cost_of_folding(values, op::max_pool{{3, 3}}, {image}, {pooled});
    CHECK(under.read == 64);
    CHECK(under.made == 16);
    CHECK(under.steps == 4 * 9);
}

TEST_CASE("fold_node: rows that the data fill are those that are there") {
    value_list values;
    const int boxes = values.add_constant("b", {1, 2, 4}, std::vector<float>{0, 0, 1, 1, 0, 0, 1, 1}),
              scores = values.add_constant("s", {1, 1, 2}, std::vector<float>{1, 2});
    const int rows = values.add_value("r", {dtype::int64, {2, 3}}), count = values.add_value("c", {dtype::int64, {}});
    folding_budget budget;
    CHECK(fold_node(values, op::non_max_suppression{2, 0.5f}, {boxes, scores}, {rows, count}, budget).empty());
    CHECK(values.value_at(rows).facts.shape == shape{1, 3});
    CHECK(values.constant_of(rows).as<std::int64_t>() == std::vector<std::int64_t>{0, 0, 1});
    CHECK(values.constant_of(count).as<std::int64_t>() == std::vector<std::int64_t>{1});
}

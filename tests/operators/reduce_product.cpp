#include <ctq/operators/reduce_product.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::constant;
using ctq::shape;
using ctq::op::axis_set;
using ctq::op::reduce_product;

namespace {

constexpr reduce_product product_over(std::initializer_list<int> axes, bool keep) {
    reduce_product op{{}, keep};
    for (const int axis : axes) op.axes.insert(axis);
    return op;
}

static_assert([] {
    return float_result(product_over({1}, true), {{{2, 3}, {1, 2, 3, 4, 5, -0.5f}}}) == std::vector<float>{6, -10};
}());

} // namespace

TEST_CASE("reduce_product: shape rule") {
    CHECK(shape_from(product_over({0, 2}, true), {{{2, 3, 4}}}) == shape{1, 3, 1});
    CHECK(shape_from(product_over({0, 2}, false), {{{2, 3, 4}}}) == shape{3});
    CHECK_THROWS_WITH_AS(shape_from(reduce_product{}, {}), "reduce_product takes one input", ctq::model_error);
}

TEST_CASE("reduce_product: integers modulo 2^bits, along any axes, of nothing 1") {
    const std::vector<std::int64_t> x{1, 2, 3, 4, 5, 6, -7, 8, 9, 10, 11, 12};
    const typed_operand in{{2, 3, 2}, constant(x)};
    const auto products = [&](const reduce_product& op) { return result_of(op, {in}).as<std::int64_t>(); };
    CHECK(products(product_over({0, 2}, false)) == std::vector<std::int64_t>{-112, 3 * 4 * 9 * 10, 5 * 6 * 11 * 12});
    CHECK(products(product_over({0, 1, 2}, false)) == std::vector<std::int64_t>{-479001600});
    CHECK(products(product_over({}, false)) == x);
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(result_of(product_over({0}, true), {list_of<std::int64_t>({most, 3})}).as<std::int64_t>() ==
          std::vector<std::int64_t>{most - 2});
    CHECK(result_of(product_over({0}, false), {list_of<std::int32_t>({65536, 65536, 7})}).as<std::int32_t>() ==
          std::vector<std::int32_t>{0});
    CHECK(result_of(product_over({0}, false), {list_of<std::int32_t>({})}).as<std::int32_t>() ==
          std::vector<std::int32_t>{1});
    CHECK(result_of(product_over({}, false), {scalar_of(2.5f)}).as<float>() == std::vector<float>{2.5f});
}

#include <ctq/operators/range.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::range;

static_assert([] {
    return float_result(range{3}, {{{}, {0.5f}}, {{}, {-2.0f}}}) == std::vector<float>{0.5f, -1.5f, -3.5f};
}());

TEST_CASE("range: shape rule") {
    CHECK(shape_from(range{5}, {{{}}, {{1}}}) == shape{5});
    CHECK(shape_from(range{0}, {{{}}, {{}}}) == shape{0});
    CHECK_THROWS_WITH_AS(shape_from(range{5}, {{{}}}), "range takes two inputs", ctq::model_error);
    CHECK_THROWS_AS(shape_from(range{5}, {{{2}}, {{}}}), ctq::model_error);
    CHECK_THROWS_AS(shape_from(range{-1}, {{{}}, {{}}}), ctq::model_error);
}

TEST_CASE("range: integers, round the end of their type too, and reals rounded twice each") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(result_of(range{3}, {scalar_of(most - 1), scalar_of(std::int64_t{1})}).as<std::int64_t>() ==
          std::vector<std::int64_t>{most - 1, most, -most - 1});
    CHECK(result_of(range{4}, {scalar_of(std::int32_t{7}), scalar_of(std::int32_t{-3})}).as<std::int32_t>() ==
          std::vector<std::int32_t>{7, 4, 1, -2});
    CHECK(result_of(range{0}, {scalar_of(1.0f), scalar_of(1.0f)}).entries() == 0);
    const auto tenths = result_of(range{1000}, {scalar_of(0.3f), scalar_of(0.1f)}).as<float>();
    for (std::size_t i = 0; i < tenths.size(); ++i) {
        volatile float product = static_cast<float>(i) * 0.1f;
        CHECK(tenths[i] == 0.3f + product);
    }
}

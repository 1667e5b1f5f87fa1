#include <ctq/operators/compare.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::boolean;
using ctq::shape;
using ctq::op::compare;
using ctq::op::relation;

namespace {

static_assert([] {
    return result_of(compare{relation::less}, {list_of<float>({1, 2, 3}), scalar_of(2.0f)}).as<boolean>() ==
           std::vector<boolean>{yes, no, no};
}());

using flags_list = std::vector<boolean>;

/// Of two sorted numbers with the lower one, itself and the higher one.
template <class T> void check_order(T low, T high) {
    const auto made = [&](relation asked) {
        return result_of(compare{asked}, {list_of<T>({low, low, high}), list_of<T>({high, low, low})})
            .template as<boolean>();
    };
    CHECK(made(relation::equal) == flags_list{no, yes, no});
    CHECK(made(relation::less) == flags_list{yes, no, no});
    CHECK(made(relation::less_or_equal) == flags_list{yes, yes, no});
}

} // namespace

TEST_CASE("compare: shape rule") {
    CHECK(shape_from(compare{}, {{{2, 1, 3}}, {{4, 1}}}) == shape{2, 4, 3});
    CHECK_THROWS_WITH_AS(shape_from(compare{}, {{{2}}}), "compare takes two inputs", ctq::model_error);
}

TEST_CASE("compare: numbers of every type, as large as they are") {
    check_order(-1.5f, 1e-45f);
    check_order(std::int8_t{-128}, std::int8_t{127});
    check_order(std::uint8_t{127}, std::uint8_t{128});
    check_order(std::int16_t{-32768}, std::int16_t{1});
    check_order(std::uint16_t{1}, std::uint16_t{65535});
    check_order(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
    check_order(std::int64_t{9007199254740992}, std::int64_t{9007199254740993}); // one and the same as doubles
    check_order(no, yes);
}

TEST_CASE("compare: zeros are equal, NaN is nothing to anything, itself included") {
    const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
    const typed_operand a = list_of<float>({0.0f, nan, nan, 1.0f, infinity}),
                        b = list_of<float>({-0.0f, nan, 1.0f, nan, infinity});
    CHECK(result_of(compare{relation::equal}, {a, b}).as<boolean>() == flags_list{yes, no, no, no, yes});
    CHECK(result_of(compare{relation::less}, {a, b}).as<boolean>() == flags_list{no, no, no, no, no});
    CHECK(result_of(compare{relation::less_or_equal}, {a, b}).as<boolean>() == flags_list{yes, no, no, no, yes});
}

TEST_CASE("compare: broadcast, of scalars and of nothing") {
    const typed_operand column{{2, 1}, ctq::constant(std::vector<std::int32_t>{1, 2})};
    CHECK(result_of(compare{}, {column, list_of<std::int32_t>({2, 1})}).as<boolean>() == flags_list{no, yes, yes, no});
    CHECK(result_of(compare{}, {scalar_of(3.0f), scalar_of(3.0f)}).as<boolean>() == flags_list{yes});
    CHECK(result_of(compare{}, {list_of<float>({}), scalar_of(3.0f)}).entries() == 0);
}

#include <ctq/operators/slice.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::slice;

static_assert([] {
    return float_result(slice{{0, 2}, {1, -2}, {2, 2}}, {{{2, 3}, {1, 2, 3, 4, 5, 6}}}) ==
           std::vector<float>{3, 1, 6, 4};
}());
static_assert([] {
    return quantized_node(slice{{1}, {2}, {2}}, {{{4}}}).run({{1, 2, 3, 4}}) == std::vector<std::int8_t>{2, 4};
}());

TEST_CASE("slice: shape rule") {
    CHECK(shape_from(slice{{1, 0, 4}, {1, 1, -1}, {2, 3, 5}}, {{{4, 3, 5}}}) == shape{2, 3, 5});
    CHECK(shape_from(slice{}, {{{}}}) == shape{});
    CHECK_THROWS_WITH_AS(shape_from(slice{}, {}), "slice takes one input", ctq::model_error);
    CHECK(shape_from(slice{{7, 0}, {1, 0}, {0, 9}}, {{{3, 2}}}) == shape{0, 9});
    CHECK_THROWS_WITH_AS(shape_from(slice{{0}, {1}, {-1}}, {{{3}}}),
                         "a slice must not have a negative number of elements", ctq::model_error);
    for (const slice& outside : {slice{{3}, {1}, {1}}, slice{{-1}, {1}, {1}}, slice{{1}, {1}, {3}},
                                 slice{{1}, {-1}, {3}}, slice{{0}, {1 << 30}, {1 << 30}}})
        CHECK_THROWS_WITH_AS(shape_from(outside, {{{3}}}), "a slice must lie within the input", ctq::model_error);
}

TEST_CASE("slice: of a transposed tensor") {
    const slice op{{1, 2, 0}, {1, -1, 1}, {2, 3, 1}};
    const std::array<std::int32_t, 3> permutation{2, 0, 1};
    CHECK(op.permuted(permutation) == slice{{0, 1, 2}, {1, 1, -1}, {1, 2, 3}});
}

TEST_CASE("slice: one element over and over, of every type, and nothing") {
    const slice stretched{{1, 0}, {0, 1}, {3, 2}};
    CHECK(float_result(stretched, {{{2, 2}, {1, 2, 3, 4}}}) == std::vector<float>{3, 4, 3, 4, 3, 4});
    CHECK(quantized_node(stretched, {{{2, 2}}}).run({{1, 2, 3, 4}}) == std::vector<std::int8_t>{3, 4, 3, 4, 3, 4});
    CHECK(result_of(stretched, {{{2, 2}, ctq::constant(std::vector<std::int64_t>{1, 2, 3, 4})}}).as<std::int64_t>() ==
          std::vector<std::int64_t>{3, 4, 3, 4, 3, 4});
    CHECK(
        result_of(slice{{0, 0}, {1, 1}, {0, 2}}, {{{2, 2}, ctq::constant(std::vector<float>{1, 2, 3, 4})}}).entries() ==
        0);
}

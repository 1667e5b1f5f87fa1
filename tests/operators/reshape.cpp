#include <ctq/operators/reshape.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::reshape;

static_assert([] { return float_result(reshape{{4}}, {{{2, 2}, {1, 2, 3, 4}}}) == std::vector<float>{1, 2, 3, 4}; }());
static_assert([] {
    return quantized_node(reshape{{1, 3}}, {{{3}}}).run({{-128, 0, 127}}) == std::vector<std::int8_t>{-128, 0, 127};
}());

TEST_CASE("reshape: shape rule") {
    CHECK(shape_from(reshape{{2, 6}}, {{{3, 4}}}) == shape{2, 6});
    CHECK(shape_from(reshape{{}}, {{{1, 1}}}) == shape{});
    CHECK_THROWS_WITH_AS(shape_from(reshape{{5}}, {{{3, 2}}}), "reshape must keep the number of elements",
                         ctq::model_error);
    CHECK_THROWS_WITH_AS(shape_from(reshape{{6}}, {{{6}}, {{6}}}), "reshape takes one input", ctq::model_error);
}

TEST_CASE("reshape: the elements and their scale stay") {
    dice random(81);
    const auto node = quantized_node(reshape{{4, 15}}, {{{3, 4, 5}, {}, {-3, 7}}});
    const auto x = random.integers(60);
    CHECK(node.run({x}) == x);
    CHECK(node.input().quantization == node.output().quantization);
}

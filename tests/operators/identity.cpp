#include <ctq/operators/identity.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::identity;

static_assert([] { return float_result(identity{}, {{{2}, {1, -2}}}) == std::vector<float>{1, -2}; }());
static_assert([] {
    return quantized_node(identity{}, {{{3}}}).run({{-128, 0, 127}}) == std::vector<std::int8_t>{-128, 0, 127};
}());

TEST_CASE("identity: shape rule") {
    CHECK(shape_from(identity{}, {{{2, 3}}}) == shape{2, 3});
    CHECK_THROWS_WITH_AS(shape_from(identity{}, {}), "identity takes one input", ctq::model_error);
}

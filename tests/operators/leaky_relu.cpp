#include <ctq/operators/leaky_relu.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <limits>

using namespace ctq::testing;
using ctq::op::leaky_relu;

namespace {

static_assert([] {
    return float_result(leaky_relu{0.25f}, {{{4}, {-2.0f, 0.0f, 0.5f, -0.0f}}}) ==
           std::vector<float>{-0.5f, 0.0f, 0.5f, 0.0f};
}());

} // namespace

TEST_CASE("leaky_relu: a slope that is infinite is refused") {
    const leaky_relu steep{std::numeric_limits<float>::infinity()};
    CHECK_THROWS_WITH_AS(quantized_node(steep, {{{4}}}, {-1.0f, 1.0f}).run({{1, 2, 3, 4}}),
                         "the slope of leaky_relu must be finite", ctq::model_error);
}

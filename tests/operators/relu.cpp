#include <ctq/operators/relu.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <algorithm>

using namespace ctq::testing;

static_assert([] { return float_result(ctq::op::relu{}, {{{3}, {1, -2, 0}}}) == std::vector<float>{1, 0, 0}; }());
static_assert([] {
    return quantized_node(ctq::op::relu{}, {{{3}, {}, {-3, 1}}}).run({{-128, 63, 127}}) ==
           std::vector<std::int8_t>{63, 63, 127};
}());

TEST_CASE("relu: the maximum with the zero point, exactly") {
    const auto node = quantized_node(ctq::op::relu{}, {{{256}, {}, {-0.3f, 0.9f}}}, {0.0f, 0.9f});
    CHECK(node.input().quantization == node.output().quantization);
    std::vector<std::int8_t> x(256);
    for (int i = 0; i < 256; ++i) x[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    const auto out = node.run({x});
    for (std::size_t i = 0; i < 256; ++i) CHECK(out[i] == std::max<int>(x[i], node.input().quantization.zero_point));
}

TEST_CASE("relu: it takes one input") {
    CHECK_THROWS_WITH_AS(shape_from(ctq::op::relu{}, {{{2}}, {{2}}}), "an element-wise function takes one input",
                         ctq::model_error);
}

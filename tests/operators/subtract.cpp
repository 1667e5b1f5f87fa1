#include <ctq/operators/subtract.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstdlib>

using namespace ctq::testing;
using ctq::op::subtract;

namespace {

static_assert([] {
    return float_result(subtract{}, {{{2, 2}, {1, 2, 3, 4}}, {{2}, {10, 20}}}) == std::vector<float>{-9, -18, -7, -16};
}());
static_assert([] {
    return float_result(subtract{ctq::bounds::relu()}, {{{2}, {1, 3}}, {{2}, {2, 1}}}) == std::vector<float>{0, 2};
}());

// Scales 2/255 on both sides, 4/255 on the result: half the difference of two integers, halves up, and the zero point
// of -1.
static_assert([] {
    return quantized_node(subtract{}, {{{3}}, {{3}}}, {-2.0f, 2.0f}).run({{-128, 0, 127}, {127, 1, 127}}) ==
           std::vector<std::int8_t>{-128, -1, -1};
}());

} // namespace

TEST_CASE("subtract: shape rule") {
    CHECK(shape_from(subtract{}, {{{2, 1, 3}}, {{4, 1}}}) == ctq::shape{2, 4, 3});
    CHECK_THROWS_WITH_AS(shape_from(subtract{}, {{{2}}}), "subtract takes two inputs", ctq::model_error);
}

TEST_CASE("subtract: either operand may be constant") {
    const std::vector<float> constant{0.5f, 0.25f, 0.0f, -1.0f};
    const ctq::bounds seen{0.0f, 1.0f};
    for (const bool first : {true, false}) {
        CAPTURE(first);
        const auto node = first ? quantized_node(subtract{}, {{{4}, constant}, {{4}, {}, seen}}, {-2.0f, 2.0f})
                                : quantized_node(subtract{}, {{{4}, {}, seen}, {{4}, constant}}, {-2.0f, 2.0f});
        const auto out = node.run({{-128, -128, 127, 127}});
        for (std::size_t i = 0; i < out.size(); ++i) {
            const double activation = i < 2 ? 0.0 : 1.0, other = static_cast<double>(constant[i]);
            const double real = first ? other - activation : activation - other;
            CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization)) <= 1);
        }
    }
}

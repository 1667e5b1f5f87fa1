#include <ctq/operators/multiply.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstdlib>

using namespace ctq::testing;
using ctq::shape;

namespace {

static_assert([] {
    return float_result(ctq::op::multiply{}, {{{2, 2}, {1, 2, 3, 4}}, {{2}, {10, -20}}}) ==
           std::vector<float>{10, -40, 30, -80};
}());
static_assert([] {
    return float_result(ctq::op::multiply{ctq::bounds::relu6()}, {{{3}, {1, 2, 5}}, {{1}, {2}}}) ==
           std::vector<float>{2, 4, 6};
}());

// x and y in [0, 1]: zero points -128, so 127 is 1 and the product of the ends is an end.
static_assert([] {
    return quantized_node(ctq::op::multiply{}, {{{3}, {}, {0, 1}}, {{3}, {}, {0, 1}}}, {0, 1})
               .run({{-128, 127, 127}, {127, 127, -128}}) == std::vector<std::int8_t>{-128, 127, -128};
}());

template <class Rule> void check_against_real_products(const shape& a, const shape& b, unsigned seed) {
    dice random(seed);
    const ctq::bounds range_a{-random.real(0.01f, 3.0f), random.real(0.01f, 3.0f)};
    const ctq::bounds range_b{-random.real(0.01f, 3.0f), random.real(0.01f, 3.0f)};
    const auto node = quantized_node<Rule>(ctq::op::multiply{}, {{a, {}, range_a}, {b, {}, range_b}}, {-2.0f, 3.0f});
    const auto x = random.integers(a.elements()), y = random.integers(b.elements());
    const auto out = node.run({x, y});
    const std::size_t inner = y.size();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double real =
            exact_real_of(x[i], node.input(0).quantization) * exact_real_of(y[i % inner], node.input(1).quantization);
        CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization)) <= 1);
    }
}

} // namespace

TEST_CASE("multiply: shape rule") {
    CHECK(shape_from(ctq::op::multiply{}, {{{1, 4, 4, 8}}, {{1, 1, 1, 8}}}) == shape{1, 4, 4, 8});
    CHECK_THROWS_WITH_AS(shape_from(ctq::op::multiply{}, {{{2}}, {{2}}, {{2}}}), "multiply takes two inputs",
                         ctq::model_error);
    CHECK_THROWS_AS(shape_from(ctq::op::multiply{}, {{{2}}, {{3}}}), ctq::model_error);
}

TEST_CASE("multiply: within one step of the real product") {
    unsigned seed = 0;
    for (const auto& [a, b] :
         {std::pair<shape, shape>{{2, 5, 5, 3}, {2, 5, 5, 3}}, {{2, 4, 4, 8}, {8}}, {{300}, {1}}}) {
        check_against_real_products<ctq::rule::affine_int8>(a, b, seed++);
        check_against_real_products<ctq::rule::tflite_int8>(a, b, seed++);
    }
}

TEST_CASE("multiply: a constant operand is quantized over its own range") {
    const auto node = quantized_node(ctq::op::multiply{}, {{{3}}, {{1}, {-0.5f}}}, {-0.5f, 0.5f});
    const auto out = node.run({{127, -128, 0}});
    for (std::size_t i = 0; i < 3; ++i) {
        const int x = std::vector{127, -128, 0}[i];
        const double real = -0.5 * exact_real_of(x, node.input().quantization);
        CHECK(std::abs(out[i] - nearest_integer(real, node.output().quantization)) <= 1);
    }
}

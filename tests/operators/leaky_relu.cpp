#include <ctq/operators/leaky_relu.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <cstdlib>
#include <limits>

using namespace ctq::testing;
using ctq::op::leaky_relu;

namespace {

static_assert([] {
    return float_result(leaky_relu{0.25f}, {{{4}, {-2.0f, 0.0f, 0.5f, -0.0f}}}) ==
           std::vector<float>{-0.5f, 0.0f, 0.5f, 0.0f};
}());

template <class Rule> void check_all_integers(float alpha, const ctq::bounds& in, const ctq::bounds& out) {
    const auto node = quantized_node<Rule>(leaky_relu{alpha}, {{{256}, {}, in}}, out);
    CHECK(node.never_overflows());
    std::vector<std::int8_t> all;
    for (int i = -128; i < 128; ++i) all.push_back(static_cast<std::int8_t>(i));
    const auto got = node.run({all});
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double x = exact_real_of(all[i], node.input(0).quantization);
        const double y = x < 0 ? static_cast<double>(alpha) * x : x;
        CHECK(std::abs(got[i] - nearest_integer(y, node.output().quantization)) <= 1);
    }
}

} // namespace

TEST_CASE("leaky_relu: each integer within one of the function's value, whichever way it leans") {
    for (const float alpha : {0.125f, 0.0f, 1.5f, -0.5f, -2.0f, 1e-30f}) {
        CAPTURE(alpha);
        check_all_integers<ctq::rule::affine_int8>(alpha, {-2.0f, 3.0f}, {-0.25f, 3.0f});
        check_all_integers<ctq::rule::tflite_int8>(alpha, {-2.0f, 3.0f}, {-3.0f, 4.0f});
        check_all_integers<ctq::rule::affine_int8>(alpha, {-2.0f, 3.0f}, {-1e-4f, 1e-4f}); // most saturate
    }
}

TEST_CASE("leaky_relu: a slope that is infinite is refused") {
    const leaky_relu steep{std::numeric_limits<float>::infinity()};
    CHECK_THROWS_WITH_AS(quantized_node(steep, {{{4}}}, {-1.0f, 1.0f}).run({{1, 2, 3, 4}}),
                         "the slope of leaky_relu must be finite", ctq::model_error);
}

#include <ctq/operators/matrix_product.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>
#include <ctq/rewrite/turning.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <variant>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::matrix_product;

namespace {

static_assert([] {
    return float_result(matrix_product{}, {{{2, 3}, {1, 2, 3, 4, 5, 6}}, {{3, 2}, {1, 0, 0, 10, 1, 1}}}) ==
           std::vector<float>{4, 23, 10, 56};
}());
static_assert([] {
    return float_result(matrix_product{ctq::bounds::relu()}, {{{1, 2}, {1, -1}}, {{2, 2}, {1, 5, 3, 2}}}) ==
           std::vector<float>{0, 3};
}());

// Scales 2/255 on both sides, 4/255 on the result, zero points of -1: the sums 129 * 128, 0 and 129 * -127, over 255.
static_assert([] {
    return quantized_node(matrix_product{}, {{{1, 2}}, {{2, 3}}}, {-2.0f, 2.0f})
               .run({{127, 0}, {127, -1, -128, 127, -1, -128}}) == std::vector<std::int8_t>{64, -1, -65};
}());

/// Where the element of a stack of matrices stands that is broadcast to another stack.
std::size_t place_of(const shape& of, const shape& result, std::size_t output, std::int64_t row, std::int64_t column) {
    const auto steps = ctq::broadcast_strides(of, result), of_result = ctq::strides_of(result);
    std::int64_t at = row * of[of.rank - 1] + column;
    for (int axis = 0; axis + 2 < result.rank; ++axis) {
        const auto x = static_cast<std::size_t>(axis);
        at += static_cast<std::int64_t>(output) / of_result[x] % result[axis] * steps[x];
    }
    return static_cast<std::size_t>(at);
}

/// Calls check(output, sum, sum of the magnitudes) with each sum of products in double.
template <class A, class B, class Check>
void for_each_exact(const shape& a, const shape& b, const std::vector<A>& x, const std::vector<B>& y, Check check) {
    const shape of = shape_from(matrix_product{}, {{a}, {b}});
    const std::int64_t columns = of[of.rank - 1], rows = of[of.rank - 2];
    for (std::size_t i = 0; i < static_cast<std::size_t>(of.elements()); ++i) {
        const auto column = static_cast<std::int64_t>(i) % columns, row = static_cast<std::int64_t>(i) / columns % rows;
        double sum = 0, size = 0;
        for (std::int64_t k = 0; k < a[a.rank - 1]; ++k) {
            const double term = static_cast<double>(x[place_of(a, of, i, row, k)]) *
                                static_cast<double>(y[place_of(b, of, i, k, column)]);
            sum += term;
            size += std::fabs(term);
        }
        check(i, sum, size);
    }
}

struct two_shapes {
    shape a, b;
};
const std::vector<two_shapes> stacks{
    {{3, 5}, {5, 4}},          {{1, 1}, {1, 1}},           {{2, 3, 4}, {2, 4, 35}}, // columns in three parts
    {{2, 1, 3, 4}, {5, 4, 2}}, {{4, 2}, {3, 1, 2, 2, 16}}, {{1, 2, 1, 2, 2, 3}, {2, 1, 3, 1, 3, 2}}};

template <class Rule> void check_against_real_products(const two_shapes& of, unsigned seed) {
    dice random(seed);
    const ctq::bounds a{-random.real(0.01f, 3.0f), random.real(0.01f, 3.0f)};
    const ctq::bounds b{-random.real(0.01f, 3.0f), random.real(0.01f, 3.0f)};
    const auto node = quantized_node<Rule>(matrix_product{}, {{of.a, {}, a}, {of.b, {}, b}}, {-3.0f, 5.0f});
    CHECK(node.never_overflows());
    CHECK(node.lowered().nodes.back().types == ctq::detail::signature_under<Rule, matrix_product>());
    const ctq::limits& held = node.input().range;
    const auto integers = [&](const shape& shape_of_them) {
        std::vector<std::int32_t> result;
        for (std::int64_t i = 0; i < shape_of_them.elements(); ++i) result.push_back(random.whole(held.low, held.high));
        return result;
    };
    const auto x = integers(of.a), y = integers(of.b);
    const auto out = node.run_integers({x, y});
    const auto reals = [](const std::vector<std::int32_t>& from, const ctq::quantization& q) {
        std::vector<double> result;
        for (const std::int32_t each : from) result.push_back(exact_real_of(each, q));
        return result;
    };
    for_each_exact(of.a, of.b, reals(x, node.input(0).quantization), reals(y, node.input(1).quantization),
                   [&](std::size_t i, double sum, double) {
                       CHECK(std::abs(out[i] - nearest_integer(sum, node.output().quantization, node.output().range)) <=
                             1);
                   });
}

} // namespace

TEST_CASE("matrix_product: shape rule") {
    CHECK(shape_from(matrix_product{}, {{{2, 1, 3, 4}}, {{5, 4, 7}}}) == shape{2, 5, 3, 7});
    CHECK(ctq::macs(matrix_product{}, shape{2, 1, 3, 4}, shape{2, 5, 3, 7}) == 210 * 4);
    const auto refused = [](const std::vector<operand>& in, const char* text) {
        CHECK_THROWS_WITH_AS(shape_from(matrix_product{}, in), text, ctq::model_error);
    };
    refused({{{2, 2}}}, "matrix_product takes two inputs");
    refused({{{2}}, {{2, 2}}}, "a matrix must have 2 axes at least");
    refused({{{2, 2}}, {{2}}}, "a matrix must have 2 axes at least");
    refused({{{2, 3}}, {{2, 3}}}, "the first operand's last extent must equal the second's last but one");
    refused({{{2, 2, 3}}, {{3, 3, 2}}},
            "the operands' shapes do not broadcast; make each pair of extents equal or one of them 1");
}

TEST_CASE("matrix_product: the float meaning of stacks, broadcast") {
    dice random(1);
    for (const two_shapes& of : stacks) {
        const auto x = random.reals(of.a.elements()), y = random.reals(of.b.elements());
        const auto out = float_result(matrix_product{}, {{of.a, x}, {of.b, y}});
        for_each_exact(of.a, of.b, x, y, [&](std::size_t i, double sum, double size) {
            CHECK(std::fabs(static_cast<double>(out[i]) - sum) <= 1e-6 * size);
        });
    }
}

TEST_CASE("matrix_product: terms are added up one after the other") {
    // 1 is lost beside 2^24, and so is each of two; both together are not.
    const float large = 16777216.0f;
    CHECK(float_result(matrix_product{}, {{{1, 3}, {large, 1, 1}}, {{3, 1}, {1, 1, 1}}})[0] == large);
    CHECK(float_result(matrix_product{}, {{{1, 3}, {1, 1, large}}, {{3, 1}, {1, 1, 1}}})[0] == large + 2);
}

TEST_CASE("matrix_product: within one step of the real sums") {
    unsigned seed = 0;
    for (const two_shapes& of : stacks)
        for (int i = 0; i < 4; ++i) {
            check_against_real_products<ctq::rule::affine_int8>(of, ++seed);
            check_against_real_products<ctq::rule::tflite_int8>(of, ++seed);
            check_against_real_products<ctq::rule::int16x8>(of, ++seed);
        }
}

TEST_CASE("matrix_product: either operand may be constant, with zero points of their own") {
    const std::vector<float> constant{0.5f, 0.25f, 0.0f, 1.0f};
    const ctq::bounds seen{-1.0f, 0.5f};
    for (const bool first : {true, false}) {
        CAPTURE(first);
        const operand held{{2, 2}, constant}, given{{2, 2}, {}, seen};
        const auto node = first ? quantized_node(matrix_product{}, {held, given}, {-2.0f, 2.0f})
                                : quantized_node(matrix_product{}, {given, held}, {-2.0f, 2.0f});
        const std::vector<std::int8_t> x{-128, 127, 42, 100};
        std::vector<double> reals;
        for (const int each : x) reals.push_back(exact_real_of(each, node.input().quantization));
        const auto out = node.run({x});
        const auto check = [&](std::size_t i, double sum, double) {
            CHECK(std::abs(out[i] - nearest_integer(sum, node.output().quantization)) <= 1);
        };
        if (first)
            for_each_exact({2, 2}, {2, 2}, constant, reals, check);
        else
            for_each_exact({2, 2}, {2, 2}, reals, constant, check);
    }
}

TEST_CASE("matrix_product: proved by the operands' ranges and the length") {
    const auto proved = []<class Rule>(Rule, std::int32_t length, const ctq::bounds& range, const ctq::bounds& out) {
        return quantized_node<Rule>(matrix_product{}, {{{1, length}, {}, range}, {{length, 1}, {}, range}}, out)
            .never_overflows();
    };
    // 255 and 128 steps from the zero point, on both sides; 2^31 - 2^16 is what a sum may reach.
    CHECK(proved(ctq::rule::affine_int8{}, 33024, {0, 1}, {0, 100}));
    CHECK_FALSE(proved(ctq::rule::affine_int8{}, 33025, {0, 1}, {0, 100}));
    CHECK(proved(ctq::rule::tflite_int8{}, 131068, {-1, 1}, {-100, 100}));
    CHECK_FALSE(proved(ctq::rule::tflite_int8{}, 131069, {-1, 1}, {-100, 100}));
    // 2^30 a product in 64 bits, of which a sum may take 2^48 - 1.
    CHECK(proved(ctq::rule::int16x8{}, 262143, {-1, 1}, {-100, 100}));
    CHECK_FALSE(proved(ctq::rule::int16x8{}, 262144, {-1, 1}, {-100, 100}));
    // A result whose step is far less than a product's saturates, and asks for no more room.
    CHECK(proved(ctq::rule::tflite_int8{}, 1000, {-1, 1}, {-1e-6f, 1e-6f}));
}

TEST_CASE("matrix_product: the product of the scales is a float32 under TFLite's roundings, as in its kernel") {
    const auto made = []<class Rule>(Rule) {
        const auto node = quantized_node<Rule>(matrix_product{}, {{{2, 2}, {}, {0, 1}}, {{2, 2}, {}, {0, 3}}}, {0, 7});
        const auto lowered = node.lowered();
        const ctq::scaling found =
            std::get<ctq::lowered_operator<matrix_product>>(lowered.nodes.back().op).lowered.scale;
        const float a = node.input(0).quantization.scale, b = node.input(1).quantization.scale;
        const double result = static_cast<double>(node.output().quantization.scale), product = double{a} * double{b};
        using requantizer = typename ctq::requantizer_for<ctq::weighted_rounding_of<Rule>>::type;
        const ctq::scaling of_floats = requantizer::encode(static_cast<double>(a * b) / result);
        const ctq::scaling of_doubles = requantizer::encode(product / result);
        return std::array{found == of_floats, found == of_doubles};
    };
    CHECK(made(ctq::rule::tflite_int8{}) == std::array{true, false});
    CHECK(made(ctq::rule::int16x8{})[0]);
    CHECK(made(ctq::rule::affine_int8{})[1]);
}

TEST_CASE("matrix_product: sums that leave a narrow result saturate on their side") {
    // 200 products, shifted left by eleven, are beyond 32 bits.
    const auto node =
        quantized_node<ctq::rule::tflite_int8>(matrix_product{}, {{{1, 200}}, {{200, 2}}}, {-1e-6f, 1e-6f});
    std::vector<std::int8_t> columns;
    for (int k = 0; k < 200; ++k) columns.insert(columns.end(), {127, -128});
    CHECK(node.run({std::vector<std::int8_t>(200, 127), columns}) == std::vector<std::int8_t>{127, -128});
}

TEST_CASE("matrix_product: no transpose passes it, and constants of it stay as they are") {
    static_assert(!ctq::pass::turnable<matrix_product>);
    static_assert(!ctq::traits_of<matrix_product>.aligns_operands && !ctq::traits_of<matrix_product>.is_element_wise &&
                  !ctq::traits_of<matrix_product>.in_place);
}

#include <ctq/operators/matrix_product.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>
#include <ctq/rewrite/turning.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <cstdint>
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

TEST_CASE("matrix_product: terms are added up one after the other") {
    // 1 is lost beside 2^24, and so is each of two; both together are not.
    const float large = 16777216.0f;
    CHECK(float_result(matrix_product{}, {{{1, 3}, {large, 1, 1}}, {{3, 1}, {1, 1, 1}}})[0] == large);
    CHECK(float_result(matrix_product{}, {{{1, 3}, {1, 1, large}}, {{3, 1}, {1, 1, 1}}})[0] == large + 2);
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

#include <ctq/operators/resize_linear.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <operators/single_node.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::coordinates;
using ctq::op::resize_linear;

static_assert([] {
    return float_result(resize_linear{{4}, {2}}, {{{2}, {0, 4}}}) == std::vector<float>{0, 1, 3, 4};
}());
static_assert([] {
    return quantized_node(resize_linear{{4}, {2}}, {{{2}}}).run({{-4, 1}}) == std::vector<std::int8_t>{-4, -3, 0, 1};
}());

namespace {

/// TFLite's results, of two axes.
struct tflite_resize {
    coordinates mode;
    shape in;
    std::int32_t rows, columns;
    std::vector<std::int8_t> x, y;
};

const std::vector<tflite_resize> tflite_resizes{
    {coordinates::asymmetric,
     {1, 3, 4, 2},
     7,
     6,
     {-128, 127, -8, 15, 78, -60, 71, 12, 56, -97, 72, -31, -128, -58, -106, 9, 80, 12, 22, -62, 69, 92, 20, 127},
     {-128, 127, -48, 52, 21,  -10, 78,  -60, 73,  -12, 71,  12,  -49, 31,  1,   7,  14,  -23, -10, -59, -7,
      -12,  -5,  11,  30, -65, 50,  -38, 7,   -36, -99, -58, -87, -13, -81, 9,   63, -66, 59,  -49, 15,  -32,
      -72,  -15, -71, 24, -70, 43,  73,  -19, 49,  -42, 28,  -19, 13,  49,  -6,  79, -16, 93,  80,  12,  41,
      -37,  38,  -11, 69, 92,  36,  115, 20,  127, 80,  12,  41,  -37, 38,  -11, 69, 92,  36,  115, 20,  127}},
    {coordinates::asymmetric,
     {1, 7, 6, 2},
     3,
     4,
     {-128, 127, 87,  2,   78,  -127, 47,  3,   120,  -50, -56,  92,  31,  -114, 112, -83, 34,   33,   -66,  -89, 33,
      57,   -88, 109, -69, 119, -61,  34,  85,  -128, 28,  55,   35,  -60, 101,  -69, 14,  -119, -85,  126,  53,  27,
      -128, 115, 42,  70,  31,  -116, 69,  -29, -62,  -9,  -7,   -87, 116, 106,  -97, -75, 74,   17,   -115, 17,  -64,
      126,  -91, -26, 7,   -11, -124, -62, 81,  -117, 30,  -125, -39, -55, 92,   35,  108, 118,  -106, 93,   72,  127},
     {-128, 127, 83, -63, 47, 3, 32, 21, -41, 40, 3, -6, -24, 75, 58, -51, -54, 2, -63, 17, 43, 28, -18, -69}},
    {coordinates::half_pixel,
     {1, 3, 4, 2},
     7,
     6,
     {-128, 127,  -116, 127, 19,  -57, 30,  -61, 101, -22,  -91, 79,
      -128, -122, 41,   92,  -33, -94, -46, 41,  102, -115, -15, 127},
     {-128, 127, -122, 127, -93, 96,  -3, -26, 25,  -59, 30,  -61, -95, 106, -104, 113, -94, 89,  -20, -35, 15,
      -53,  32,  -39,  3,   42,  -49, 71, -96, 67,  -71, -62, -14, -34, 36,  26,   101, -22, 5,   29,  -97, 45,
      -122, -89, -43,  -15, 41,  92,  44, -53, -14, 5,   -65, 32,  -36, -89, -6,   -6,  17,  107, -14, -84, -33,
      -19,  -32, 19,   49,  -89, 31,  3,  -7,  122, -33, -94, -40, -27, -21, 15,   77,  -89, 43,  6,   -15, 127}},
};

} // namespace

TEST_CASE("resize_linear: under TFLite's rounding RESIZE_BILINEAR, bit for bit") {
    for (const tflite_resize& each : tflite_resizes) {
        const resize_linear op{{0, each.rows, each.columns},
                               {1, static_cast<float>(each.rows) / static_cast<float>(each.in[1]),
                                static_cast<float>(each.columns) / static_cast<float>(each.in[2])},
                               each.mode};
        CHECK(quantized_node<ctq::rule::tflite_int8>(op, {{each.in}}).run({each.x}) == each.y);
    }
}

TEST_CASE("resize_linear: halves are rounded away from zero") {
    const auto node = quantized_node(resize_linear{{2}, {0.5f}}, {{{4}}});
    CHECK(node.run({{1, 2, -1, -2}}) == std::vector<std::int8_t>{2, -2});
    CHECK(node.run({{-128, -127, 126, 127}}) == std::vector<std::int8_t>{-128, 127});
}

TEST_CASE("resize_linear: an element at a whole place is copied, infinite neighbours or not") {
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(float_result(resize_linear{{2}, {0.5f}, coordinates::asymmetric}, {{{4}, {1, infinity, 3, -infinity}}}) ==
          std::vector<float>{1, 3});
}

TEST_CASE("resize_linear: shape rule") {
    CHECK(shape_from(resize_linear{{0, 4, 6}, {1, 2, 2}}, {{{1, 2, 3, 5}}}) == shape{1, 4, 6, 5});
    CHECK_THROWS_WITH_AS(shape_from(resize_linear{{2, 2, 2, 2}, {2, 2, 2, 2}}, {{{1, 1, 1, 1}}}),
                         "a linear resize is along 3 axes at most; use two of them", ctq::model_error);
}

TEST_CASE("resize_linear: the overflow proof is of the farthest integers under weights of 30 bits") {
    using ctq::dtype;
    constexpr ctq::signature s{dtype::int32, dtype::int32, dtype::int32, dtype::int32, ctq::rounding::three_step};
    const resize_linear op{{4, 4}, {2, 2}};
    ctq::tensor_facts facts{dtype::int32, {2, 2}, {}, {}};
    const auto holds = [&](std::int32_t low, std::int32_t high) {
        facts.range = {low, high};
        const ctq::const_tensor in{facts, static_cast<const std::int32_t*>(nullptr)};
        return op.never_overflows<s>({}, ctq::const_tensors(&in, 1), facts);
    };
    CHECK(holds(-2147483647 - 1, 2147483647));
    CHECK(op.weight_bits<s>(2) == 15);
    CHECK(resize_linear{{4, 4, 4}}.weight_bits<s>(3) == 10);
}

TEST_CASE("resize_linear: of a transposed tensor") {
    const resize_linear op{{0, 4, 6}, {1, 2, 3}, coordinates::align_corners};
    const std::array<std::int32_t, 3> order{2, 0, 1};
    CHECK(op.permuted(order) == resize_linear{{6, 0, 4}, {3, 1, 2}, coordinates::align_corners});
}

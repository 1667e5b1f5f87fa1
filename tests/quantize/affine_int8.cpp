#include <ctq/quantize/affine_int8.hpp>

#include <doctest/doctest.h>

using ctq::limits;
using ctq::quantization;
using ctq::rule::affine_int8;

static_assert(affine_int8::activation({0.0f, 255.0f}) == quantization{1.0f, -128});
static_assert(affine_int8::activation({-128.0f, 127.0f}) == quantization{1.0f, 0});
static_assert(affine_int8::activation({-255.0f, 0.0f}) == quantization{1.0f, 127});
static_assert(affine_int8::activation({10.0f, 255.0f}) == quantization{1.0f, -128});
static_assert(affine_int8::activation({0.0f, 0.0f}).zero_point == -128);
static_assert(affine_int8::activation({0.0f, 255.0f / 256}) == quantization{1.0f / 256, -128});
static_assert(affine_int8::activation_limits(ctq::bounds::none(), {1.0f, 0}) == limits{-128, 127});
static_assert(affine_int8::activation_limits(ctq::bounds::relu(), {1.0f, -28}) == limits{-28, 127});
static_assert(affine_int8::activation_limits(ctq::bounds::relu6(), {0.5f, -28}) == limits{-28, -16});
static_assert(affine_int8::weight_scale(127.0) == 1.0 && affine_int8::weight_limits == limits{-127, 127});

TEST_CASE("affine_int8: the parameters of TFLite's 8-bit specification") {
    // Activations int8 with a zero point in range; weights symmetric in [-127, 127], per output channel.
    CHECK(affine_int8::per_channel);
    CHECK_FALSE(affine_int8::symmetric);
    CHECK(affine_int8::levels == 256);
    for (const float high : {0.1f, 1.0f, 7.3f})
        for (const float low : {0.0f, -0.05f, -3.0f, -100.0f}) {
            const quantization q = affine_int8::activation({low, high});
            CHECK(q.scale == doctest::Approx((high - low) / 255).epsilon(1e-6));
            CHECK(q.zero_point >= -128);
            CHECK(q.zero_point <= 127);
        }
}

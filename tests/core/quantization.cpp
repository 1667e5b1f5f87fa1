#include <ctq/core/quantization.hpp>

#include <core/tflite_cases.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using ctq::bounds;
using ctq::limits;
using ctq::nearest;
using ctq::nearest_int31;
using ctq::quantization;
using namespace ctq::testing;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float nan_float = std::numeric_limits<float>::quiet_NaN();
constexpr auto lowest = std::numeric_limits<std::int32_t>::min();
constexpr auto highest = std::numeric_limits<std::int32_t>::max();

// Halves to even.
static_assert(nearest_int31(0.5f) == 0 && nearest_int31(1.5f) == 2 && nearest_int31(-0.5f) == 0);
static_assert(nearest_int31(-1.5f) == -2 && nearest<std::int32_t>(2.5) == 2 && nearest<std::int32_t>(-2.5) == -2);
static_assert(nearest_int31(0.49999997f) == 0 && nearest_int31(0.50000006f) == 1);

// The ends, infinities and NaN of either sign.
static_assert(nearest_int31(infinite) == 1 << 30 && nearest_int31(-infinite) == -(1 << 30));
static_assert(nearest_int31(1073741888.0f) == 1 << 30 && nearest_int31(-1073741760.0f) == -1073741760);
static_assert(nearest_int31(nan_float) == 0 && nearest_int31(-nan_float) == 0);
static_assert(nearest<std::int32_t>(1e300) == highest && nearest<std::int32_t>(-1e300) == lowest);
static_assert(nearest<std::int32_t>(static_cast<double>(nan_float)) == 0);
static_assert(nearest<std::int32_t>(2147483646.5) == 2147483646 && nearest<std::int32_t>(2147483647.2) == highest);
static_assert(nearest<std::int32_t>(-2147483647.5) == lowest);

constexpr limits bytes = ctq::limits_of(ctq::dtype::int8);
constexpr quantization half{0.5f, 3};
static_assert(ctq::quantize(0.0f, half, bytes) == 3 && ctq::dequantize(3, half) == 0.0f);
static_assert(ctq::quantize(1.0f, half, bytes) == 5 && ctq::dequantize(5, half) == 1.0f);
static_assert(ctq::quantize(1e30f, half, bytes) == 127 && ctq::quantize(-1e30f, half, bytes) == -128);
static_assert(ctq::quantize(infinite, half, bytes) == 127 && ctq::quantize(-infinite, half, bytes) == -128);
static_assert(ctq::quantize(40.0f, half, {-10, 20}) == 20);
// Of 32 bits: exact to float's own 24, and saturated at 2^30.
static_assert(ctq::quantize(8388607.0f, {0.5f, 1}, ctq::limits{}) == 16777215);
static_assert(ctq::quantize(1e30f, {0.5f, 0}, ctq::limits{}) == 1 << 30 &&
              ctq::quantize_half_away(-1e30f, {0.5f, 0}, ctq::limits{}) == -(1 << 30));

// Halves away from zero, both ends, NaN.
constexpr limits int16{-32768, 32767};
static_assert(ctq::quantize_half_away(0.25f, half, {}) == 4 && ctq::quantize_half_away(-0.25f, half, {}) == 2);
static_assert(ctq::quantize_half_away(1e30f, {0.5f, 0}, int16) == 32767 &&
              ctq::quantize_half_away(-infinite, {0.5f, 0}, int16) == -32768);
static_assert(ctq::quantize_half_away(nan_float, half, {}) == 3 &&
              ctq::quantize_half_away(40.0f, half, {-10, 20}) == 20);

static_assert(bytes.clamp(500) == 127 && bytes.clamp(-500) == -128 && limits{-1, 1}.clamp(0) == 0);
static_assert(ctq::bounds::none().unbounded() && !ctq::bounds::relu().unbounded() &&
              ctq::bounds::relu6().clamp(7.0f) == 6.0f);
static_assert(ctq::bounds::relu().clamp(-1.0f) == 0.0f && ctq::bounds::relu().clamp(1e30f) == 1e30f);
static_assert(ctq::unit_interval(ctq::dtype::int8) == bounds{0.0f, 255.0f / 256.0f} &&
              ctq::unit_interval(ctq::dtype::int16) == bounds{0.0f, 32767.0f / 32768.0f} &&
              ctq::unit_interval(ctq::dtype::int32) == bounds{0.0f, 1.0f});
static_assert(ctq::chained(ctq::bounds::relu(), bounds{-1.0f, 6.0f}) == ctq::bounds::relu6());
static_assert(ctq::chained(bounds{2.0f, 3.0f}, bounds{5.0f, 9.0f}) == bounds{5.0f, 5.0f});

} // namespace

static_assert(ctq::nearest<std::int8_t>(200.0) == 127 && ctq::nearest<std::int16_t>(-2.5) == -2);
static_assert(ctq::nearest<std::int64_t>(4503599627370497.5) == 4503599627370498);
static_assert(ctq::nearest<std::int64_t>(1e300) == std::numeric_limits<std::int64_t>::max());
static_assert(ctq::nearest<std::int64_t>(-1e300) == std::numeric_limits<std::int64_t>::min());
static_assert(ctq::nearest<std::int64_t>(0x1p63) == std::numeric_limits<std::int64_t>::max() &&
              ctq::nearest<std::int64_t>(-0x1p62) == -(std::int64_t{1} << 62));
static_assert(ctq::nearest<std::int8_t>(126.5) == 126 && ctq::nearest<std::uint8_t>(254.6) == 255 &&
              ctq::nearest<std::uint8_t>(-0.7) == 0);
static_assert(ctq::nearest<std::int64_t>(-1.5) == -2 && ctq::nearest<std::int64_t>(0.5) == 0);
static_assert(ctq::limits_of(ctq::dtype::int4) == limits{-8, 7} &&
              ctq::limits_of(ctq::dtype::uint16) == limits{0, 65535});
static_assert(ctq::limits_of(ctq::dtype::int32) == limits{});

static_assert(ctq::is_bounded(0.0f) && ctq::is_bounded(-1e8f) && !ctq::is_bounded(-1e9f) && !ctq::is_bounded(1e9f) &&
              !ctq::is_bounded(bounds::none().low) && !ctq::is_bounded(bounds::none().high) &&
              !ctq::is_bounded(std::numeric_limits<float>::quiet_NaN()));

TEST_CASE("quantization: nearest and nearest_int31 are std::nearbyint") {
    std::mt19937 random(11);
    for (int i = 0; i < 20000; ++i) {
        const double magnitude = std::ldexp(static_cast<double>(random()) / 4294967296.0, i % 32);
        const double value = i % 2 == 0 ? magnitude : -magnitude;
        CHECK(nearest<std::int32_t>(value) == static_cast<std::int32_t>(std::nearbyint(value)));
        const auto narrow = static_cast<float>(std::clamp(value, -0x1p30, 0x1p30));
        CHECK(nearest_int31(narrow) == static_cast<std::int32_t>(std::nearbyint(narrow)));
    }
}

TEST_CASE("quantization: quantize_half_away is std::round of a float32 quotient") {
    std::mt19937 random(13);
    std::uniform_real_distribution<float> exponent(-12.0f, 2.0f);
    for (int i = 0; i < 20000; ++i) {
        const quantization q{std::exp2(exponent(random)), static_cast<std::int32_t>(random() % 256) - 128};
        const float halves = static_cast<float>(static_cast<std::int32_t>(random() % 140000) - 70000) / 2.0f;
        const float real = i % 2 == 0 ? halves * q.scale : std::ldexp(halves, -(i % 17));
        const std::int32_t wanted = int16.clamp(static_cast<std::int32_t>(std::round(real / q.scale)) + q.zero_point);
        CHECK(ctq::quantize_half_away(real, q, int16) == wanted);
    }
}

TEST_CASE("quantization: TFLite's QUANTIZE from float and DEQUANTIZE bit for bit") {
    check_tflite(tflite_cases("QUANTIZE", "float32"), 1, [](const tflite_case& c, std::size_t i) {
        return ctq::quantize_half_away(c.inputs[0].reals[i], c.output.facts(), c.range());
    });
    const auto cases = tflite_cases("DEQUANTIZE");
    REQUIRE(cases.size() == 1);
    const tflite_tensor &from = cases[0].inputs[0], &to = cases[0].output;
    REQUIRE(to.reals.size() == 200);
    for (std::size_t i = 0; i < 200; ++i)
        CHECK(ctq::dequantize(static_cast<std::int32_t>(from.data[i]), from.facts()) == to.reals[i]);
}

TEST_CASE("quantization: every integer survives the way to a real and back") {
    for (const float scale : {1e-30f, 1e-6f, 0.0039215689f, 0.1f, 1.0f, 3e4f, 1e20f})
        for (const int zero_point : {-128, -1, 0, 55, 127})
            for (int q = -128; q <= 127; ++q)
                CHECK(ctq::quantize(ctq::dequantize(q, {scale, zero_point}), {scale, zero_point}, bytes) == q);
}

TEST_CASE("quantization: what a stored element stands for, quantized or not") {
    static_assert(ctq::real_of(std::int8_t{7}, {0.5f, 3}) == 2.0f && ctq::real_of(std::int8_t{7}, {}) == 7.0f);
    static_assert(ctq::real_of(std::int64_t{1} << 40, {}) == 0x1p40f && ctq::real_of(2.5f, {0.5f, 3}) == 2.5f);
    static_assert(ctq::real_of(ctq::boolean::yes, {}) == 1.0f && ctq::real_of(ctq::boolean::no, {}) == 0.0f);
}

TEST_CASE("quantization: chained bounds clamp as one after the other") {
    std::mt19937 random(12);
    std::uniform_real_distribution<float> real(-4.0f, 4.0f);
    for (int i = 0; i < 2000; ++i) {
        float a = real(random), b = real(random), c = real(random), d = real(random);
        const bounds first{a < b ? a : b, a < b ? b : a}, second{c < d ? c : d, c < d ? d : c};
        const float x = real(random);
        CHECK(ctq::chained(first, second).clamp(x) == second.clamp(first.clamp(x)));
    }
}

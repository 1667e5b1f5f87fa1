#include <ctq/core/dynamic_range.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace ctq;

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity(), largest = std::numeric_limits<float>::max();

constexpr bounds measured(std::initializer_list<float> reals) {
    return measured_range({reals.begin(), reals.size()});
}

static_assert(measured({}) == bounds{0, 0} && measured({2, 3}) == bounds{0, 3} && measured({-3, -2}) == bounds{-3, 0});
static_assert(measured({1, -2, 0.5f}) == bounds{-2, 1});

// ONNX's three examples of DynamicQuantizeLinear, by hand.
static_assert(dynamic_quantization(dtype::uint8, {-3, 2}) == quantization{5.0f / 255.0f, 153});
static_assert(dynamic_quantization(dtype::uint8, {-4, 0}) == quantization{4.0f / 255.0f, 255});
static_assert(dynamic_quantization(dtype::uint8, {0, 4}) == quantization{4.0f / 255.0f, 0});
static_assert(dynamic_quantization(dtype::uint8, {-0.5f, 254.5f}) == quantization{1, 0}); // halves to even
static_assert(dynamic_quantization(dtype::uint8, {-1.5f, 253.5f}) == quantization{1, 2});

static_assert(dynamic_quantization(dtype::int8, {-2, 1}) == quantization{2.0f / 127.0f, 0});
static_assert(dynamic_quantization(dtype::int8, {-2, 5}) == quantization{5.0f / 127.0f, 0});

static_assert(dynamic_quantization(dtype::int8, {0, 0}) == quantization{1, 0});
static_assert(dynamic_quantization(dtype::uint8, {0, 0}) == quantization{1, 0});

static_assert(dynamic_limits(dtype::int8) == limits{-127, 127} && dynamic_limits(dtype::uint8) == limits{0, 255});

static_assert(quantize_by_quotient(2.5f, {1, 3}, {-127, 127}) == 5 &&
              quantize_by_quotient(3.5f, {1, 3}, {-127, 127}) == 7);
static_assert(quantize_by_quotient(1e9f, {1, 3}, {-127, 127}) == 127 &&
              quantize_by_quotient(-1e9f, {1, 3}, {0, 255}) == 0);

} // namespace

TEST_CASE("dynamic range: what is no number is passed over, what is infinite is the largest float") {
    CHECK(measured({std::nanf(""), -1, std::nanf("")}) == bounds{-1, 0});
    CHECK(measured({infinite, -infinite}) == bounds{-largest, largest});
    CHECK(quantize_by_quotient(std::nanf(""), {0.5f, 9}, {0, 255}) == 9);
    CHECK(quantize_by_quotient(infinite, {0.5f, 9}, {0, 255}) == 255);
}

TEST_CASE("dynamic range: scales are finite, and so are their reciprocals, for the least and the largest reals") {
    const float least = std::numeric_limits<float>::denorm_min();
    for (const dtype type : {dtype::int8, dtype::uint8})
        for (const bounds& range :
             {bounds{0, least}, {-least, 0}, {-largest, largest}, {0, largest}, {-largest, least}}) {
            const quantization q = dynamic_quantization(type, range);
            CHECK(std::isnormal(q.scale));
            CHECK(std::isfinite(1.0f / q.scale));
        }
    CHECK(dynamic_quantization(dtype::uint8, {-largest, largest}).zero_point == 128); // 127.5, to even
}

TEST_CASE("dynamic range: the scale is that of float32 arithmetic step by step, and every real within half a step") {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> real(-10.0f, 10.0f);
    for (int i = 0; i < 1000; ++i) {
        const bounds range{-std::abs(real(random)), std::abs(real(random))};
        const quantization q = dynamic_quantization(dtype::uint8, range);
        const float difference = range.high - range.low;
        CHECK(q.scale == difference / 255.0f);
        CHECK(q.zero_point == std::lrint(-range.low / q.scale));
        for (const dtype type : {dtype::int8, dtype::uint8}) {
            const quantization with = dynamic_quantization(type, range);
            const float x = range.clamp(real(random));
            const std::int32_t integer = quantize_by_quotient(x, with, dynamic_limits(type));
            // The zero point is rounded, so an end of the range can be one step beyond the last integer's half.
            CHECK(std::abs(dequantize(integer, with) - x) <= with.scale * (type == dtype::int8 ? 0.501f : 1.001f));
        }
    }
}

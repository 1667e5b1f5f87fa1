#include <ctq/core/scaled_product.hpp>

#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <random>

using ctq::double_rounding;
using ctq::scaled_product;
using ctq::scaling;
using ctq::single_rounding;
using ctq::three_step;
using namespace ctq::testing;

namespace {

using tflite_product = scaled_product<double_rounding>;

static_assert(tflite_product::apply(-32768, -32768, tflite_product::encode(0x1p-15f, 0x1p-15f, 0x1p-15f), 0) == 32768);
static_assert(tflite_product::apply(3, -1, tflite_product::encode(0.5f, 1.0f, 1.0f), 0) ==
              -1); // the first rounding: up
static_assert(tflite_product::apply(100, 100, tflite_product::encode(0.1f, 0.1f, 1.0f), -7) == 93);

// A product of scales that float32 cannot hold makes every output the zero point in TFLite; double holds it.
static_assert(tflite_product::encode(1e-23f, 1e-23f, 1e-37f) == scaling{0, 0});
static_assert(tflite_product::apply(-32768, 32767, {0, 0}, 5) == 5);
static_assert(scaled_product<single_rounding>::encode(1e-23f, 1e-23f, 1e-37f).multiplier > 16384);
static_assert(scaled_product<three_step>::apply(255, 255, scaled_product<three_step>::encode(0.1f, 0.1f, 5.0f), -128) ==
              2);

} // namespace

TEST_CASE("scaled_product: TFLite's int16 MUL bit for bit") {
    check_tflite(tflite_cases("MUL"), 3, [](const tflite_case& c, std::size_t i) {
        const tflite_tensor &a = c.inputs[0], &b = c.inputs[1];
        const auto left = a.data[broadcast_index(c.output.shape, a.shape, i)];
        const auto right = b.data[broadcast_index(c.output.shape, b.shape, i)];
        const scaling s = tflite_product::encode(a.scale[0], b.scale[0], c.output.scale[0]);
        return c.range().clamp(
            tflite_product::apply(static_cast<std::int32_t>(left), static_cast<std::int32_t>(right), s, 0));
    });
}

TEST_CASE("scaled_product: TFLite's MUL in plain arithmetic, edges and random integers, any scale") {
    std::mt19937 random(31);
    std::uniform_real_distribution<float> exponent(-16.0f, 0.0f), of_result(-36.0f, 4.0f);
    const std::int32_t edges[] = {-32768, -32767, -256, -2, -1, 0, 1, 2, 255, 32766, 32767};
    int wrong = 0, saturated = 0;
    for (int i = 0; i < 40'000; ++i) {
        const float left = std::exp2(exponent(random)), right = std::exp2(exponent(random));
        const float result = std::exp2(of_result(random));
        const float product = left * right, real = product / result; // float32 each step
        const auto q = quantize_multiplier(real);
        const scaling s = tflite_product::encode(left, right, result);
        wrong += s.multiplier != q.multiplier && q.shift <= 30;
        for (int k = 0; k < 20; ++k) {
            const auto pick = [&] {
                return k < 10 ? edges[random() % 11] : static_cast<std::int32_t>(random() % 65536) - 32768;
            };
            const std::int32_t a = pick(), b = pick();
            const std::int64_t got = to_int16(tflite_product::apply(a, b, s, 0));
            if (fits_32_bits(std::int64_t{a} * b, q)) {
                wrong += got != to_int16(scale_32(std::int64_t{a} * b, q));
            } else { // undefined in TFLite; here the right end
                ++saturated;
                wrong += got != ((a > 0) == (b > 0) ? 32767 : -32768);
            }
        }
    }
    CHECK(saturated > 1000);
    CHECK(wrong == 0);
}

TEST_CASE("scaled_product: other roundings stay within their error of the real product") {
    std::mt19937 random(32);
    std::uniform_real_distribution<float> exponent(-12.0f, 0.0f);
    int wrong = 0;
    for (int i = 0; i < 200'000; ++i) {
        const float left = std::exp2(exponent(random)), right = std::exp2(exponent(random));
        const float result = left * right * 16384.0f;
        const auto a = static_cast<std::int32_t>(random() % 65536) - 32768;
        const auto b = static_cast<std::int32_t>(random() % 32768) - 16384;
        const double real = static_cast<double>(left) * right / result * a * b;
        const auto s = scaled_product<single_rounding>::encode(left, right, result);
        wrong += std::abs(scaled_product<single_rounding>::apply(a, b, s, 0) - real) > 1.51;
    }
    CHECK(wrong == 0);
}

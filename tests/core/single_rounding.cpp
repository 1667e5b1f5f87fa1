#include <ctq/core/single_rounding.hpp>

#include <core/requantizer_cases.hpp>
#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <core/tflite_window.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using ctq::double_rounding;
using ctq::scaling;
using ctq::single_rounding;
using namespace ctq::testing;

namespace {

// The encoding: powers of two, the multiplier that would round to 2^15, both ends.
static_assert(single_rounding::encode(1.0) == scaling{16384, 1} &&
              single_rounding::encode(0x1p-7) == scaling{16384, -6});
static_assert(single_rounding::encode(0.99999) == scaling{32767, 0});
static_assert(single_rounding::encode(0.9999999999) == scaling{16384, 1});
static_assert(single_rounding::encode(0x1p-32) == scaling{16384, -31});
static_assert(single_rounding::encode(0x1p-33) == scaling{0, 0} && single_rounding::encode(5e-324) == scaling{0, 0});
static_assert(single_rounding::encode(20000.0) == scaling{20000, 15});
static_assert(single_rounding::encode(32768.0) == scaling{32767, 15});
static_assert(single_rounding::encode(1e300) == scaling{32767, 15});
static_assert(single_rounding::decode({16384, 1}) == 1.0 && single_rounding::decode({20000, 15}) == 20000.0);

// Halves go up, once.
static_assert(single_rounding::apply(1, single_rounding::encode(0.5), 0) == 1 &&
              single_rounding::apply(-1, single_rounding::encode(0.5), 0) == 0);
static_assert(single_rounding::apply(-3, single_rounding::encode(0.5), 0) == -1);
static_assert(single_rounding::apply(-32768 * 1024, single_rounding::encode(0x1p-10), 0) == -32768);
static_assert(single_rounding::apply(6, single_rounding::encode(0.5), 65535) == 65538); // any zero point
static_assert(single_rounding::apply(3, {0, 0}, -32768) == -32768);
static_assert(single_rounding::apply(-5, {32767, 15}, 0) == -5 * 32767); // no shift, no rounding

// What does not fit int32 saturates.
constexpr std::int64_t room = single_rounding::headroom({});
static_assert(single_rounding::apply(room, {32767, 15}, 65535) == std::numeric_limits<std::int32_t>::max());
static_assert(single_rounding::apply(-room, {32767, 15}, -32768) == std::numeric_limits<std::int32_t>::min());
// The headroom holds for every shift; twice of it does not.
static_assert(defined<single_rounding, room, 32767, -31> && defined<single_rounding, -room, 32767, -31>);
static_assert(defined<single_rounding, room, 32767, 15> && !defined<single_rounding, 2 * room, 32767, 0>);

/// acc = sum of w * x + bias of one output of a convolution, or of a depthwise one.
std::int64_t accumulator(const tflite_case& c, std::size_t index) {
    const auto &x = c.inputs[0].data, &w = c.inputs[1].data, &bias = c.inputs[2].data;
    const auto& extents = c.inputs[1].shape;
    const bool depthwise = c.op == "DEPTHWISE_CONV_2D";
    const tflite_window window(c, {extents[1], extents[2]});
    const std::size_t channel = window.channel(index), depth = static_cast<std::size_t>(window.in[3]);
    const auto cells = static_cast<std::size_t>(extents[1] * extents[2]);
    std::int64_t sum = bias[channel];
    window.for_each_pixel(index, [&](std::size_t pixel, std::size_t cell) {
        if (depthwise) {
            const auto channels = static_cast<std::size_t>(extents[3]);
            sum += x[pixel + channel * depth / channels] * w[cell * channels + channel];
        } else {
            for (std::size_t i = 0; i < depth; ++i) sum += x[pixel + i] * w[(channel * cells + cell) * depth + i];
        }
    });
    return sum;
}

/// in * weight / out of an output channel: double throughout.
double convolution_scale(const tflite_case& c, std::size_t channel) {
    return double{c.inputs[0].scale[0]} * double{c.inputs[1].facts(channel).scale} / double{c.output.scale[0]};
}

template <ctq::requantizer R> std::int32_t convolved(const tflite_case& c, std::size_t index) {
    const auto channel = index % static_cast<std::size_t>(c.output.shape[3]);
    const scaling s = R::encode(convolution_scale(c, channel));
    const auto sum = static_cast<typename R::accumulator_type>(accumulator(c, index));
    return c.range().clamp(R::apply(sum, s, c.output.zero_point[0]));
}

/// One output of a matrix product over the last axis.
std::int32_t fully_connected(const tflite_case& c, std::size_t index) {
    const auto channels = static_cast<std::size_t>(c.inputs[1].shape[0]);
    const auto depth = static_cast<std::size_t>(c.inputs[1].shape[1]);
    const std::size_t row = index / channels, channel = index % channels;
    std::int64_t sum = c.inputs[2].absent ? 0 : c.inputs[2].data[channel];
    for (std::size_t i = 0; i < depth; ++i)
        sum += c.inputs[0].data[row * depth + i] * c.inputs[1].data[channel * depth + i];
    const scaling s = single_rounding::encode(convolution_scale(c, channel));
    return c.range().clamp(single_rounding::apply(sum, s, c.output.zero_point[0]));
}

} // namespace

TEST_CASE("single_rounding: TFLite's int16x8 convolutions bit for bit") {
    check_tflite(tflite_cases("CONV_2D"), 6, convolved<single_rounding>);
    check_tflite(tflite_cases("DEPTHWISE_CONV_2D"), 3, convolved<single_rounding>);
}

TEST_CASE("single_rounding: a convolution with int32 bias takes the 32-bit form, which is another") {
    std::size_t unlike = 0;
    for (const tflite_case& c : tflite_cases("CONV_2D"))
        for (std::size_t i = 0; i < c.output.size(); ++i) {
            const auto channel = i % static_cast<std::size_t>(c.output.shape[3]);
            const auto wanted = scale_32(accumulator(c, i), quantize_multiplier(convolution_scale(c, channel)));
            const auto got = convolved<double_rounding>(c, i);
            CHECK(got == c.range().clamp(static_cast<std::int32_t>(wanted)));
            unlike += got != c.output.data[i];
        }
    CHECK(unlike > 0);
}

TEST_CASE("single_rounding: TFLite's int16x8 FULLY_CONNECTED, rounded in double there, within 1") {
    check_tflite(tflite_cases("FULLY_CONNECTED"), 4, fully_connected, 1);
    std::mt19937_64 random(7);
    int unlike = 0, wrong = 0;
    for (int i = 0; i < 300'000; ++i) {
        const double scale = random_scale(random, -30.0, 4.0);
        const std::int32_t sum = accumulator_within(random, scale, 34000.0);
        const std::int64_t in_double = to_int16(std::llround(sum * scale));
        const std::int64_t got = to_int16(single_rounding::apply(sum, single_rounding::encode(scale), 0));
        unlike += got != in_double;
        wrong += std::abs(got - in_double) > 1;
    }
    CHECK(unlike > 0);
    CHECK(wrong == 0);
}

TEST_CASE("single_rounding: equals the definition in plain arithmetic, a million cases") {
    std::mt19937_64 random(5);
    int wrong = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const double scale = random_scale(random, -34.0, i % 4 == 0 ? 7.0 : 0.0);
        const scaling s = single_rounding::encode(scale);
        std::int64_t sum = static_cast<std::int64_t>(random()) >> (17 + random() % 46);
        if (i % 16 == 1) sum = room - static_cast<std::int64_t>(random() % 3);
        if (i % 16 == 2) sum = -room + static_cast<std::int64_t>(random() % 3);
        if (i % 16 == 3) sum = static_cast<std::int64_t>(std::llround(32767.5 / scale)) >> (i / 16 % 2);
        sum = ctq::clamp_to(sum, -room, room);
        const auto zero_point = i % 3 == 0 ? static_cast<std::int32_t>(random() % 65536) - 32768 : 0;
        const std::int64_t wanted = scale_64(sum, quantize_multiplier(scale)) + zero_point;
        wrong += single_rounding::apply(sum, s, zero_point) !=
                 ctq::clamp_to<std::int64_t>(wanted, std::numeric_limits<std::int32_t>::min(),
                                             std::numeric_limits<std::int32_t>::max());
    }
    CHECK(wrong == 0);
}

TEST_CASE("single_rounding: stays within its error bound of real arithmetic") {
    CHECK(worst_error<single_rounding>(-31.0, 7.0, true, 32768.0) <= 0.5);
    CHECK(worst_error<single_rounding>(-31.0, 7.0, false, 32768.0) <= 1.5 + 0x1p-15);
    CHECK(worst_error<single_rounding>(-31.0, 7.0, false, 32768.0) > 1.3); // as bad as stated
    CHECK(worst_error<single_rounding>(-31.0, 7.0, false, 128.0) <= 0.5 + 128 * 0x1.0001p-15);
}

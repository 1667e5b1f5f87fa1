#include <ctq/core/scaled_mean.hpp>

#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using ctq::double_rounding;
using ctq::scaled_mean;
using ctq::scaling;
using ctq::single_rounding;
using ctq::three_step;
using namespace ctq::testing;

namespace {

using tflite_mean = scaled_mean<double_rounding>;

// Equal scales: m = 2^30, s = 1. Three elements: one bit of the quotient is kept; four: two.
static_assert(tflite_mean::encode(0.1, 0.1, 1) == scaling{1 << 30, 1});
static_assert(tflite_mean::encode(0.1, 0.1, 3) == scaling{715827882, 0});
static_assert(tflite_mean::encode(0.1, 0.1, 4) == scaling{1 << 30, -1});
static_assert(tflite_mean::encode(0x1p-32, 1.0, 4) == scaling{1 << 28, -31}); // no bit to spare
static_assert(tflite_mean::encode(0x1p-40, 1.0, 7).multiplier == 0);
static_assert(tflite_mean::apply(-32768 * 4, tflite_mean::encode(0.1, 0.1, 4), 0) == -32768);
static_assert(tflite_mean::apply(2147418111, tflite_mean::encode(1.0, 1e-6, 65534), 0) > 32767); // saturates

static_assert(scaled_mean<three_step>::encode(0.5, 0.25, 8) == three_step::encode(0.25));
static_assert(scaled_mean<single_rounding>::apply(-9, scaled_mean<single_rounding>::encode(1.0, 1.0, 6), 0) == -1);

/// Multiplier and shift as tflite.md states them.
quantized_multiplier mean_multiplier(double ratio, std::int64_t count) {
    quantized_multiplier q = quantize_multiplier(ratio);
    const int kept = std::min({static_cast<int>(std::floor(std::log2(static_cast<double>(count)))), 32, 31 + q.shift});
    return {q.multiplier * (std::int64_t{1} << kept) / count, q.shift - kept};
}

/// The sum of the input elements whose mean output `index` is, and how many there are.
struct reduced {
    std::int64_t sum = 0, count = 0;
};
reduced reduce(const tflite_case& c, std::size_t index) {
    const auto &extents = c.inputs[0].shape,
               &axes = std::vector<std::int32_t>(c.inputs[1].data.begin(), c.inputs[1].data.end());
    reduced result;
    for (std::size_t i = 0; i < c.inputs[0].size(); ++i) {
        std::size_t rest = i, output = 0, stride = 1;
        for (std::size_t axis = extents.size(); axis-- > 0;) {
            const auto extent = static_cast<std::size_t>(extents[axis]), at = rest % extent;
            rest /= extent;
            if (std::count(axes.begin(), axes.end(), static_cast<std::int32_t>(axis)) > 0) continue;
            output += at * stride;
            stride *= extent;
        }
        if (output != index) continue;
        result.sum += c.inputs[0].data[i] - c.inputs[0].zero_point[0];
        ++result.count;
    }
    return result;
}

} // namespace

TEST_CASE("scaled_mean: TFLite's int16 MEAN bit for bit") {
    check_tflite(tflite_cases("MEAN"), 4, [](const tflite_case& c, std::size_t i) {
        const auto [sum, count] = reduce(c, i);
        const scaling s = tflite_mean::encode(c.inputs[0].scale[0], c.output.scale[0], count);
        return c.range().clamp(tflite_mean::apply(static_cast<std::int32_t>(sum), s, c.output.zero_point[0]));
    });
}

TEST_CASE("scaled_mean: TFLite's MEAN of int8 and int16 in plain arithmetic") {
    std::mt19937_64 random(33);
    std::uniform_real_distribution<double> ratio(-33.0, 8.0), length(0.0, 22.0);
    int wrong = 0;
    for (int i = 0; i < 300'000; ++i) {
        const auto count = static_cast<std::int64_t>(std::exp2(length(random)));
        const double in_over_out = std::exp2(ratio(random));
        const quantized_multiplier q = mean_multiplier(in_over_out, count);
        const scaling s = tflite_mean::encode(in_over_out, 1.0, count);
        wrong += s.multiplier != q.multiplier || s.shift != q.shift;
        const std::int64_t largest = std::min<std::int64_t>(count * (i % 2 == 0 ? 255 : 32768), 2147418112);
        const std::int64_t sum =
            i % 8 < 2 ? (i % 8 == 0 ? largest : -largest)
                      : static_cast<std::int64_t>(random() % (2 * static_cast<std::uint64_t>(largest) + 1)) - largest;
        if (!fits_32_bits(sum, q)) continue;
        const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
        wrong += to_int16(tflite_mean::apply(static_cast<std::int32_t>(sum), s, zero_point)) !=
                 to_int16(scale_32(sum, q) + zero_point);
    }
    CHECK(wrong == 0);
}

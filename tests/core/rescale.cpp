#include <ctq/core/rescale.hpp>

#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <random>

using ctq::double_rounding;
using ctq::limits;
using ctq::quantization;
using ctq::scaling;
using namespace ctq::testing;

namespace {

constexpr limits int16{-32768, 32767};

static_assert(ctq::rescale<double_rounding>(-128, 3, ctq::encode_rescale<double_rounding>({0.5f, 3}, {0.001f, 0}), 0,
                                            int16) == -32768);
static_assert(ctq::rescale<ctq::three_step>(100, 0, ctq::encode_rescale<ctq::three_step>({0.5f, 0}, {1.0f, 7}), 7,
                                            {}) == 57);
// Beyond 32 bits after the left shift: the right end.
static_assert(ctq::rescale<double_rounding>(65535, 0, ctq::encode_rescale<double_rounding>({1.0f, 0}, {1e-9f, 0}), 0,
                                            int16) == 32767);
static_assert(ctq::rescale<double_rounding>(-1, 0, ctq::encode_rescale<double_rounding>({1e9f, 0}, {1e-9f, 0}), 0,
                                            int16) == -32768);

/// The two quotients differ: 0.1f / 0.3f in float32 is not the quotient of the same floats in double.
constexpr quantization tenth{0.1f, 0}, three_tenths{0.3f, 0};
static_assert(ctq::encode_rescale<double_rounding>(tenth, three_tenths) !=
              ctq::encode_activation_rescale<double_rounding>(tenth, three_tenths));

std::int32_t rescaled(const tflite_case& c, std::size_t i, scaling s, const limits& range) {
    return ctq::rescale<double_rounding>(static_cast<std::int32_t>(c.inputs[0].data[i]), c.inputs[0].zero_point[0], s,
                                         c.output.zero_point[0], range);
}

} // namespace

TEST_CASE("rescale: TFLite's QUANTIZE between int8 and int16 bit for bit") {
    for (const char* dtype : {"int8", "int16"})
        check_tflite(tflite_cases("QUANTIZE", dtype), 1, [](const tflite_case& c, std::size_t i) {
            return rescaled(c, i, ctq::encode_rescale<double_rounding>(c.inputs[0].facts(), c.output.facts()),
                            c.range());
        });
}

TEST_CASE("rescale: TFLite's int16 RELU and RELU6 bit for bit") {
    for (const char* op : {"RELU", "RELU6"})
        check_tflite(tflite_cases(op), 1, [&](const tflite_case& c, std::size_t i) {
            const quantization in = c.inputs[0].facts(), out = c.output.facts();
            const limits range{ctq::quantize_half_away(0.0f, out, int16),
                               c.op == "RELU6" ? ctq::quantize_half_away(6.0f, out, int16) : int16.high};
            return rescaled(c, i, ctq::encode_activation_rescale<double_rounding>(in, out), range);
        });
}

TEST_CASE("rescale: every int16 under random scales in plain arithmetic") {
    std::mt19937 random(34);
    std::uniform_real_distribution<float> exponent(-17.0f, 17.0f);
    int wrong = 0, saturated = 0;
    for (int i = 0; i < 60; ++i) {
        const quantization in{std::exp2(exponent(random)), 0}, out{std::exp2(exponent(random)), i % 3};
        const bool activation = i % 2 == 0;
        const float quotient = in.scale / out.scale;
        const auto q = quantize_multiplier(activation ? double{quotient} : double{in.scale} / double{out.scale});
        const scaling s = activation ? ctq::encode_activation_rescale<double_rounding>(in, out)
                                     : ctq::encode_rescale<double_rounding>(in, out);
        for (std::int32_t x = -32768; x <= 32767; ++x) {
            const std::int32_t got = ctq::rescale<double_rounding>(x, in.zero_point, s, out.zero_point, int16);
            if (fits_32_bits(x, q)) {
                wrong += got != to_int16(scale_32(x, q) + out.zero_point);
            } else {
                ++saturated;
                wrong += got != (x > 0 ? 32767 : -32768);
            }
        }
    }
    CHECK(saturated > 0);
    CHECK(wrong == 0);
}

#include <ctq/core/logistic_int16.hpp>

#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <random>
#include <vector>

using ctq::scaling;
using namespace ctq::testing;

namespace {

// The encoding: powers of two as TFLite tests them, the doubling, both ends.
static_assert(ctq::encode_logistic_int16(0x1p-12) == scaling{3, 0} && ctq::encode_tanh_int16(0x1p-12) == scaling{3, 0});
static_assert(ctq::encode_logistic_int16(0x1p-11) == scaling{24576, 12} &&
              ctq::encode_tanh_int16(0x1p-11) == scaling{6, 0});
static_assert(ctq::encode_logistic_int16(0x1.001p-12) == scaling{3, 0} &&
              ctq::encode_logistic_int16(0x1.004p-12) == scaling{24600, 13});
static_assert(ctq::encode_logistic_int16(1.3) == scaling{31948, 1});
static_assert(ctq::encode_logistic_int16(2.0) == scaling{24576, 0});
static_assert(ctq::encode_logistic_int16(1e30) == scaling{65535, 0} && ctq::encode_tanh_int16(1e-30) == scaling{0, 31});

static_assert(ctq::logistic_int16(0, {3, 0}) == 16384 && ctq::tanh_int16(0, {3, 0}) == 0);
// Both ends are the format's: 1 is never 32768, and 0 is 1.
static_assert(ctq::logistic_int16(32767, {65535, 0}) == 32767 && ctq::logistic_int16(-32768, {65535, 0}) == 1);
static_assert(ctq::tanh_int16(32767, {65535, 0}) == 32767 && ctq::tanh_int16(-32768, {65535, 0}) == -32767);

/// The table as tflite.md states it, with the C library's exp.
std::vector<std::int64_t> plain_table() {
    std::vector<std::int64_t> table(256);
    for (std::size_t i = 0; i < 256; ++i)
        table[i] =
            std::min<std::int64_t>(65535, std::llround(65536.0 / (1.0 + std::exp(-static_cast<double>(i) / 24))));
    for (const std::size_t i : std::initializer_list<std::size_t>{
             4,  8,  12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31,  33,  34,  35,  37,  39,
             40, 41, 43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255})
        ++table[i];
    return table;
}

struct plain {
    std::vector<std::int64_t> table = plain_table();
    std::int64_t multiplier = 0;
    int doublings = 0;

    plain(double scale, bool is_tanh) {
        const double octave = std::log2(scale);
        if (std::abs(octave + 12) < 1e-3 || (is_tanh && std::abs(octave + 11) < 1e-3)) {
            multiplier = octave < -11.5 ? 3 : 6;
            return;
        }
        double real = scale * 12288;
        for (; real <= 16383.5 && doublings <= 30; ++doublings) real *= 2;
        multiplier = static_cast<std::int64_t>(real);
    }
    std::int64_t units(std::int64_t x) const {
        return floor_of(static_cast<long double>(x * multiplier) +
                            (doublings > 0 ? std::ldexp(1.0L, doublings - 1) : 0),
                        -doublings);
    }
    std::int64_t read(std::int64_t size, std::int64_t width, std::int64_t end) const {
        const auto entry = static_cast<std::size_t>(size / width);
        return entry >= 255 ? end * width : table[entry] * width + size % width * (table[entry + 1] - table[entry]);
    }
    std::int64_t logistic(std::int64_t x) const {
        const std::int64_t v = units(x), r = read(std::abs(v), 512, 65534);
        return floor_of(static_cast<long double>(v >= 0 ? r + 512 : 33554432 - r + 511), -10);
    }
    std::int64_t tanh(std::int64_t x) const {
        const std::int64_t v = units(x), r = read(std::abs(v), 256, 65535);
        return floor_of(static_cast<long double>(v >= 0 ? r - 8388608 + 128 : 8388608 - r + 127), -8);
    }
};

/// Input scales that matter: powers of two and their neighbours, the smallest, one beyond TFLite's 32 bits excluded.
std::vector<double> input_scales() {
    std::vector<double> scales{0x1p-12, 0x1p-11, 0x1p-13, 0x1.004p-12, 0x1.ffcp-12, 1e-9,
                               1e-12,   1.0,     1.3333,  1.3334,      5.3};
    std::mt19937 random(51);
    std::uniform_real_distribution<double> exponent(-18.0, 1.0);
    while (scales.size() < 30) scales.push_back(std::exp2(exponent(random)));
    return scales;
}

} // namespace

TEST_CASE("logistic_int16: TFLite's int16 LOGISTIC and TANH bit for bit") {
    check_tflite(tflite_cases("LOGISTIC"), 2, [](const tflite_case& c, std::size_t i) {
        const scaling s = ctq::encode_logistic_int16(c.inputs[0].scale[0]);
        return ctq::logistic_int16(static_cast<std::int16_t>(c.inputs[0].data[i]), s);
    });
    check_tflite(tflite_cases("TANH"), 2, [](const tflite_case& c, std::size_t i) {
        const scaling s = ctq::encode_tanh_int16(c.inputs[0].scale[0]);
        return ctq::tanh_int16(static_cast<std::int16_t>(c.inputs[0].data[i]), s);
    });
}

TEST_CASE("logistic_int16: every int16 in plain arithmetic") {
    for (const double scale : input_scales()) {
        CAPTURE(scale);
        const plain for_logistic(scale, false), for_tanh(scale, true);
        const scaling logistic = ctq::encode_logistic_int16(scale), tanh = ctq::encode_tanh_int16(scale);
        int wrong = 0;
        for (std::int32_t x = -32768; x <= 32767; ++x) {
            const auto narrow = static_cast<std::int16_t>(x);
            wrong += ctq::logistic_int16(narrow, logistic) != for_logistic.logistic(x);
            wrong += ctq::tanh_int16(narrow, tanh) != for_tanh.tanh(x);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("logistic_int16: near the functions on every int16") {
    double worst_logistic = 0, worst_tanh = 0;
    for (const double scale : {0x1p-12, 0.0003, 0.00011, 0.01, 0.4})
        for (std::int32_t x = -32768; x <= 32767; ++x) {
            const auto narrow = static_cast<std::int16_t>(x);
            const double real = x * scale, logistic = 32768 / (1 + std::exp(-real)), tanh = 32768 * std::tanh(real);
            const int got = ctq::logistic_int16(narrow, ctq::encode_logistic_int16(scale));
            const int got_tanh = ctq::tanh_int16(narrow, ctq::encode_tanh_int16(scale));
            worst_logistic = std::fmax(worst_logistic, std::abs(got - std::fmin(logistic, 32767)));
            worst_tanh = std::fmax(worst_tanh, std::abs(got_tanh - std::clamp(tanh, -32768.0, 32767.0)));
        }
    CHECK(worst_logistic < 3);
    CHECK(worst_tanh < 6);
}

TEST_CASE("logistic_int16: a scale beyond TFLite's 32 bits stays in order and within the output") {
    for (const double scale : {5.34, 6.0, 100.0, 1e30}) {
        const scaling logistic = ctq::encode_logistic_int16(scale), tanh = ctq::encode_tanh_int16(scale);
        CHECK(ctq::logistic_int16(-32768, logistic) == 1);
        CHECK(ctq::logistic_int16(32767, logistic) == 32767);
        CHECK(ctq::logistic_int16(1, logistic) > 32500);
        CHECK(ctq::tanh_int16(1, tanh) == 32767);
        CHECK(ctq::tanh_int16(-1, tanh) == -32767);
    }
}

TEST_CASE("logistic_int16: a scale that is not positive and finite is refused") {
    for (const double scale : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
        CHECK_THROWS_AS(ctq::encode_logistic_int16(scale), ctq::model_error);
        CHECK_THROWS_AS(ctq::encode_tanh_int16(scale), ctq::model_error);
    }
}

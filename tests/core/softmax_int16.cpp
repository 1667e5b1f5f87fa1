#include <ctq/core/softmax_int16.hpp>

#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

using ctq::scaling;
using namespace ctq::testing;

namespace {

constexpr std::array<std::int16_t, 4> equal_shares = [] {
    std::array<std::int16_t, 4> row{7, 7, 7, 7};
    ctq::softmax_int16(row.data(), row.data(), 4, 1, ctq::encode_softmax_int16(0.001f, 1.0f));
    return row;
}();
static_assert(equal_shares == std::array<std::int16_t, 4>{8192, 8192, 8192, 8192});

using plain_table = std::array<std::int64_t, 513>;

/// A table as tflite.md states it, in double: points over [first, last], outputs in units of 2^-15.
template <class Function> plain_table table_of(double in_scale, double first, Function f) {
    plain_table table{};
    const double step = in_scale * 65535 / 512;
    for (int i = 0; i < 512; ++i) {
        const double x = first + i * step, here = std::round(f(x) * 32768);
        const double line = std::round((f(first + (i + 1) * step) * 32768 + here) / 2);
        const double sag = std::round((line - std::round(f(x + step / 2) * 32768)) / 2);
        table[static_cast<std::size_t>(i)] = to_int16(std::llround(here - sag));
    }
    table[512] = to_int16(std::llround(f(first + 512 * step) * 32768));
    return table;
}

const plain_table exponentials = table_of(10.0 / 65535, -10.0, [](double x) { return std::exp(x); });
const plain_table reciprocals = table_of(1.0 / 65535, 0.0, [](double x) { return 1.0 / (1.0 + x); });

std::int64_t read(std::int64_t x, const plain_table& table) {
    const std::int64_t from_start = to_int16(x) + 32768;
    const auto at = static_cast<std::size_t>(from_start / 128);
    return table[at] + floor_of(static_cast<long double>((table[at + 1] - table[at]) * (from_start % 128) + 64), -7);
}

/// A row as tflite.md states it.
std::vector<std::int64_t> plain_softmax(const std::vector<std::int16_t>& row, float input_scale, float beta) {
    const float scale = input_scale * beta;
    const auto q = quantize_multiplier(double{scale} / (10.0 / 65535));
    const std::int64_t largest = *std::max_element(row.begin(), row.end());
    std::vector<std::int64_t> result;
    std::int64_t sum = 0;
    for (const std::int16_t x : row) {
        result.push_back(read(fits_32_bits(x - largest, q) ? scale_32(x - largest, q) + 32767 : -32768, exponentials));
        sum += result.back();
    }
    int zeros = 0;
    while ((sum << zeros) < std::int64_t{1} << 31) ++zeros;
    const std::int64_t normal = floor_of(static_cast<long double>((sum << (zeros - 1)) + 8192), -14);
    const std::int64_t reciprocal = read(normal - 98304, reciprocals);
    for (std::int64_t& value : result) {
        const auto half = std::ldexp(1.0L, 30 - zeros);
        value = std::clamp<std::int64_t>(floor_of(static_cast<long double>(value * reciprocal) + half, zeros - 31), 0,
                                         32767);
    }
    return result;
}

std::vector<std::int16_t> softmax(const std::vector<std::int16_t>& row, scaling s) {
    std::vector<std::int16_t> result(row.size(), 0);
    ctq::softmax_int16(row.data(), result.data(), row.size(), 1, s);
    return result;
}

} // namespace

TEST_CASE("softmax_int16: TFLite's int16 SOFTMAX bit for bit") {
    check_tflite(tflite_cases("SOFTMAX"), 3, [](const tflite_case& c, std::size_t i) {
        const auto length = static_cast<std::size_t>(c.output.shape.back());
        const auto first = c.inputs[0].data.begin() + static_cast<std::ptrdiff_t>(i / length * length);
        std::vector<std::int16_t> row;
        std::transform(first, first + static_cast<std::ptrdiff_t>(length), std::back_inserter(row),
                       [](std::int64_t x) { return static_cast<std::int16_t>(x); });
        const scaling s = ctq::encode_softmax_int16(c.inputs[0].scale[0], c.options.real("beta"));
        return softmax(row, s)[i % length];
    });
}

TEST_CASE("softmax_int16: its tables are those of the C library's functions") {
    int wrong = 0;
    for (std::size_t i = 0; i < 513; ++i)
        wrong += ctq::detail::exponential_table<>[i] != exponentials[i] ||
                 ctq::detail::reciprocal_table<>[i] != reciprocals[i];
    CHECK(wrong == 0);
}

TEST_CASE("softmax_int16: every difference of two inputs in plain arithmetic") {
    for (const float scale : {0x1p-15f, 0.0003f, 0.01f, 7.0f}) {
        int wrong = 0;
        for (std::int32_t x = -32768; x <= 32767; ++x) {
            const std::vector<std::int16_t> row{32767, static_cast<std::int16_t>(x)};
            const auto got = softmax(row, ctq::encode_softmax_int16(scale, 1.0f));
            const auto wanted = plain_softmax(row, scale, 1.0f);
            wrong += !std::equal(got.begin(), got.end(), wanted.begin());
        }
        CAPTURE(scale);
        CHECK(wrong == 0);
    }
}

TEST_CASE(
    "softmax_int16: random rows of any length in plain arithmetic, and within 2 units an input of the real softmax") {
    std::mt19937 random(61);
    std::uniform_real_distribution<float> exponent(-18.0f, 4.0f), length(0.0f, 11.0f);
    int wrong = 0;
    double worst = -1e9;
    for (int i = 0; i < 1500; ++i) {
        const float scale = std::exp2(exponent(random)), beta = i % 3 == 0 ? 0.7f : 1.0f;
        std::vector<std::int16_t> row(static_cast<std::size_t>(std::exp2(length(random))), 0);
        for (std::int16_t& x : row) x = static_cast<std::int16_t>(static_cast<std::int32_t>(random() % 65536) - 32768);
        if (i % 4 == 0) row[0] = -32768;
        if (i % 4 == 1) row.back() = 32767;
        const auto got = softmax(row, ctq::encode_softmax_int16(scale, beta));
        const auto wanted = plain_softmax(row, scale, beta);
        wrong += !std::equal(got.begin(), got.end(), wanted.begin());
        double sum = 0;
        const double largest = *std::max_element(row.begin(), row.end());
        const auto real = [&](std::int16_t x) { return std::exp((x - largest) * scale * beta); };
        for (const std::int16_t x : row) sum += real(x);
        for (std::size_t k = 0; k < row.size(); ++k)
            worst = std::fmax(worst, std::abs(got[k] - std::fmin(real(row[k]) / sum * 32768, 32767.0)) -
                                         2.0 * static_cast<double>(row.size()));
    }
    CHECK(wrong == 0);
    CHECK(worst < 2);
}

TEST_CASE("softmax_int16: a step between elements, and the longest row") {
    const std::vector<std::int16_t> row{100, -3000, 32767};
    const scaling s = ctq::encode_softmax_int16(0.0001f, 1.0f);
    std::vector<std::int16_t> spread{100, 1, -3000, 2, 32767, 3};
    ctq::softmax_int16(spread.data(), spread.data(), 3, 2, s);
    const auto wanted = softmax(row, s);
    CHECK(spread == std::vector<std::int16_t>{wanted[0], 1, wanted[1], 2, wanted[2], 3});
    const auto longest = softmax(std::vector<std::int16_t>(65538, 5), s);
    CHECK(longest == std::vector<std::int16_t>(65538, longest[0]));
    CHECK(longest[0] == plain_softmax(std::vector<std::int16_t>(65538, 5), 0.0001f, 1.0f)[0]);
}

#include <ctq/core/interpolated_table.hpp>

#include <core/tflite_cases.hpp>
#include <core/tflite_oracle.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>

using ctq::interpolate;
using ctq::interpolated_table;
using ctq::make_interpolated_table;
using ctq::quantization;
using namespace ctq::testing;

namespace e = ctq::elementary;

namespace {

/// The functions as TFLite's kernels have them, from our own elementary functions: float32 steps. What log and rsqrt
/// have no value for is the output's lowest and highest integer.
struct functions {
    float out_scale;

    static constexpr float exp(float x) { return e::exp(x); }
    static constexpr float gelu(float x) {
        return ctq::exact(ctq::exact(0.5f * x) * e::erfc(ctq::exact(x * -0.70710678118654752440f)));
    }
    constexpr float log(float x) const { return x > 0 ? e::log(x) : out_scale * -32768.0f; }
    constexpr float rsqrt(float x) const { return x > 0 ? 1.0f / e::sqrt(x) : out_scale * 32767.0f; }
};

// TFLite spaces the points over 65535 steps: the one that is read for 0 stands half a step below.
constexpr interpolated_table identity =
    make_interpolated_table(quantization{0.5f, 0}, quantization{0.5f, 0}, [](float x) { return x; });
static_assert(identity[0] == -32768 && identity[256] == -1 && identity[512] == 32767);
static_assert(interpolate(0, identity) == -1 && interpolate(-32768, identity) == -32768 &&
              interpolate(32767, identity) == 32766);

// Halves up: between 0 and 1 at 64 of 128, and between 0 and -1.
constexpr interpolated_table steps = [] {
    interpolated_table table{};
    table[257] = 1;
    table[255] = -1;
    return table;
}();
static_assert(interpolate(63, steps) == 0 && interpolate(64, steps) == 1 && interpolate(128, steps) == 1);
static_assert(interpolate(-64, steps) == 0 && interpolate(-65, steps) == -1 && interpolate(32767, steps) == 0);

// The compiler makes a table of a function that has no value in places, and infinite ones.
constexpr interpolated_table pole =
    make_interpolated_table(quantization{0.5f, 0}, quantization{0.001f, 0}, [](float x) {
        if (x < -1000.0f) return std::numeric_limits<float>::quiet_NaN();
        return x < 0 ? -std::numeric_limits<float>::infinity() : 1.0f / x;
    });
static_assert(pole[0] == 0 && pole[200] == 0 && pole[250] == -32768 && pole[256] == -32768 && pole[257] > 0 &&
              pole[512] == 0);

constexpr interpolated_table gelu =
    make_interpolated_table(quantization{0.0002f, 0}, quantization{0.00015f, 0}, functions::gelu);

/// The table as tflite.md states it, with the C library's functions.
interpolated_table plain_table(float in_scale, float out_scale, const std::function<float(float)>& f) {
    const float first = in_scale * -32768.0f, last = in_scale * 32767.0f;
    const float step = (last - first) / 512.0f, factor = 65536.0f / (out_scale * 32767.0f - out_scale * -32768.0f);
    interpolated_table table{};
    for (int i = 0; i < 512; ++i) {
        const float x = first + static_cast<float>(i) * step, next = first + static_cast<float>(i + 1) * step;
        const float here = std::round(f(x) * factor), middle = std::round(f(x + step / 2) * factor);
        const float line = std::round((f(next) * factor + here) / 2);
        table[static_cast<std::size_t>(i)] =
            static_cast<std::int16_t>(to_int16(std::llround(here - std::round((line - middle) / 2))));
    }
    table[512] = static_cast<std::int16_t>(to_int16(std::llround(f(last) * factor)));
    return table;
}

int differences(const interpolated_table& a, const interpolated_table& b) {
    int count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i];
    return count;
}

template <class Function> void check_function(const char* op, Function function) {
    check_tflite(tflite_cases(op), 1, [&](const tflite_case& c, std::size_t i) {
        const quantization out = c.output.facts();
        static interpolated_table table; // one per function type, made at its first element
        if (i == 0)
            table = make_interpolated_table(c.inputs[0].facts(), out, [&](float x) { return function(out.scale, x); });
        return interpolate(static_cast<std::int16_t>(c.inputs[0].data[i]), table);
    });
}

} // namespace

TEST_CASE("interpolated_table: TFLite's int16 EXP, GELU, LOG and RSQRT bit for bit") {
    check_function("EXP", [](float, float x) { return functions::exp(x); });
    check_function("GELU", [](float, float x) { return functions::gelu(x); });
    check_function("LOG", [](float scale, float x) { return functions{scale}.log(x); });
    check_function("RSQRT", [](float scale, float x) { return functions{scale}.rsqrt(x); });
}

TEST_CASE("interpolated_table: our elementary functions against correctly rounded ones, over random scales") {
    std::mt19937 random(41);
    std::uniform_real_distribution<float> exponent(-15.0f, -10.0f);
    int unlike[4] = {};
    const auto of_double = [](auto f) {
        return [f](float x) { return static_cast<float>(f(static_cast<double>(x))); };
    };
    constexpr int tables = 40;
    for (int i = 0; i < tables; ++i) {
        const float in = std::exp2(exponent(random)), out = std::exp2(exponent(random));
        const functions ours{out};
        const auto make = [&](auto f) { return make_interpolated_table(quantization{in, 0}, quantization{out, 0}, f); };
        const auto exp = of_double([](double x) { return std::exp(x); });
        const auto log = of_double([](double x) { return std::log(x); });
        const auto erfc = of_double([](double x) { return std::erfc(x); });
        unlike[0] += differences(make(functions::exp), plain_table(in, out, exp));
        unlike[1] += differences(make(functions::gelu), plain_table(in, out, [&](float x) {
                                     return 0.5f * x * erfc(x * static_cast<float>(-0.70710678118654752440));
                                 }));
        unlike[2] += differences(make([&](float x) { return ours.log(x); }),
                                 plain_table(in, out, [&](float x) { return x > 0 ? log(x) : out * -32768.0f; }));
        unlike[3] +=
            differences(make([&](float x) { return ours.rsqrt(x); }),
                        plain_table(in, out, [&](float x) { return x > 0 ? 1.0f / std::sqrt(x) : out * 32767.0f; }));
    }
    for (const int count : unlike) CHECK(count == 0);
}

TEST_CASE("interpolated_table: on every int16 within one input step and one output step of the function") {
    double worst = 0;
    for (std::int32_t x = -32768; x <= 32767; ++x) {
        const double real = x * 0.0002, wanted = 0.5 * real * std::erfc(-real / std::sqrt(2.0)) / 0.00015;
        const double error = interpolate(static_cast<std::int16_t>(x), gelu) - std::fmin(wanted, 32767.0);
        worst = std::fmax(worst, std::abs(error));
    }
    CHECK(worst < 0.0002 / 0.00015 * 1.13 + 1.0); // 1.13: gelu's steepest slope
    CHECK(gelu == make_interpolated_table(quantization{0.0002f, 0}, quantization{0.00015f, 0}, functions::gelu));
}

TEST_CASE("interpolated_table: an output with a zero point is refused") {
    CHECK_THROWS_AS(make_interpolated_table(quantization{1, 0}, quantization{1, 1}, functions::exp), ctq::model_error);
}

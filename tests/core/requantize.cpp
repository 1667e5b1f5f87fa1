#include <ctq/core/requantize.hpp>

#include <doctest/doctest.h>
#include <gemmlowp/fixedpoint/fixedpoint.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace {

using ctq::double_rounding;
using ctq::scaling;
using ctq::three_step;

static_assert(ctq::requantizer<three_step>);
static_assert(ctq::requantizer<double_rounding> && ctq::requantizer<ctq::default_requantizer>);

constexpr auto highest = std::numeric_limits<std::int32_t>::max();

// The encoding: exact powers of two, the carry into the next power, both ends.
static_assert(three_step::encode(1.0) == scaling{16384, -7} && three_step::encode(0x1p-7) == scaling{16384, 0});
static_assert(three_step::encode(0.99999999) == scaling{16384, -7} && three_step::encode(0x1p-6) == scaling{16384, -1});
static_assert(three_step::encode(0x1p-23) == scaling{16384, 16} && three_step::encode(0x1p-24) == scaling{8192, 16});
static_assert(three_step::encode(0x1p-37) == scaling{1, 16} && three_step::encode(0x1p-38) == scaling{1, 16});
static_assert(three_step::encode(0x1.fp-39) == scaling{0, 16} && three_step::encode(5e-324) == scaling{0, 16});
static_assert(three_step::encode(255.999999) == scaling{16384, -15} &&
              three_step::encode(1e300) == scaling{32767, -15});
static_assert(three_step::encode(511.999) == scaling{32767, -15} && three_step::encode(256.0) == scaling{16384, -15});
static_assert(three_step::decode({16384, -7}) == 1.0 && three_step::decode({0, 16}) == 0.0);
static_assert(double_rounding::encode(0.5) == scaling{1 << 30, 0} &&
              double_rounding::encode(1.0) == scaling{1 << 30, 1});
static_assert(double_rounding::encode(0.99999999999) == scaling{1 << 30, 1});
static_assert(double_rounding::encode(0x1p-32) == scaling{1 << 30, -31});
static_assert(double_rounding::encode(0x1p-33) == scaling{0, 0} && double_rounding::encode(1e10).shift == 30);
static_assert(double_rounding::decode({1 << 30, 1}) == 1.0);

// Halves go up in three_step, away from zero in double_rounding.
static_assert(three_step::apply(1, three_step::encode(0.5), 0) == 1 &&
              three_step::apply(-1, three_step::encode(0.5), 0) == 0);
static_assert(double_rounding::apply(-1, double_rounding::encode(0.5), 0) == 0); // the first rounding goes up
static_assert(double_rounding::apply(-2, double_rounding::encode(0.25), 0) == -1);
static_assert(three_step::apply(100, three_step::encode(2.5), -128) == 122);
static_assert(three_step::apply(255, three_step::encode(1.0), -128) == 127);
static_assert(ctq::requantize<three_step>(1'000'000, three_step::encode(0.001), 0) == 127);
static_assert(ctq::requantize<three_step>(-1, three_step::encode(1e9), 5) == -128);
static_assert(ctq::requantize<three_step>(1, three_step::encode(1e9), -128) == 127);
static_assert(ctq::requantize<three_step>(500, three_step::encode(0.1), 0, std::int8_t{0}, std::int8_t{40}) == 40);
static_assert(ctq::requantize<three_step, std::uint8_t>(500, three_step::encode(0.5), 0) == 250);

/// Whether apply(Accumulator, {Multiplier, Shift}, 0) is a constant expression, that is, without signed overflow.
template <class R, std::int32_t Accumulator, std::int32_t Multiplier, std::int32_t Shift>
concept defined = requires {
    typename std::integral_constant<std::int32_t, R::apply(Accumulator, scaling{Multiplier, Shift}, 0)>;
};

template <class R, std::int32_t Multiplier, std::int32_t Shift>
constexpr auto limit = static_cast<std::int32_t>(R::headroom(scaling{Multiplier, Shift}));

/// The headroom is safe on both sides; one more overflows.
template <class R, std::int32_t Multiplier, std::int32_t Shift>
concept tight = defined<R, limit<R, Multiplier, Shift>, Multiplier, Shift> &&
    defined<R, -limit<R, Multiplier, Shift>, Multiplier, Shift> &&
    !defined<R, limit<R, Multiplier, Shift> + 1, Multiplier, Shift>;

static_assert(tight<three_step, 20000, 1> && tight<three_step, 32767, 9> && tight<three_step, 1, 16>);
static_assert(three_step::headroom({20000, 0}) == highest && three_step::headroom({20000, -15}) == highest);
static_assert(defined<three_step, highest, 32767, 0> && defined<three_step, -highest, 32767, -15>);
static_assert(defined<three_step, std::numeric_limits<std::int32_t>::min(), 32767, -15>);
// double_rounding keeps 256 for the zero point: not tight, but a left shift overflows right behind that.
static_assert(defined<double_rounding, limit<double_rounding, highest, 5>, highest, 5>);
static_assert(!defined<double_rounding, limit<double_rounding, highest, 5> + 9, highest, 5>);
static_assert(defined<double_rounding, limit<double_rounding, highest, -31>, highest, -31>);
static_assert(double_rounding::headroom({highest, -31}) == highest - (1 << 30));

// One more than the largest accumulator that step 1 keeps.
static_assert(!three_step::saturates({20000, 4}, 32767 * 16 + 7) && three_step::saturates({20000, 4}, 32767 * 16 + 8));
static_assert(!three_step::saturates({20000, -2}, 8191) && three_step::saturates({20000, -2}, 8192));
static_assert(!three_step::saturates({20000, 16}, std::numeric_limits<std::int32_t>::max() - 32768));

double random_scale(std::mt19937_64& random, double low_exponent, double high_exponent) {
    return std::exp2(std::uniform_real_distribution<double>(low_exponent, high_exponent)(random));
}

/// An accumulator whose exact result lies within `span` of the zero point.
std::int32_t accumulator_within(std::mt19937_64& random, double scale, double span) {
    const double largest = std::fmin(span / scale, 2147418000.0);
    return static_cast<std::int32_t>(std::uniform_real_distribution<double>(-largest, largest)(random));
}

struct reference {
    std::int32_t multiplier;
    int shift;
};

/// TFLite's QuantizeMultiplier, as its documentation states it.
reference quantize_multiplier(double scale) {
    int shift = 0;
    auto multiplier = static_cast<std::int64_t>(std::round(std::frexp(scale, &shift) * 2147483648.0));
    if (multiplier == std::int64_t{1} << 31) {
        multiplier /= 2;
        ++shift;
    }
    if (shift < -31) return {0, 0};
    return {static_cast<std::int32_t>(multiplier), shift};
}

std::int32_t multiply_by_quantized_multiplier(std::int32_t x, reference r) {
    const int left = r.shift > 0 ? r.shift : 0;
    const int right = r.shift > 0 ? 0 : -r.shift;
    return gemmlowp::RoundingDivideByPOT(gemmlowp::SaturatingRoundingDoublingHighMul(x * (1 << left), r.multiplier),
                                         right);
}

/// The largest |q - exact| in LSB over random accumulators whose exact result is within 255 of the zero point.
template <class R> double worst_error(double low_exponent, double high_exponent, bool against_decoded) {
    std::mt19937_64 random(2);
    double worst = 0.0;
    for (int i = 0; i < 300'000; ++i) {
        const double scale = random_scale(random, low_exponent, high_exponent);
        const scaling s = R::encode(scale);
        const auto accumulator = accumulator_within(random, scale, 255.0);
        const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
        const long double real = static_cast<long double>(accumulator) * (against_decoded ? R::decode(s) : scale);
        const auto q = R::apply(accumulator, s, zero_point);
        worst = std::fmax(worst, static_cast<double>(std::fabs(static_cast<long double>(q - zero_point) - real)));
    }
    return worst;
}

} // namespace

TEST_CASE("requantize: double_rounding equals gemmlowp's fixed point, a million cases") {
    std::mt19937_64 random(4);
    int wrong = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        const double scale = random_scale(random, -34.0, i % 4 == 0 ? 20.0 : 0.0);
        const scaling s = double_rounding::encode(scale);
        const reference r = quantize_multiplier(scale);
        wrong += s.multiplier != r.multiplier || s.shift != r.shift;
        const std::int64_t room = double_rounding::headroom(s);
        std::int64_t value = static_cast<std::int32_t>(random()) >> (random() % 31);
        if (i % 16 == 1) value = room - static_cast<std::int64_t>(random() % 3);
        if (i % 16 == 2) value = -room + static_cast<std::int64_t>(random() % 3);
        const auto accumulator = static_cast<std::int32_t>(ctq::clamp_to(value, -room, room));
        const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
        wrong += double_rounding::apply(accumulator, s, zero_point) !=
                 multiply_by_quantized_multiplier(accumulator, r) + zero_point;
    }
    CHECK(wrong == 0);
}

TEST_CASE("requantize: double_rounding's steps equal gemmlowp's everywhere") {
    std::mt19937_64 random(6);
    int wrong = 0;
    for (int i = 0; i < 200'000; ++i) {
        const auto a = static_cast<std::int32_t>(random());
        const auto b = static_cast<std::int32_t>(random());
        const int shift = static_cast<int>(random() % 32);
        wrong +=
            ctq::saturating_rounding_doubling_high_multiply(a, b) != gemmlowp::SaturatingRoundingDoublingHighMul(a, b);
        wrong += ctq::rounding_divide_by_power_of_two(a, shift) != gemmlowp::RoundingDivideByPOT(a, shift);
    }
    CHECK(wrong == 0);
}

TEST_CASE("requantize: three_step stays within its error bound of real arithmetic") {
    CHECK(worst_error<three_step>(-31.0, -6.0, false) <= 0.5 + 2.0 / 128);
    CHECK(worst_error<three_step>(-31.0, -6.0, true) <= 0.5 + 1.0 / 128);
    CHECK(worst_error<three_step>(-45.0, -31.0, false) <= 0.5 + 2.0 / 128);
    CHECK(worst_error<three_step>(-6.0, 8.0, false) <= 0.5 + 1.0 / 128); // a left shift loses nothing
    CHECK(worst_error<three_step>(-6.0, 8.0, true) <= 0.5);
    CHECK(worst_error<double_rounding>(-31.0, 8.0, false) <= 1.0);
}

TEST_CASE("requantize: what three_step cannot represent lies outside int8, on the right side") {
    std::mt19937_64 random(8);
    int wrong = 0;
    for (int i = 0; i < 300'000; ++i) {
        const double scale = random_scale(random, -22.0, 12.0);
        const scaling s = three_step::encode(scale);
        const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
        const std::int64_t room = three_step::headroom(s);
        const auto accumulator = static_cast<std::int32_t>(
            ctq::clamp_to<std::int64_t>(static_cast<std::int32_t>(random()) >> (random() % 20), -room, room));
        const double real = accumulator * scale + zero_point;
        const auto q = ctq::requantize<three_step>(accumulator, s, zero_point);
        if (real >= 128.0) wrong += q != 127;
        if (real <= -129.0) wrong += q != -128;
    }
    CHECK(wrong == 0);
}

TEST_CASE("requantize: laws of every requantizer") {
    const auto check = []<class R>(R) {
        std::mt19937_64 random(9);
        int wrong = 0;
        for (int i = 0; i < 100'000; ++i) {
            const double scale = random_scale(random, -30.0, 8.0);
            const scaling s = R::encode(scale);
            wrong += R::encode(R::decode(s)) != s;
            wrong += std::fabs(R::decode(s) / scale - 1.0) > (scale < 0x1p-23 ? 1.0 : 0x1p-15);
            const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
            wrong += R::apply(0, s, zero_point) != zero_point;
            const double span = std::fmin(250.0, static_cast<double>(R::headroom(s) - 1) * scale);
            const auto accumulator = accumulator_within(random, scale, span);
            const auto q = R::apply(accumulator, s, zero_point);
            wrong += R::apply_folded(accumulator + R::rounding(s), s, zero_point) != q;
            wrong += R::apply(accumulator + 1, s, zero_point) < q; // monotonic
            wrong += R::apply(accumulator, s, zero_point + 1) != q + 1;
            const auto asymmetry = q + R::apply(-accumulator, s, zero_point) - 2 * zero_point;
            wrong += asymmetry < 0 || asymmetry > 1; // only halves go up
        }
        CHECK_MESSAGE(wrong == 0, R::name);
    };
    check(three_step{});
    check(double_rounding{});
}

TEST_CASE("requantize: a scale that is not positive and finite is refused") {
    for (const double scale : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
        CHECK_THROWS_AS(three_step::encode(scale), ctq::model_error);
        CHECK_THROWS_AS(double_rounding::encode(scale), ctq::model_error);
    }
}

#include <ctq/core/requantize.hpp>

#include <core/requantizer_cases.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using ctq::double_rounding;
using ctq::scaling;
using ctq::single_rounding;
using ctq::three_step;
using namespace ctq::testing;

namespace {

static_assert(ctq::requantizer<three_step> && ctq::requantizer<double_rounding> && ctq::requantizer<single_rounding>);
static_assert(ctq::requantizer<ctq::default_requantizer> && !ctq::requantizer<int>);
static_assert(ctq::adds_residual<three_step> && !ctq::adds_residual<double_rounding> &&
              !ctq::adds_residual<single_rounding>);

// What a concept with one accumulator type for all would let pass.
struct rounds_in_another_type : three_step {
    using accumulator_type = std::int64_t;
};
static_assert(!ctq::requantizer<rounds_in_another_type>);

static_assert(ctq::requantize<three_step>(1'000'000, three_step::encode(0.001), 0) == 127);
static_assert(ctq::requantize<three_step>(-1, three_step::encode(1e9), 5) == -128);
static_assert(ctq::requantize<three_step>(1, three_step::encode(1e9), -128) == 127);
static_assert(ctq::requantize<three_step>(500, three_step::encode(0.1), 0, std::int8_t{0}, std::int8_t{40}) == 40);
static_assert(ctq::requantize<three_step, std::uint8_t>(500, three_step::encode(0.5), 0) == 250);
static_assert(ctq::requantize<single_rounding, std::int16_t>(std::int64_t{1} << 40, single_rounding::encode(1e-9), 0) ==
              1100);
static_assert(ctq::requantize<single_rounding, std::int16_t>(std::int64_t{1} << 40, single_rounding::encode(1e-6), 0) ==
              32767);

// A left shift that leaves 32 bits saturates on the right side.
static_assert(ctq::apply_saturating<double_rounding>(1 << 30, double_rounding::encode(0x1p10), 0) > 32767);
static_assert(ctq::apply_saturating<double_rounding>(-(1 << 30), double_rounding::encode(1e9), 0) < -32768);
static_assert(ctq::apply_saturating<double_rounding>(1 << 30, double_rounding::encode(1e300), 100) > 32767);

} // namespace

TEST_CASE("requantize: laws of every requantizer") {
    const auto check = []<class R>(R) {
        std::mt19937_64 random(9);
        int wrong = 0;
        for (int i = 0; i < 100'000; ++i) {
            const double scale = random_scale(random, -30.0, 8.0);
            const scaling s = R::encode(scale);
            wrong += R::encode(R::decode(s)) != s;
            wrong += std::fabs(R::decode(s) / scale - 1.0) > (scale < 0x1p-23 ? 1.0 : 0x1.0001p-15);
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
            wrong += ctq::apply_saturating<R>(accumulator, s, zero_point) != q;
        }
        CHECK_MESSAGE(wrong == 0, R::name);
    };
    check(three_step{});
    check(double_rounding{});
    check(single_rounding{});
}

TEST_CASE("requantize: apply_saturating clamps as the exact result does, whatever the scale") {
    const auto check = []<class R>(R, std::int32_t low, std::int32_t high) {
        std::mt19937_64 random(10);
        constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max() - 65535;
        int wrong = 0, outside = 0;
        for (int i = 0; i < 300'000; ++i) {
            const double scale = random_scale(random, -32.0, 40.0);
            std::int32_t accumulator = static_cast<std::int32_t>(random()) >> (random() % 32);
            accumulator = ctq::clamp_to(accumulator, -most, most);
            const scaling s = R::encode(scale);
            const std::int32_t q = ctq::apply_saturating<R>(accumulator, s, 0);
            const double real = accumulator * R::decode(s);
            if (real > high + 1.0) wrong += q < high, ++outside;
            if (real < low - 1.0) wrong += q > low, ++outside;
            if (real <= high && real >= low) wrong += std::fabs(q - real) > 1.0;
        }
        CHECK(outside > 100'000);
        CHECK_MESSAGE(wrong == 0, R::name);
    };
    check(three_step{}, -255, 255);
    check(double_rounding{}, -32768, 32767);
    check(single_rounding{}, -32768, 32767);
}

TEST_CASE("requantize: a scale that is not positive and finite is refused") {
    for (const double scale : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")}) {
        CHECK_THROWS_AS(three_step::encode(scale), ctq::model_error);
        CHECK_THROWS_AS(double_rounding::encode(scale), ctq::model_error);
        CHECK_THROWS_AS(single_rounding::encode(scale), ctq::model_error);
    }
}

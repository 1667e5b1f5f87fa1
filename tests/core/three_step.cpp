#include <ctq/core/three_step.hpp>

#include <core/requantizer_cases.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using ctq::scaling;
using ctq::three_step;
using namespace ctq::testing;

namespace {

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

// Halves go up.
static_assert(three_step::apply(1, three_step::encode(0.5), 0) == 1 &&
              three_step::apply(-1, three_step::encode(0.5), 0) == 0);
static_assert(three_step::apply(100, three_step::encode(2.5), -128) == 122);
static_assert(three_step::apply(255, three_step::encode(1.0), -128) == 127);

/// The headroom is safe on both sides; one more overflows.
template <class R, std::int32_t Multiplier, std::int32_t Shift>
concept tight = defined<R, limit<R, Multiplier, Shift>, Multiplier, Shift> &&
    defined<R, -limit<R, Multiplier, Shift>, Multiplier, Shift> &&
    !defined<R, limit<R, Multiplier, Shift> + 1, Multiplier, Shift>;

static_assert(tight<three_step, 20000, 1> && tight<three_step, 32767, 9> && tight<three_step, 1, 16>);
static_assert(three_step::headroom({20000, 0}) == highest && three_step::headroom({20000, -15}) == highest);
static_assert(defined<three_step, highest, 32767, 0> && defined<three_step, -highest, 32767, -15>);
static_assert(defined<three_step, std::numeric_limits<std::int32_t>::min(), 32767, -15>);

// One more than the largest accumulator that step 1 keeps.
static_assert(!three_step::saturates({20000, 4}, 32767 * 16 + 7) && three_step::saturates({20000, 4}, 32767 * 16 + 8));
static_assert(!three_step::saturates({20000, -2}, 8191) && three_step::saturates({20000, -2}, 8192));
static_assert(!three_step::saturates({20000, 16}, std::numeric_limits<std::int32_t>::max() - 32768));

} // namespace

TEST_CASE("three_step: stays within its error bound of real arithmetic") {
    CHECK(worst_error<three_step>(-31.0, -6.0, false) <= 0.5 + 2.0 / 128);
    CHECK(worst_error<three_step>(-31.0, -6.0, true) <= 0.5 + 1.0 / 128);
    CHECK(worst_error<three_step>(-45.0, -31.0, false) <= 0.5 + 2.0 / 128);
    CHECK(worst_error<three_step>(-6.0, 8.0, false) <= 0.5 + 1.0 / 128); // a left shift loses nothing
    CHECK(worst_error<three_step>(-6.0, 8.0, true) <= 0.5);
}

TEST_CASE("three_step: what it cannot represent lies outside int8, on the right side") {
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

#pragma once
// What the tests of each requantizer share: random scales and accumulators, errors against real arithmetic, headrooms.
// room: tests/core

#include <ctq/core/requantize.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>

namespace ctq::testing {

/// Whether apply(Accumulator, {Multiplier, Shift}, 0) is a constant expression, that is, without signed overflow.
template <class R, std::int64_t Accumulator, std::int32_t Multiplier, std::int32_t Shift>
concept defined = requires {
    typename std::integral_constant<std::int32_t, R::apply(static_cast<typename R::accumulator_type>(Accumulator),
                                                           scaling{Multiplier, Shift}, 0)>;
};

template <class R, std::int32_t Multiplier, std::int32_t Shift>
constexpr std::int64_t limit = R::headroom(scaling{Multiplier, Shift});

inline double random_scale(std::mt19937_64& random, double low_exponent, double high_exponent) {
    return std::exp2(std::uniform_real_distribution<double>(low_exponent, high_exponent)(random));
}

/// An accumulator whose exact result lies within `span` of the zero point.
inline std::int32_t accumulator_within(std::mt19937_64& random, double scale, double span) {
    const double largest = std::fmin(span / scale, 2147418000.0);
    return static_cast<std::int32_t>(std::uniform_real_distribution<double>(-largest, largest)(random));
}

/// The largest |q - exact| in LSB over random accumulators whose exact result is within `span` of the zero point.
template <class R>
double worst_error(double low_exponent, double high_exponent, bool against_decoded, double span = 255.0) {
    std::mt19937_64 random(2);
    double worst = 0.0;
    for (int i = 0; i < 300'000; ++i) {
        const double scale = random_scale(random, low_exponent, high_exponent);
        const scaling s = R::encode(scale);
        const auto accumulator = accumulator_within(random, scale, span);
        const auto zero_point = static_cast<std::int32_t>(random() % 256) - 128;
        const long double real = static_cast<long double>(accumulator) * (against_decoded ? R::decode(s) : scale);
        const auto q = R::apply(accumulator, s, zero_point);
        worst = std::fmax(worst, static_cast<double>(std::fabs(static_cast<long double>(q - zero_point) - real)));
    }
    return worst;
}

} // namespace ctq::testing

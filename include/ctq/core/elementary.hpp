#pragma once
// Elementary functions that give the same bits in every compiler, on every machine, in constant evaluation and at run
// time: plain double arithmetic in separately rounded steps, no library call, no fma (see exact.hpp).
// room: core | runs on: all (soft double on small targets: meant for the compiler and the host) | heap: no
//
// Errors are bounds in units in the last place, tested against std:: in long double. Not for -ffast-math.

#include <ctq/core/exact.hpp>

#include <bit>
#include <cstdint>
#include <limits>

namespace ctq::inline CTQ_TARGET::elementary {

namespace detail {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
inline constexpr double two_to_52 = 4503599627370496.0;
inline constexpr double ln2_high = 0x1.62e42feep-1; // 33 bits: its product with an exponent is exact
inline constexpr double ln2_low = 0x1.a39ef35793c76p-33;

} // namespace detail

/// True for NaN only.
constexpr bool is_nan(double x) {
    return x != x;
}

/// True if the sign bit is set: for -0.0 too.
constexpr bool sign_bit(double x) {
    return (std::bit_cast<std::uint64_t>(x) >> 63) != 0;
}

/// |x|. Exact.
constexpr double absolute(double x) {
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & 0x7FFFFFFFFFFFFFFFU);
}
constexpr float absolute(float x) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFU);
}

/// True for every number that is neither infinite nor NaN.
constexpr bool is_finite(double x) {
    return absolute(x) < detail::infinity;
}

/// The magnitude of `x` with the sign of `sign`. Exact.
constexpr double copy_sign(double x, double sign) {
    return sign_bit(x) == sign_bit(sign) ? x : -x;
}

/// The largest integer not above x. Exact; -0.0, infinities and NaN come back.
constexpr double floor(double x) {
    if (!(absolute(x) < detail::two_to_52) || x == 0.0) return x;
    const auto truncated = static_cast<double>(static_cast<std::int64_t>(x));
    return copy_sign(truncated > x ? truncated - 1.0 : truncated, x);
}

/// The smallest integer not below x. Exact.
constexpr double ceil(double x) {
    return -floor(-x);
}

/// The nearest integer, halves to even (std::nearbyint in the default mode). Exact.
constexpr double round_half_even(double x) {
    const double size = absolute(x);
    if (!(size < detail::two_to_52)) return x;
    return copy_sign(exact(size + detail::two_to_52) - detail::two_to_52, x);
}

/// The nearest integer, halves away from zero (std::round). Exact.
constexpr double round_half_away(double x) {
    const double size = absolute(x);
    if (!(size < detail::two_to_52)) return x;
    const double below = floor(size);
    return copy_sign(size - below >= 0.5 ? below + 1.0 : below, x);
}

/// value = fraction * 2^exponent with 1/2 <= |fraction| < 1; zero, infinity and NaN have exponent 0 and are their
/// fraction.
struct fraction_and_exponent {
    double fraction = 0.0;
    int exponent = 0;
};

/// Takes x apart. Exact.
constexpr fraction_and_exponent frexp(double x) {
    if (x == 0.0 || !is_finite(x)) return {x, 0};
    int exponent = 0;
    if (absolute(x) < std::numeric_limits<double>::min()) {
        x *= detail::two_to_52;
        exponent = -52;
    }
    const auto bits = std::bit_cast<std::uint64_t>(x);
    exponent += static_cast<int>((bits >> 52) & 0x7FFU) - 1022;
    return {std::bit_cast<double>((bits & 0x800FFFFFFFFFFFFFU) | 0x3FE0000000000000U), exponent};
}

/// x * 2^exponent, rounded once (exact unless the result is subnormal); overflows to infinity, underflows to zero.
constexpr double ldexp(double x, int exponent) {
    const auto power = [](int e) { return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52); };
    if (x == 0.0 || !is_finite(x)) return x;
    const auto [fraction, own] = frexp(x);
    if (exponent > 4000 || own + exponent > 1024) return copy_sign(detail::infinity, x);
    if (exponent < -4000 || own + exponent < -1080) return copy_sign(0.0, x);
    const int target = own + exponent;
    if (target >= -1021) return exact(fraction * 2.0) * power(target - 1);
    return exact(fraction * power(target + 1022)) * power(-1022);
}

/// 2^exponent. Exact.
constexpr double power_of_two(int exponent) {
    return ldexp(1.0, exponent);
}

/// The square root, correctly rounded; NaN below zero.
constexpr double sqrt(double x) {
    if (x == 0.0 || is_nan(x) || x == detail::infinity) return x;
    if (x < 0.0) return detail::not_a_number;
    auto [fraction, exponent] = frexp(x);
    fraction *= (exponent & 1) != 0 ? 2.0 : 4.0; // to 1 .. 4, an even exponent
    exponent -= (exponent & 1) != 0 ? 1 : 2;
    // Newton's iteration for 1 / sqrt, from a guess made of the bits.
    double inverse = std::bit_cast<double>(0x5FE6EB50C7B537A9U - (std::bit_cast<std::uint64_t>(fraction) >> 1));
    for (int i = 0; i < 4; ++i) {
        const double half_square = exact(exact(0.5 * fraction) * exact(inverse * inverse));
        inverse = exact(inverse * (1.5 - half_square));
    }
    // The candidate as an integer of 53 bits, corrected by its exact residual: that is small, so 64 bits hold it
    // although its two terms have 106.
    auto root = static_cast<std::int64_t>(exact(fraction * inverse) * detail::two_to_52);
    const auto radicand = static_cast<std::uint64_t>(fraction * detail::two_to_52) << 52;
    const auto residual = [&] {
        return static_cast<std::int64_t>(radicand -
                                         static_cast<std::uint64_t>(root) * static_cast<std::uint64_t>(root));
    };
    while (residual() > root) ++root;
    while (residual() <= -root) --root;
    return ldexp(static_cast<double>(root), exponent / 2 - 52);
}

namespace detail {

/// e^r - 1 - r over r^2, |r| <= 0.35: the Taylor polynomial.
constexpr double exponential_tail(double r) {
    constexpr double inverse_factorials[] = {1.0 / 2,         1.0 / 6,          1.0 / 24,          1.0 / 120,
                                             1.0 / 720,       1.0 / 5040,       1.0 / 40320,       1.0 / 362880,
                                             1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};
    double sum = inverse_factorials[11];
    for (int i = 10; i >= 0; --i) sum = multiply_add_unfused(sum, r, inverse_factorials[i]);
    return sum;
}

} // namespace detail

/// e^x. Error under 1 ulp.
constexpr double exp(double x) {
    if (is_nan(x)) return x;
    if (x > 709.782712893384) return detail::infinity;
    if (x < -745.1332191019412) return 0.0;
    const double exponent = round_half_even(exact(x * 1.4426950408889634));
    const double high = x - exact(exponent * detail::ln2_high);
    const double r = high - exact(exponent * detail::ln2_low);
    const double lost = (high - r) - exact(exponent * detail::ln2_low);
    const double tail = exact(exact(r * r) * detail::exponential_tail(r));
    const double sum = 1.0 + r;
    return ldexp(sum + ((r - (sum - 1.0)) + (tail + lost)), static_cast<int>(exponent));
}

/// The natural logarithm. Error under 1 ulp. log(0) = -infinity, NaN below zero.
constexpr double log(double x) {
    if (is_nan(x) || x == detail::infinity) return x;
    if (x == 0.0) return -detail::infinity;
    if (x < 0.0) return detail::not_a_number;
    auto [fraction, exponent] = frexp(x);
    if (fraction < 0.70710678118654757) {
        fraction *= 2.0;
        --exponent;
    }
    // With s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R), R = 2 (s^2/3 + s^4/5 + ...).
    const double f = fraction - 1.0;
    const double s = f / (2.0 + f);
    const double z = exact(s * s);
    double series = 2.0 / 25;
    for (int n = 23; n >= 3; n -= 2) series = multiply_add_unfused(series, z, 2.0 / n);
    const double half_square = exact(exact(0.5 * f) * f);
    const double correction = exact(s * (half_square + exact(series * z)));
    const double scale = static_cast<double>(exponent);
    const double low = correction + exact(scale * detail::ln2_low);
    return exact(scale * detail::ln2_high) + (f - (half_square - low));
}

/// The hyperbolic tangent. Error under 1.5 ulp.
constexpr double tanh(double x) {
    const double size = absolute(x);
    if (!(size < 22.0)) return is_nan(x) ? x : copy_sign(1.0, x);
    if (size >= 1.0) return copy_sign(1.0 - 2.0 / (exp(2.0 * size) + 1.0), x);
    // Lambert's continued fraction: tanh x = x - x z / (3 + z + w), z = x^2, w = z / (5 + z / (7 + ...)).
    const double z = exact(x * x);
    double numerator = 1.0;
    double denominator = 5.0;
    double numerator_before = 0.0;
    double denominator_before = 1.0;
    for (double level = 7.0; level <= 21.0; level += 2.0) {
        const double next_numerator = multiply_add_unfused(level, numerator, exact(z * numerator_before));
        const double next_denominator = multiply_add_unfused(level, denominator, exact(z * denominator_before));
        numerator_before = numerator;
        denominator_before = denominator;
        numerator = next_numerator;
        denominator = next_denominator;
    }
    const double w = exact(z * numerator) / denominator;
    return x - exact(x * z) / (3.0 + (z + w));
}

/// 1 / (1 + e^-x). Error under 2 ulp.
constexpr double logistic(double x) {
    if (is_nan(x)) return x;
    const double e = exp(-absolute(x));
    const double sum = 1.0 + e;
    const double lost = (1.0 - sum) + e;
    const double quotient = (x < 0.0 ? e : 1.0) / sum;
    return quotient - exact(quotient * lost) / sum;
}

namespace detail {

/// erf(x) for |x| < 2: 2 / sqrt(pi) * sum of (-z)^n x / (n! (2n + 1)), z = x^2, from the last term: each step divides
/// by its n.
constexpr double erf_near_zero(double x) {
    const double z = exact(x * x);
    double sum = 0.0;
    for (int n = 32; n >= 0; --n) sum = 1.0 / (2 * n + 1) - exact(z * sum) / (n + 1);
    return exact(exact(1.1283791670955126 * x) * sum);
}

/// erfc(x) for x >= 2: e^-z / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / ...))).
constexpr double erfc_tail(double x) {
    double level = x;
    for (int n = 40; n >= 1; --n) level = x + (0.5 * n) / level;
    return exp(-exact(x * x)) * 0.5641895835477563 / level;
}

} // namespace detail

/// The error function in double steps, for results of float accuracy: relative error under 2^-49.
constexpr double erf_to_float(double x) {
    if (is_nan(x)) return x;
    const double size = absolute(x);
    if (size < 2.0) return detail::erf_near_zero(x);
    return copy_sign(1.0 - detail::erfc_tail(size), x);
}

/// 1 - erf(x) without its cancellation, for results of float accuracy: relative error under 2^-42 down to e^-700.
constexpr double erfc_to_float(double x) {
    if (is_nan(x)) return x;
    if (x >= 2.0) return detail::erfc_tail(x);
    return 1.0 - erf_to_float(x);
}

/// The float forms: the double ones rounded, so within 0.51 ulp of float.
constexpr float exp(float x) {
    return static_cast<float>(exp(static_cast<double>(x)));
}
constexpr float log(float x) {
    return static_cast<float>(log(static_cast<double>(x)));
}
constexpr float sqrt(float x) {
    return static_cast<float>(sqrt(static_cast<double>(x)));
}
constexpr float tanh(float x) {
    return static_cast<float>(tanh(static_cast<double>(x)));
}
constexpr float logistic(float x) {
    return static_cast<float>(logistic(static_cast<double>(x)));
}
constexpr float erf(float x) {
    return static_cast<float>(erf_to_float(static_cast<double>(x)));
}
constexpr float erfc(float x) {
    return static_cast<float>(erfc_to_float(static_cast<double>(x)));
}
constexpr float floor(float x) {
    return static_cast<float>(floor(static_cast<double>(x)));
}
constexpr float ceil(float x) {
    return static_cast<float>(ceil(static_cast<double>(x)));
}
constexpr float round_half_even(float x) {
    return static_cast<float>(round_half_even(static_cast<double>(x)));
}
constexpr float round_half_away(float x) {
    return static_cast<float>(round_half_away(static_cast<double>(x)));
}

} // namespace ctq::inline CTQ_TARGET::elementary

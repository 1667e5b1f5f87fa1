#pragma once
// TFLite's scale arithmetic once more, in the plainest form: what the definitions of the library are held to.
// room: tests/core

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ctq::testing {

/// A real multiplier as multiplier * 2^(shift - 31).
struct quantized_multiplier {
    std::int64_t multiplier = 0;
    int shift = 0;
};

inline quantized_multiplier quantize_multiplier(double real) {
    quantized_multiplier q;
    q.multiplier = std::llround(std::frexp(real, &q.shift) * 2147483648.0);
    if (q.multiplier == std::int64_t{1} << 31) q = {std::int64_t{1} << 30, q.shift + 1};
    return q.shift < -31 ? quantized_multiplier{} : q;
}

/// x * 2^exponent rounded down; every quotient here has few enough bits for a long double.
inline std::int64_t floor_of(long double x, int exponent) {
    return static_cast<std::int64_t>(std::floor(std::ldexp(x, exponent)));
}

/// Whether the 32-bit form is defined: what it shifts left stays within 32 bits.
inline bool fits_32_bits(std::int64_t x, quantized_multiplier q) {
    return std::fabs(std::ldexp(static_cast<double>(x), std::max(q.shift, 0))) < 2147483648.0;
}

/// The 32-bit form: halves up after the multiplication, halves away from zero after the shift.
inline std::int64_t scale_32(std::int64_t x, quantized_multiplier q) {
    const std::int64_t product = x * (std::int64_t{1} << std::max(q.shift, 0)) * q.multiplier;
    const std::int64_t high = floor_of(static_cast<long double>(product) + 1073741824.0L, -31);
    return std::llround(std::ldexp(static_cast<double>(high), -std::max(-q.shift, 0)));
}

/// The 64-bit form: a multiplier of 15 bits, halves up once.
inline std::int64_t scale_64(std::int64_t x, quantized_multiplier q) {
    const std::int64_t reduced = q.multiplier < 0x7FFF0000 ? (q.multiplier + 32768) / 65536 : 0x7FFF;
    return floor_of(static_cast<long double>(x * reduced) + std::ldexp(1.0L, 14 - q.shift), q.shift - 15);
}

inline std::int64_t to_int16(std::int64_t value) {
    return std::clamp<std::int64_t>(value, -32768, 32767);
}

} // namespace ctq::testing

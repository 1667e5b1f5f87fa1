#pragma once
// Numbers as files hold them: little- and big-endian loads, half precision to float and what it can hold.
// room: host | runs on: host | heap: no

#include <ctq/core/target.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

template <std::size_t Bytes> struct unsigned_of;
template <> struct unsigned_of<1> : std::type_identity<std::uint8_t> {};
template <> struct unsigned_of<2> : std::type_identity<std::uint16_t> {};
template <> struct unsigned_of<4> : std::type_identity<std::uint32_t> {};
template <> struct unsigned_of<8> : std::type_identity<std::uint64_t> {};

} // namespace detail

/// The little-endian (or, with `Big`, big-endian) value at `from`, on any machine and at any alignment.
template <typename Value, bool Big = false> [[nodiscard]] inline Value load(const char* from) {
    using bits = typename detail::unsigned_of<sizeof(Value)>::type;
    bits value = 0;
    if constexpr (!Big && std::endian::native == std::endian::little) {
        std::memcpy(&value, from, sizeof(Value));
        return std::bit_cast<Value>(value);
    }
    for (std::size_t i = 0; i < sizeof(Value); ++i) {
        const std::size_t place = Big ? sizeof(Value) - 1 - i : i;
        const auto byte = static_cast<bits>(static_cast<unsigned char>(from[i]));
        value = static_cast<bits>(value | static_cast<bits>(byte << (8 * place)));
    }
    return std::bit_cast<Value>(value);
}

/// IEEE half precision to float; exact.
[[nodiscard]] inline float from_float16(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000U) << 16U;
    const std::uint32_t exponent = (half >> 10U) & 31U;
    const std::uint32_t fraction = half & 0x3FFU;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13U));
    if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23U) | (fraction << 13U));
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
}

/// bfloat16 to float; exact.
[[nodiscard]] inline float from_bfloat16(std::uint16_t upper) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16U);
}

/// The nearest number that IEEE half precision has, the even one of two; from halfway to 65536 on infinity.
[[nodiscard]] inline float nearest_float16(float value) {
    if (value == 0 || !std::isfinite(value)) return value;
    const int step = std::max(std::ilogb(value), -14) - 10; // of the numbers around it, as a power of two
    const float nearest = std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
    return std::fabs(nearest) < 65536 ? nearest : std::copysign(std::numeric_limits<float>::infinity(), value);
}

/// The same of bfloat16.
[[nodiscard]] inline float nearest_bfloat16(float value) {
    if (std::isnan(value)) return value;
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return std::bit_cast<float>((bits + 0x7FFFU + ((bits >> 16U) & 1U)) & 0xFFFF0000U);
}

/// double to the nearest float; beyond float's range infinity.
[[nodiscard]] inline float from_double(double value) {
    constexpr auto infinity = std::numeric_limits<float>::infinity();
    if (value > static_cast<double>(std::numeric_limits<float>::max())) return infinity;
    if (value < -static_cast<double>(std::numeric_limits<float>::max())) return -infinity;
    return static_cast<float>(value);
}

} // namespace ctq::inline CTQ_TARGET::host

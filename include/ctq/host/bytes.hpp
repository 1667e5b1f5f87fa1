#pragma once
// Numbers as files hold them: little- and big-endian loads, half precision to float.
// room: host | runs on: host | heap: no

#include <ctq/core/target.hpp>

#include <bit>
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

/// double to the nearest float; beyond float's range infinity.
[[nodiscard]] inline float from_double(double value) {
    constexpr auto infinity = std::numeric_limits<float>::infinity();
    if (value > static_cast<double>(std::numeric_limits<float>::max())) return infinity;
    if (value < -static_cast<double>(std::numeric_limits<float>::max())) return -infinity;
    return static_cast<float>(value);
}

} // namespace ctq::inline CTQ_TARGET::host

#pragma once
// dtype: the element types that a tensor can have, and their C++ types.
// room: core | runs on: all | heap: no

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace ctq {

enum class dtype : std::uint8_t { float32, int8, uint8, int16, int32 };

/// The dtype of a C++ element type.
template <class T>
constexpr dtype dtype_of = [] {
    static_assert(std::is_same_v<T, float> || std::is_same_v<T, std::int8_t> || std::is_same_v<T, std::uint8_t> ||
                      std::is_same_v<T, std::int16_t> || std::is_same_v<T, std::int32_t>,
                  "ctq: dtype_of: an element type of ctq::dtype is required; use float or a fixed-width integer");
    if (std::is_same_v<T, float>) return dtype::float32;
    if (std::is_same_v<T, std::int8_t>) return dtype::int8;
    if (std::is_same_v<T, std::uint8_t>) return dtype::uint8;
    return std::is_same_v<T, std::int16_t> ? dtype::int16 : dtype::int32;
}();

/// Bytes of one element.
constexpr std::size_t size_of(dtype type) {
    switch (type) {
    case dtype::int8:
    case dtype::uint8:
        return 1;
    case dtype::int16:
        return 2;
    default:
        return 4;
    }
}

constexpr bool is_integer(dtype type) {
    return type != dtype::float32;
}

/// The name used in reports and in emitted headers.
constexpr std::string_view name_of(dtype type) {
    switch (type) {
    case dtype::float32:
        return "float32";
    case dtype::int8:
        return "int8";
    case dtype::uint8:
        return "uint8";
    case dtype::int16:
        return "int16";
    default:
        return "int32";
    }
}

/// Calls `visitor` with a value of the C++ element type that `type` stands for.
template <class Visitor> constexpr decltype(auto) with_element_type(dtype type, Visitor&& visitor) {
    switch (type) {
    case dtype::float32:
        return visitor(float{});
    case dtype::int8:
        return visitor(std::int8_t{});
    case dtype::uint8:
        return visitor(std::uint8_t{});
    case dtype::int16:
        return visitor(std::int16_t{});
    default:
        return visitor(std::int32_t{});
    }
}

} // namespace ctq

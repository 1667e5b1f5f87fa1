#pragma once
// dtype: how the elements of a tensor are stored, and the C++ type of each. The one list of element types in ctq.
// room: core | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/core/target.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

enum class dtype : std::uint8_t { float32, int8, uint8, int16, int32, boolean, int4, uint16, int64 };

constexpr int dtype_count = 9;

/// The element type of dtype::boolean; a byte of its own, because std::vector<bool> has no elements to point at.
enum class boolean : std::uint8_t { no, yes };

/// The element type of dtype::int4: two integers of -8 .. 7 in a byte, the first in the low half, as ONNX and TFLite
/// store them.
struct int4_pair {
    std::uint8_t bits = 0;

    constexpr std::int32_t operator[](std::size_t half) const {
        const auto field = static_cast<std::int32_t>((bits >> (half % 2 * 4)) & 15U);
        return field < 8 ? field : field - 16;
    }
    constexpr void set(std::size_t half, std::int32_t value) {
        const auto shift = static_cast<unsigned>(half % 2 * 4);
        const auto field = static_cast<std::uint32_t>(value) & 15U;
        bits = static_cast<std::uint8_t>((bits & (240U >> shift)) | (field << shift));
    }
    friend constexpr bool operator==(const int4_pair&, const int4_pair&) = default;
};

namespace detail {

template <dtype Type> struct element_of;
template <> struct element_of<dtype::float32> { using type = float; };
template <> struct element_of<dtype::int8> { using type = std::int8_t; };
template <> struct element_of<dtype::uint8> { using type = std::uint8_t; };
template <> struct element_of<dtype::int16> { using type = std::int16_t; };
template <> struct element_of<dtype::int32> { using type = std::int32_t; };
template <> struct element_of<dtype::boolean> { using type = boolean; };
template <> struct element_of<dtype::int4> { using type = int4_pair; };
template <> struct element_of<dtype::uint16> { using type = std::uint16_t; };
template <> struct element_of<dtype::int64> { using type = std::int64_t; };

template <class T, int Type = 0> constexpr int position_of_element() {
    if constexpr (Type == dtype_count)
        return Type;
    else if constexpr (std::is_same_v<T, typename element_of<static_cast<dtype>(Type)>::type>)
        return Type;
    else
        return position_of_element<T, Type + 1>();
}

} // namespace detail

/// What an array of elements of this type is made of.
template <dtype Type> using element = typename detail::element_of<Type>::type;

/// The dtype of a C++ element type.
template <class T>
constexpr dtype dtype_of = [] {
    constexpr int found = detail::position_of_element<T>();
    static_assert(found < dtype_count,
                  "ctq: dtype_of: an element type of ctq::dtype is required; use float or a fixed-width integer");
    return static_cast<dtype>(found);
}();

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
    case dtype::int32:
        return visitor(std::int32_t{});
    case dtype::boolean:
        return visitor(boolean{});
    case dtype::int4:
        return visitor(int4_pair{});
    case dtype::uint16:
        return visitor(std::uint16_t{});
    default:
        return visitor(std::int64_t{});
    }
}

/// The same for the types that operators calculate with: float32, int32 and int64.
template <class Visitor> constexpr decltype(auto) with_number_type(dtype type, Visitor&& visitor) {
    switch (type) {
    case dtype::float32:
        return visitor(float{});
    case dtype::int32:
        return visitor(std::int32_t{});
    default:
        return visitor(std::int64_t{});
    }
}

/// Array entries that so many elements take: two int4 share one.
constexpr std::size_t entries_of(dtype type, std::size_t elements) {
    return type == dtype::int4 ? divide_up(elements, 2) : elements;
}

/// Bytes that so many elements take.
constexpr std::size_t bytes_of(dtype type, std::size_t elements) {
    return with_element_type(type, [](auto each) { return sizeof(each); }) * entries_of(type, elements);
}

constexpr bool is_integer(dtype type) {
    return type != dtype::float32 && type != dtype::boolean;
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
    case dtype::int32:
        return "int32";
    case dtype::boolean:
        return "boolean";
    case dtype::int4:
        return "int4";
    case dtype::uint16:
        return "uint16";
    default:
        return "int64";
    }
}

} // namespace ctq::inline CTQ_TARGET

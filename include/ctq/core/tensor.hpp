#pragma once
// tensor: a borrowed, typed, shaped block of elements; what operators and kernels are given.
// room: core | runs on: all | heap: no

#include <ctq/core/dtype.hpp>
#include <ctq/core/quantization.hpp>
#include <ctq/core/shape.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// All that is known of a tensor without its elements. `range`: the integers that its elements can take, what the type
/// holds unless something narrower is known: an activation, a precision, a rule's limits.
struct tensor_facts {
    dtype type = dtype::float32;
    ctq::shape shape{};
    ctq::quantization quantization{};
    limits range = limits_of(dtype::float32);

    constexpr tensor_facts() = default;
    constexpr tensor_facts(dtype t, const ctq::shape& of, const ctq::quantization& q = {})
        : type(t), shape(of), quantization(q), range(limits_of(t)) {}
    constexpr tensor_facts(dtype t, const ctq::shape& of, const ctq::quantization& q, const limits& within)
        : type(t), shape(of), quantization(q), range(within) {}

    constexpr std::size_t elements() const { return static_cast<std::size_t>(shape.elements()); }
    constexpr std::size_t bytes() const { return bytes_of(type, elements()); }
    friend constexpr bool operator==(const tensor_facts&, const tensor_facts&) = default;
};

/// Whether the elements are plain integers or booleans, which stand for themselves: positions, labels, masks. Others
/// are reals, or stand for reals by a scale.
constexpr bool is_plain(const tensor_facts& facts) {
    return facts.type != dtype::float32 && facts.quantization.scale == 0;
}

/// The integer that stands for a real in a tensor of these facts.
constexpr std::int32_t quantize(float real, const tensor_facts& facts) {
    return quantize(real, facts.quantization, facts.range);
}

/// A pointer to elements of one of the types of dtype. A union, not a void*: so a tensor can be read in a constant
/// expression, and a wrong type is an error there.
template <bool Writable> class basic_data {
    template <class T> using pointer = std::conditional_t<Writable, T*, const T*>;

    union {
        pointer<float> float32_;
        pointer<std::int8_t> int8_;
        pointer<std::uint8_t> uint8_;
        pointer<std::int16_t> int16_;
        pointer<std::int32_t> int32_;
        pointer<boolean> boolean_;
        pointer<int4_pair> int4_;
        pointer<std::uint16_t> uint16_;
        pointer<std::int64_t> int64_;
    };

  public:
    constexpr basic_data() : float32_(nullptr) {}
    constexpr basic_data(pointer<float> elements) : float32_(elements) {}
    constexpr basic_data(pointer<std::int8_t> elements) : int8_(elements) {}
    constexpr basic_data(pointer<std::uint8_t> elements) : uint8_(elements) {}
    constexpr basic_data(pointer<std::int16_t> elements) : int16_(elements) {}
    constexpr basic_data(pointer<std::int32_t> elements) : int32_(elements) {}
    constexpr basic_data(pointer<boolean> elements) : boolean_(elements) {}
    constexpr basic_data(pointer<int4_pair> elements) : int4_(elements) {}
    constexpr basic_data(pointer<std::uint16_t> elements) : uint16_(elements) {}
    constexpr basic_data(pointer<std::int64_t> elements) : int64_(elements) {}

    template <class T> constexpr pointer<T> as() const {
        constexpr dtype type = dtype_of<T>;
        if constexpr (type == dtype::float32)
            return float32_;
        else if constexpr (type == dtype::int8)
            return int8_;
        else if constexpr (type == dtype::uint8)
            return uint8_;
        else if constexpr (type == dtype::int16)
            return int16_;
        else if constexpr (type == dtype::int32)
            return int32_;
        else if constexpr (type == dtype::boolean)
            return boolean_;
        else if constexpr (type == dtype::int4)
            return int4_;
        else if constexpr (type == dtype::uint16)
            return uint16_;
        else
            return int64_;
    }
};

using data = basic_data<true>;
using const_data = basic_data<false>;

/// The same elements, to be read only.
constexpr const_data read_only(const data& elements, dtype type) {
    return with_element_type(type, [&](auto each) { return const_data(elements.template as<decltype(each)>()); });
}

/// A tensor that an operator reads.
struct const_tensor {
    tensor_facts facts;
    const_data elements;

    constexpr const ctq::shape& shape() const { return facts.shape; }
    constexpr std::size_t size() const { return facts.elements(); }
    constexpr std::int32_t zero_point() const { return facts.quantization.zero_point; }
    template <class T> constexpr const T* as() const { return elements.as<T>(); }
};

/// A tensor that an operator writes.
struct tensor {
    tensor_facts facts;
    data elements;

    constexpr const ctq::shape& shape() const { return facts.shape; }
    constexpr std::size_t size() const { return facts.elements(); }
    constexpr std::int32_t zero_point() const { return facts.quantization.zero_point; }
    template <class T> constexpr T* as() const { return elements.as<T>(); }
    constexpr operator const_tensor() const { return {facts, read_only(elements, facts.type)}; }
};

using const_tensors = std::span<const const_tensor>;
using tensors = std::span<const tensor>;

/// Element `index` of stored integers, int32 but of int64 as it is. This and write_integer are the one place that knows
/// how two int4 share a byte.
template <dtype Type, class Elements> constexpr auto read_integer(const Elements* elements, std::size_t index) {
    static_assert(std::is_same_v<Elements, element<Type>>);
    if constexpr (Type == dtype::int4)
        return elements[index / 2][index];
    else if constexpr (Type == dtype::int64)
        return elements[index];
    else
        return static_cast<std::int32_t>(elements[index]);
}

/// Stores `integer`, which the type must hold, as element `index`.
template <dtype Type, class Elements, std::integral Integer>
constexpr void write_integer(Elements* elements, std::size_t index, Integer integer) {
    static_assert(std::is_same_v<Elements, element<Type>>);
    if constexpr (Type == dtype::int4)
        elements[index / 2].set(index, integer);
    else
        elements[index] = static_cast<Elements>(integer);
}

/// The interval of a tensor's own integers, 0 to 0 of reals and of no elements. Cost: a pass over the elements.
constexpr interval interval_of(const const_tensor& of) {
    return with_element_type(of.facts.type, [&](auto each) {
        constexpr dtype type = dtype_of<decltype(each)>;
        interval found{};
        if constexpr (is_integer(type))
            for (std::size_t i = 0; i < of.size(); ++i) {
                const std::int64_t integer = read_integer<type>(of.as<decltype(each)>(), i);
                if (i == 0) found = {integer, integer};
                found = {integer < found.low ? integer : found.low, integer > found.high ? integer : found.high};
            }
        return found;
    });
}

} // namespace ctq::inline CTQ_TARGET

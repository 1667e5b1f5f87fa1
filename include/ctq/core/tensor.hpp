#pragma once
// tensor: a borrowed, typed, shaped block of elements; what operators and kernels are given.
// room: core | runs on: all | heap: no

#include <ctq/core/dtype.hpp>
#include <ctq/core/quantization.hpp>
#include <ctq/core/shape.hpp>

#include <cstddef>
#include <span>
#include <type_traits>

namespace ctq {

/// All that is known of a tensor without its elements.
struct tensor_facts {
    dtype type = dtype::float32;
    ctq::shape shape;
    ctq::quantization quantization;

    constexpr std::size_t elements() const { return static_cast<std::size_t>(shape.elements()); }
    constexpr std::size_t bytes() const { return elements() * size_of(type); }
    friend constexpr bool operator==(const tensor_facts&, const tensor_facts&) = default;
};

/// One pointer per element type instead of a void*: so a tensor can be read in a constant expression.
template <bool Writable> class basic_data {
    template <class T> using pointer = std::conditional_t<Writable, T*, const T*>;

  public:
    constexpr basic_data() = default;
    constexpr basic_data(pointer<float> elements) : float32_(elements) {}
    constexpr basic_data(pointer<std::int8_t> elements) : int8_(elements) {}
    constexpr basic_data(pointer<std::uint8_t> elements) : uint8_(elements) {}
    constexpr basic_data(pointer<std::int16_t> elements) : int16_(elements) {}
    constexpr basic_data(pointer<std::int32_t> elements) : int32_(elements) {}
    // A template, so that it is never taken for the copy constructor.
    template <bool Other>
    requires(!Writable && Other) constexpr basic_data(const basic_data<Other>& other)
        : float32_(other.template as<float>()),
          int8_(other.template as<std::int8_t>()),
          uint8_(other.template as<std::uint8_t>()),
          int16_(other.template as<std::int16_t>()),
          int32_(other.template as<std::int32_t>()) {}

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
        else
            return int32_;
    }

  private:
    pointer<float> float32_ = nullptr;
    pointer<std::int8_t> int8_ = nullptr;
    pointer<std::uint8_t> uint8_ = nullptr;
    pointer<std::int16_t> int16_ = nullptr;
    pointer<std::int32_t> int32_ = nullptr;
};

using const_data = basic_data<false>;
using data = basic_data<true>;

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
    constexpr operator const_tensor() const { return {facts, elements}; }
};

using const_tensors = std::span<const const_tensor>;
using tensors = std::span<const tensor>;

} // namespace ctq

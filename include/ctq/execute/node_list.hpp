#pragma once
// node_list: values of different types in a row, for networks of hundreds of layers: std::tuple and fold expressions
// cost compilers time that grows with the square of their length, and end at 256 (clang) or 900 (g++) elements.
// room: execute | runs on: all | heap: no

#include <ctq/core/target.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace ctq::inline CTQ_TARGET {

namespace detail {

template <std::size_t I, class T> struct node_place { T value; };

} // namespace detail

template <class Indices, class... T> struct node_list;

template <std::size_t... I, class... T>
struct node_list<std::index_sequence<I...>, T...> : detail::node_place<I, T>... {
    static constexpr std::size_t size = sizeof...(T);
};

template <class... T> constexpr node_list<std::index_sequence_for<T...>, T...> nodes(const T&... each) {
    return {{each}...};
}

/// Element I.
template <std::size_t I, class T> constexpr const T& get(const detail::node_place<I, T>& place) {
    return place.value;
}

namespace detail {

/// Calls visit(std::integral_constant<std::size_t, I>{}) for I = 0 .. Count - 1.
template <std::size_t Count, class Visitor> constexpr void for_each_index(Visitor&& visit) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const std::array<bool, Count> done{(visit(std::integral_constant<std::size_t, I>{}), true)...};
        static_cast<void>(done);
    }
    (std::make_index_sequence<Count>{});
}

/// An array of what make(std::integral_constant<std::size_t, I>{}) gives for I = 0 .. Count - 1.
template <class T, std::size_t Count, class Maker> constexpr std::array<T, Count> array_of(Maker&& make) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<T, Count>{make(std::integral_constant<std::size_t, I>{})...};
    }
    (std::make_index_sequence<Count>{});
}

/// True when every element is.
template <std::size_t Count> constexpr bool all_of(const std::array<bool, Count>& each) {
    for (const bool one : each)
        if (!one) return false;
    return true;
}

} // namespace detail

} // namespace ctq::inline CTQ_TARGET

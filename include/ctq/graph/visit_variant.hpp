#pragma once
// Calling a visitor with what a variant holds: one function for each alternative, found by its index. std::visit makes
// some ten types and functions for each alternative and visitor, a sixth of what compiling the tool took.
// room: graph | runs on: compiler + host | heap: no

#include <ctq/core/target.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <variant>

namespace ctq::inline CTQ_TARGET {
namespace detail {

template <std::size_t I, class Result, class Visitor, class Variant>
constexpr Result visit_alternative(Visitor& visitor, Variant& variant) {
    return visitor(*std::get_if<I>(&variant));
}

template <class Visitor, class Variant, std::size_t... I>
constexpr decltype(auto) visit_by_index(Visitor& visitor, Variant& variant, std::index_sequence<I...>) {
    using result = decltype(visitor(*std::get_if<0>(&variant)));
    using visit_type = result (*)(Visitor&, Variant&);
    constexpr visit_type visits[] = {&visit_alternative<I, result, Visitor, Variant>...};
    return visits[variant.index()](visitor, variant);
}

} // namespace detail

/// visitor(alternative) for what `variant` holds, by reference; the result's type must be the same for all. A variant
/// without a value, which only a throwing move leaves behind, is not taken.
template <class Visitor, class Variant> constexpr decltype(auto) visit_variant(Visitor&& visitor, Variant& variant) {
    return detail::visit_by_index(visitor, variant,
                                  std::make_index_sequence<std::variant_size_v<std::remove_const_t<Variant>>>());
}

} // namespace ctq::inline CTQ_TARGET

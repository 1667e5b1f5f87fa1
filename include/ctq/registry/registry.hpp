#pragma once
// The compile-time registry: a set of types, each an operator, a rule, a strategy or a pass, sorted by concept.
// room: registry (the only one with Boost.Hana) | runs on: compiler + host (types only, 0 bytes in flash) | heap: no

#include <ctq/registry/operation.hpp>
#include <ctq/registry/rule_members.hpp>
#include <ctq/registry/traits.hpp>

#include <boost/hana/append.hpp>
#include <boost/hana/filter.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>

#include <cstdint>
#include <string_view>
#include <variant>

namespace ctq::inline CTQ_TARGET {

namespace hana = boost::hana;

/// A rule and a pass say what they are by a tag; an operator and a strategy are known by their members.
struct rule_tag {};
struct pass_tag {};

template <class T, class Tag>
concept registered_as = requires {
    requires std::same_as<typename T::registered_kind, Tag>;
    { T::name } -> std::convertible_to<std::string_view>;
};

template <class T>
concept chooses_range = requires {
    &T::choose;
    { T::name } -> std::convertible_to<std::string_view>;
};

/// A registry is a value without state; `with<T>()` gives a registry that knows one type more.
template <class... Members> struct registry {
    static constexpr auto members = hana::tuple_t<Members...>;

    template <class T> constexpr auto with() const {
        static_assert(kind_of<T>() != kind::none,
                      "ctq: registry: an operation, rule, strategy or pass is required; see the concepts");
        static_assert(
            is_new<T>(),
            "ctq: registry: each operator, rule, strategy and pass needs a name of its own; rename the new one");
        if constexpr (operation<T>) check_traits<T>();
        if constexpr (registered_as<T, rule_tag>) check_rule_members<T>();
        return hana::unpack(hana::append(members, hana::type_c<T>),
                            [](auto... each) { return registry<typename decltype(each)::type...>{}; });
    }

    static constexpr auto operators() {
        return hana::filter(members, [](auto each) { return hana::bool_c<operation<typename decltype(each)::type>>; });
    }
    static constexpr auto rules() { return of_kind<rule_tag>(); }
    static constexpr auto strategies() {
        return hana::filter(members,
                            [](auto each) { return hana::bool_c<chooses_range<typename decltype(each)::type>>; });
    }
    static constexpr auto passes() { return of_kind<pass_tag>(); }

    /// Calls visit(type) for every type of a hana tuple; the type is `typename decltype(type)::type`.
    template <class Types, class Visitor> static constexpr void for_each(const Types& types, Visitor&& visit) {
        hana::for_each(types, visit);
    }

  private:
    enum class kind : std::uint8_t { none, operation, rule, strategy, pass };

    template <class Tag> static constexpr auto of_kind() {
        return hana::filter(members,
                            [](auto each) { return hana::bool_c<registered_as<typename decltype(each)::type, Tag>>; });
    }

    template <class T> static constexpr bool is_new() {
        if constexpr (kind_of<T>() == kind::none)
            return true;
        else
            return ((Members::name != T::name || kind_of<Members>() != kind_of<T>()) && ...);
    }

    template <class T> static constexpr void check_traits() {
        static_assert(
            states_constant_traits<T>,
            "ctq: registry: traits must be a static constant; write static constexpr ctq::operator_traits traits{...}");
        if constexpr (states_constant_traits<T>) {
            static_assert(
                names_channel_axis<T>,
                "ctq: registry: a channel axis is an attribute; write static constexpr auto channel_axis = &op::axis");
            static_assert(
                tells_fixed_range<T>,
                "ctq: registry: a fixed range must be told; give the operator bounds output_bounds(dtype) const");
            static_assert(
                keeps_moved_range<T>,
                "ctq: registry: a moved element keeps its range; state output_range = range_rule::same_as_input");
            static_assert(
                places_weights<T>,
                "ctq: registry: weights are input 1 and a bias is input 2; give the operator its inputs in that order");
            static_assert(
                has_weight_axis<T>,
                "ctq: registry: weight_axis is an axis of weights, 0 to 5; state in `roles` which input they are");
            static_assert(
                folds_into_weights<T>,
                "ctq: registry: a scale can be folded into weights only; state in `roles` which input they are");
        }
    }

    template <class T> static constexpr kind kind_of() {
        if constexpr (operation<T>)
            return kind::operation;
        else if constexpr (registered_as<T, rule_tag>)
            return kind::rule;
        else if constexpr (chooses_range<T>)
            return kind::strategy;
        else if constexpr (registered_as<T, pass_tag>)
            return kind::pass;
        else
            return kind::none;
    }
};

namespace detail {

template <class Types> constexpr auto variant_of(const Types& types) {
    return hana::unpack(types,
                        [](auto... each) { return hana::type_c<std::variant<typename decltype(each)::type...>>; });
}

} // namespace detail

/// The variant of all operators of a registry: what a graph's node holds.
template <class Registry> using operation_variant = typename decltype(detail::variant_of(Registry::operators()))::type;

} // namespace ctq::inline CTQ_TARGET

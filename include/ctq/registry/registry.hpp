#pragma once
// The compile-time registry: a set of types, each an operator, a rule, a strategy, a pass or a translation, sorted by
// concept.
// room: registry (the only one with Boost.Hana) | runs on: compiler + host (types only, 0 bytes in flash) | heap: no

#include <ctq/registry/operation.hpp>
#include <ctq/registry/rule_members.hpp>
#include <ctq/registry/traits.hpp>
#include <ctq/registry/translation.hpp>

#include <boost/hana/filter.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace ctq::inline CTQ_TARGET {

namespace hana = boost::hana;

/// A rule, a pass and a translation say what they are by a tag; an operator and a strategy are known by their members.
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

namespace detail {

enum class member_kind : std::uint8_t { none, operation, rule, strategy, pass, translation };

template <class T> constexpr member_kind member_kind_of() {
    if constexpr (operation<T>)
        return member_kind::operation;
    else if constexpr (registered_as<T, rule_tag>)
        return member_kind::rule;
    else if constexpr (chooses_range<T>)
        return member_kind::strategy;
    else if constexpr (registered_as<T, pass_tag>)
        return member_kind::pass;
    else if constexpr (translation<T>)
        return member_kind::translation;
    else
        return member_kind::none;
}

template <class T> constexpr void check_traits() {
    constexpr bool constant = states_constant_traits<T>; // apart, so that the compiler prints one error and no more
    static_assert(
        constant,
        "ctq: registry: traits must be a static constant; write static constexpr ctq::operator_traits traits{...}");
    if constexpr (constant) {
        static_assert(
            names_channel_axis<T>,
            "ctq: registry: a channel axis is an attribute; write static constexpr auto channel_axis = &op::axis");
        static_assert(tells_own_range<T>,
                      "ctq: registry: a fixed range must be told; give the operator bounds output_bounds(dtype) const");
        static_assert(keeps_moved_range<T>,
                      "ctq: registry: a moved element keeps its range; state output_range = range_rule::same_as_input");
        static_assert(
            places_weights<T>,
            "ctq: registry: weights are input 1 and a bias is input 2; give the operator its inputs in that order");
        static_assert(
            has_weight_axis<T>,
            "ctq: registry: weight_axis is an axis of weights, 0 to 5; state in `roles` which input they are");
        static_assert(folds_into_weights<T>,
                      "ctq: registry: a scale can be folded into weights only; state in `roles` which input they are");
    }
}

/// What a registry asks of each type in it. True: the compiler's error says what is wrong, once for each type.
template <class T> constexpr bool check_member() {
    static_assert(member_kind_of<T>() != member_kind::none,
                  "ctq: registry: an operation, rule, strategy, pass or translation is required; see the concepts");
    if constexpr (operation<T>) {
        static_assert(
            speaks_of_signatures<T>,
            "ctq: registry: an integer meaning is of a signature; make each such member a template <ctq::signature S>");
        check_traits<T>();
    }
    if constexpr (registered_as<T, rule_tag>) check_rule_members<T>();
    return true;
}

/// What tells a member of a registry from the others; a translation is one of versions of a source's operator. A type
/// that is none is refused for that, and has no name here.
struct member_identity {
    member_kind kind = member_kind::none;
    std::string_view name, source, domain;
    version_range versions;

    constexpr bool is_told_from(const member_identity& other) const {
        return kind == member_kind::none || kind != other.kind || name != other.name || source != other.source ||
               domain != other.domain || !versions.overlaps(other.versions);
    }
};

template <class T> constexpr member_identity identity_of() {
    if constexpr (member_kind_of<T>() == member_kind::none)
        return {};
    else if constexpr (translation<T>)
        return {member_kind::translation, T::name, T::source, source_domain_of<T>, source_versions_of<T>};
    else
        return {member_kind_of<T>(), T::name, {}, {}, {}};
}

/// A function of values, not of types: the compiler instantiates nothing for a pair of members.
constexpr bool all_are_told_apart(std::initializer_list<member_identity> members) {
    for (const member_identity* one = members.begin(); one != members.end(); ++one)
        for (const member_identity* other = members.begin(); other != one; ++other)
            if (!one->is_told_from(*other)) return false;
    return true;
}

} // namespace detail

/// A registry is a value without state, whose types and names are checked however it is spelled; `with<T...>()` gives
/// one that knows these types too.
template <class... Members> struct registry {
    static_assert((detail::check_member<Members>() && ...));
    static_assert(detail::all_are_told_apart({detail::identity_of<Members>()...}),
                  "ctq: registry: each operator, rule, strategy and pass needs a name of its own; rename the new one");
    static constexpr auto members = hana::tuple_t<Members...>;

    template <class... T> constexpr auto with() const { return registry<Members..., T...>{}; }

    static constexpr auto operators() {
        return hana::filter(members, [](auto each) { return hana::bool_c<operation<typename decltype(each)::type>>; });
    }
    static constexpr auto rules() { return of_kind<rule_tag>(); }
    static constexpr auto strategies() {
        return hana::filter(members,
                            [](auto each) { return hana::bool_c<chooses_range<typename decltype(each)::type>>; });
    }
    static constexpr auto passes() { return of_kind<pass_tag>(); }
    static constexpr auto translations() { return of_kind<translation_tag>(); }

    /// Calls visit(type) for every type of a hana tuple; the type is `typename decltype(type)::type`.
    template <class Types, class Visitor> static constexpr void for_each(const Types& types, Visitor&& visit) {
        hana::for_each(types, visit);
    }

  private:
    template <class Tag> static constexpr auto of_kind() {
        return hana::filter(members,
                            [](auto each) { return hana::bool_c<registered_as<typename decltype(each)::type, Tag>>; });
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

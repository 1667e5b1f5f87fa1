#pragma once
// attribute: the data members that an operator, or what lowering made of it, is told apart by, each with its name. The
// emitter, the reports and fingerprints read them.
// room: registry | runs on: all | heap: no

#include <ctq/core/target.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// A named data member of an operator, or of what lowering made of it.
template <class Owner, class Value> struct attribute {
    std::string_view name;
    Value Owner::*member;
};

/// Attributes in a row: `attribute_list{attribute{"axis", &softmax::axis}}`. Not a std::tuple, which costs each
/// compilation of a model 5 ms an operator; `apply(f, list)`, which calls f with all attributes, is found for both.
template <class... Attributes> struct attribute_list {
    template <class Function> friend constexpr void apply(Function&& f, const attribute_list&) { f(); }
};

template <class First, class... Rest> struct attribute_list<First, Rest...> {
    First first;
    attribute_list<Rest...> rest;

    constexpr attribute_list(First one, Rest... others) : first(one), rest{others...} {}

    template <class Function> friend constexpr void apply(Function&& f, const attribute_list& all) {
        apply([&](const auto&... others) { f(all.first, others...); }, all.rest);
    }
};

template <class... Attributes> attribute_list(Attributes...) -> attribute_list<Attributes...>;

constexpr attribute_list<> no_attributes{};

} // namespace ctq::inline CTQ_TARGET

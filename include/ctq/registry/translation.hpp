#pragma once
// translation: what an operator of a source format becomes, for a range of its versions there: the concept, and the one
// line that it takes where the source's operator is one of the registry's.
// room: registry | runs on: all | heap: no

#include <ctq/core/fixed_string.hpp>
#include <ctq/registry/source_node.hpp>
#include <ctq/registry/traits.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctq::inline CTQ_TARGET {

/// What a translation says that it is registered as.
struct translation_tag {};

/// Versions of a source's operators, both ends included.
struct version_range {
    std::int64_t first = 1, last = std::numeric_limits<std::int64_t>::max();

    constexpr bool contains(std::int64_t number) const { return first <= number && number <= last; }
    constexpr bool overlaps(const version_range& other) const { return first <= other.last && other.first <= last; }
};

/// Operators that a translation appends beside the one that it `makes`.
template <class... Ops> struct operator_list {};

/// A translation, a type without state:
/// - `source`, `name`: the format ("onnx") and the operator's name there. `domain`, if the format has several
///   vocabularies and this is not its own; `versions`, if it does not hold for all.
/// - `makes`: the operator of the registry that stands for most of it, unless it makes constants only; `also_makes`, an
///   operator_list, if it appends others. A registry without one of them does not use it.
/// - `translate(node)`: static, of any source_node: appends operators to the graph and says what stands for the
/// outputs.
template <class T>
concept translation = std::same_as<typename T::registered_kind, translation_tag> && requires {
    { T::source } -> std::convertible_to<std::string_view>;
    { T::name } -> std::convertible_to<std::string_view>;
};

/// True for one whose nodes are constants, whatever they read.
template <class T>
concept makes_constants = translation<T> && !requires {
    typename T::makes;
};

/// True where `translate` takes a node of that type.
template <class T, class Node>
concept translates = requires(Node& node) {
    T::translate(node);
};

template <translation T>
constexpr std::string_view source_domain_of = [] {
    if constexpr (requires { T::domain; })
        return std::string_view(T::domain);
    else
        return std::string_view();
}();

template <translation T>
constexpr version_range source_versions_of = [] {
    if constexpr (requires { T::versions; })
        return T::versions;
    else
        return version_range{};
}();

namespace detail {

/// An attribute of a source, read into a member of that type: flags, numbers, and lists of as many.
template <source_node Node, class Member> void read_attribute(const Node& in, std::string_view name, Member& member) {
    if constexpr (std::is_same_v<Member, bool>) {
        member = in.integer(name, member ? 1 : 0) != 0;
    } else if constexpr (std::is_floating_point_v<Member>) {
        member = in.real(name, member);
    } else if constexpr (std::is_integral_v<Member>) {
        const std::int32_t value = in.integer(name, static_cast<std::int32_t>(member));
        in.check(std::in_range<Member>(value), "an attribute is outside its range");
        member = static_cast<Member>(value);
    } else {
        const auto values = in.integers(name);
        if (values.empty()) return;
        in.check(values.size() == member.size(), "a list attribute has the wrong length");
        std::copy(values.begin(), values.end(), member.begin());
    }
}

} // namespace detail

/// The attribute of a source that is `Member` of the operator: a flag, a number, or an array of numbers.
template <fixed_string Name, auto Member> struct reads {
    template <source_node Node, class Op> static void into(Op& op, const Node& in) {
        detail::read_attribute(in, Name.view(), op.*Member);
    }
};

/// The translation of a source's operator that is `Op`: every input in its order, and the attributes that are named.
/// One of another domain, or of some versions only, derives from this and says so.
template <fixed_string Source, fixed_string Name, class Op, class... Attributes> struct one_to_one {
    using registered_kind = translation_tag;
    using makes = Op;
    static constexpr std::string_view source = Source.view(), name = Name.view();

    template <source_node Node> static void translate(Node& in) {
        Op op{};
        (Attributes::into(op, in), ...);
        if constexpr (unary_function<Op>) in.check(in.input_count() == 1, "one input is required");
        in.finish(in.emit_all(op, in.inputs()));
    }
};

} // namespace ctq::inline CTQ_TARGET

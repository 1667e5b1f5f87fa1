#include <ctq/registry/registry.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <vector>

namespace {

template <int Number> struct function {
    static constexpr std::string_view name = Number == 0 ? "zero" : "one";
    static constexpr std::string_view cpp_name = name;
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const function&, const function&) = default;
    constexpr float operator()(float) const { return Number; }
};
struct some_rule {
    using registered_kind = ctq::rule_tag;
    static constexpr std::string_view name = "zero"; // names are unique among one kind only
};
struct strategy {
    static constexpr std::string_view name = "zero";
    constexpr int choose(int) const { return 0; }
};
struct some_pass {
    using registered_kind = ctq::pass_tag;
    static constexpr std::string_view name = "zero";
};

struct some_translation {
    using registered_kind = ctq::translation_tag;
    using makes = function<0>;
    static constexpr std::string_view name = "zero", source = "one";
};

constexpr ctq::registry<> nothing{};
constexpr auto some =
    nothing.with<some_pass>().with<function<0>, strategy>().with<some_rule, some_translation, function<1>>();

static_assert(
    std::is_same_v<decltype(some),
                   const ctq::registry<some_pass, function<0>, strategy, some_rule, some_translation, function<1>>>);
static_assert(std::is_empty_v<decltype(some)>);
static_assert(std::is_same_v<ctq::operation_variant<std::remove_const_t<decltype(some)>>,
                             std::variant<function<0>, function<1>>>);

template <class Types> std::vector<std::string> names(const Types& types) {
    std::vector<std::string> result;
    some.for_each(types, [&](auto each) { result.emplace_back(decltype(each)::type::name); });
    return result;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("registry: members are sorted by what they are, in the order of registration") {
    CHECK(names(some.operators()) == strings{"zero", "one"});
    CHECK(names(some.rules()) == strings{"zero"});
    CHECK(names(some.strategies()) == strings{"zero"});
    CHECK(names(some.passes()) == strings{"zero"});
    CHECK(names(some.translations()) == strings{"zero"});
    CHECK(names(some.members) == strings{"zero", "zero", "zero", "zero", "zero", "one"});
    CHECK(names(nothing.operators()).empty());
}

TEST_CASE("registry: with() leaves the registry that it extends as it was") {
    const auto more = nothing.with<function<1>>();
    CHECK(std::is_same_v<decltype(nothing), const ctq::registry<>>);
    CHECK(std::is_same_v<decltype(more), const ctq::registry<function<1>>>);
}

TEST_CASE("registry: members of a kind are told apart by name, translations by source, domain and versions too") {
    using ctq::detail::all_are_told_apart, ctq::detail::member_kind;
    const ctq::detail::member_identity pass{member_kind::pass, "a", {}, {}, {}},
        rule{member_kind::rule, "a", {}, {}, {}}, unknown{}, of_onnx{member_kind::translation, "a", "onnx", {}, {1, 9}};
    CHECK(all_are_told_apart({pass, rule, unknown, unknown, of_onnx}));
    CHECK_FALSE(all_are_told_apart({pass, rule, pass}));
    auto other = of_onnx;
    CHECK_FALSE(all_are_told_apart({of_onnx, other}));
    other.versions = {9, 9};
    CHECK_FALSE(all_are_told_apart({of_onnx, other}));
    other.versions = {10, 12};
    CHECK(all_are_told_apart({of_onnx, other}));
    other = of_onnx;
    other.domain = "com.example";
    CHECK(all_are_told_apart({of_onnx, other}));
    other = of_onnx;
    other.source = "tflite";
    CHECK(all_are_told_apart({of_onnx, other}));
}

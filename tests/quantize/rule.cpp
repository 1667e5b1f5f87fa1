#include <ctq/default_registry.hpp>
#include <ctq/quantize/rule.hpp>

#include <doctest/doctest.h>
#include <laws/quantization_rule.hpp>

using ctq::bounds;

static_assert(ctq::rule::with_zero({2, 3}) == bounds{0, 3} && ctq::rule::with_zero({-3, -2}) == bounds{-3, 0});
static_assert(ctq::rule::with_zero({0, 0}) == bounds{0, 1} && ctq::rule::with_zero({-1, 1}) == bounds{-1, 1});

namespace {

struct without_limits {
    using registered_kind = ctq::rule_tag;
    static constexpr ctq::rounding how = ctq::rounding::three_step;
    static constexpr std::string_view name = "without_limits";
};
static_assert(!ctq::quantization_rule<without_limits> && !ctq::quantization_rule<int>);

} // namespace

TEST_CASE("rule: every registered one keeps the laws of quantization_rule") {
    ctq::default_registry.for_each(ctq::default_registry.rules(), [](auto rule) {
        using type = typename decltype(rule)::type;
        static_assert(ctq::quantization_rule<type>);
        ctq::laws::check_quantization_rule<type>();
    });
}

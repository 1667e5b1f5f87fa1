// error: ctq: registry: a fixed range must be told; give the operator bounds output_bounds(dtype) const
// without: static constexpr ctq::operator_traits traits{.output_range = ctq::range_rule::fixed};
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    static constexpr ctq::operator_traits traits{.output_range = ctq::range_rule::fixed};
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

constexpr auto mine = ctq::default_registry.with<square>();

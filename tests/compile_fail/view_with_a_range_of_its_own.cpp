// error: ctq: registry: a moved element keeps its range; state output_range = range_rule::same_as_input
// without: static constexpr ctq::operator_traits traits{.is_view = true};
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    static constexpr ctq::operator_traits traits{.is_view = true};
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

constexpr auto mine = ctq::default_registry.with<square>();

// error: ctq: registry: weight_axis is an axis of weights, 0 to 5; state in `roles` which input they are
// without: .weight_axis = 1
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    static constexpr ctq::operator_traits traits{.weight_axis = 1};
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

constexpr auto mine = ctq::default_registry.with<square>();

// error: ctq: registry: weights are input 1 and a bias is input 2; give the operator its inputs in that order
// without: .roles = {ctq::operand_role::weights}
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    static constexpr ctq::operator_traits traits{.roles = {ctq::operand_role::weights}};
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

constexpr auto mine = ctq::default_registry.with<square>();

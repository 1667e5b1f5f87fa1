// error: ctq: registry: each operator, rule, strategy and pass needs a name of its own; rename the new one
// without: .with<my::square>()
#include <ctq/ctq.hpp>

namespace my {
struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "my::square";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};
} // namespace my

constexpr auto once = ctq::registry<my::square>{};
constexpr auto twice = once.with<my::square>();

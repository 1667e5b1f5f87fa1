// error: ctq: registry: a scale can be folded into weights only; state in `roles` which input they are
// without: static constexpr ctq::operator_traits traits{.folds_scale = true};
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    static constexpr ctq::operator_traits traits{.folds_scale = true};
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

constexpr auto mine = ctq::default_registry.with<square>();

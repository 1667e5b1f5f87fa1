// error: ctq: registry: a channel axis is an attribute; write static constexpr auto channel_axis = &op::axis
// without: static constexpr int channel_axis = 1;
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    static constexpr int channel_axis = 1;
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

constexpr auto mine = ctq::default_registry.with<square>();

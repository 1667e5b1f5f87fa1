// error: ctq: graph: an operator of the graph's registry is required; add it: registry.with<op>()
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

constexpr auto nodes = [] {
    ctq::builder b;
    return b.finish(b.apply(my::square{}, {b.input("x", {1, 4})})).nodes.size();
}();

// error: ctq: registry: traits that are static constants are required; see `operation` for their types
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr std::array<std::string_view, 1> onnx_names{"Square"};
    static constexpr auto attributes = ctq::no_attributes;
    bool in_place = true;
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

constexpr auto mine = ctq::default_registry.with<square>();

// error: ctq: registry: an integer meaning is of a signature; make each such member a template <ctq::signature S>
// without: constexpr void compute_integer(ctq::const_tensors, ctq::tensors) const {}
#include <ctq/ctq.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
    constexpr void compute_integer(ctq::const_tensors, ctq::tensors) const {}
    template <ctq::signature S> constexpr void compute_integer(ctq::const_tensors, ctq::tensors, int) const {}
};

constexpr auto mine = ctq::default_registry.with<square>();

// error: ctq: rule: several activation_types begin with activation_type and are chosen among; give
// without: static constexpr std::array activation_types{ctq::dtype::int8, ctq::dtype::uint8};
#include <ctq/ctq.hpp>

struct undecided : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "undecided";
    static constexpr std::array activation_types{ctq::dtype::int8, ctq::dtype::uint8};
};

constexpr auto mine = ctq::default_registry.with<undecided>();

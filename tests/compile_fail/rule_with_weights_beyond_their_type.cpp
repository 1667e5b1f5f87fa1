// error: ctq: rule: weight_limits must be integers of weight_type; narrow them or state a wider type
// without: static constexpr ctq::dtype weight_type = ctq::dtype::int4;
#include <ctq/ctq.hpp>

struct narrow : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "narrow";
    static constexpr ctq::dtype weight_type = ctq::dtype::int4;
};

constexpr auto mine = ctq::default_registry.with<narrow>();

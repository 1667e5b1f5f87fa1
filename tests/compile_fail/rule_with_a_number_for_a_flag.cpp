// error: ctq: rule: members that are static constants are required; see `quantization_rule` for their types
// without: static constexpr int fuses_residual = 1;
#include <ctq/ctq.hpp>

struct counted : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "counted";
    static constexpr int fuses_residual = 1;
};

constexpr auto mine = ctq::default_registry.with<counted>();

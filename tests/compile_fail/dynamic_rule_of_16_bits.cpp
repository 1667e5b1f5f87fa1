// error: ctq: dynamic_parameters: activations of int8 or uint8 are required
#include <ctq/ctq.hpp>

struct wide : ctq::rule::dynamic_parameters<ctq::dtype::int16> {
    static constexpr std::string_view name = "wide";
};

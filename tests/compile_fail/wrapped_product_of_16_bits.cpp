// error: ctq: wrapped_product: 32 bits or more are required; promotion to int of narrower factors can overflow
#include <ctq/core/integer.hpp>

constexpr auto value = ctq::wrapped_product(std::int16_t{300}, std::int16_t{300});

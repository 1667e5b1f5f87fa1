// error: ctq: saturate: a wider signed type is required; widen the value first
#include <ctq/core/integer.hpp>

constexpr auto value = ctq::saturate<std::int32_t>(std::int32_t{5});

// error: ctq: weighted_sum: of 8 or 16 bits; other widths have no definition yet
#include <ctq/core/single_rounding.hpp>
#include <ctq/core/weighted_sum.hpp>

constexpr auto scales = ctq::weighted_sum<ctq::single_rounding, 32>::encode(1, 1, 1);

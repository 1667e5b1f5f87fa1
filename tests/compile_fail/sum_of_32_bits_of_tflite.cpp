// error: ctq: weighted_sum: TFLite adds integers of 8 or 16 bits
#include <ctq/core/weighted_sum.hpp>

constexpr auto scales = ctq::weighted_sum<ctq::double_rounding, 32>::encode(1, 1, 1);

// error: ctq: with_weight_bits: weights of 4 bits are required; other widths are not stored
#include <ctq/ctq.hpp>

constexpr std::string_view name = ctq::rule::with_weight_bits<ctq::rule::affine_int8, 2>::name;

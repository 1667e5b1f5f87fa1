#pragma once
// Models that several tests of this room look at: the networks of graph/networks.hpp, quantized and frozen.

#include <ctq/execute/freeze.hpp>

#include <graph/networks.hpp>

namespace ctq::testing {

inline constexpr auto quantized_branching = [] { return quantized_constant<branching_network>(); };
using branching_model = frozen_model<quantized_branching, rule::affine_int8>;

inline constexpr auto quantized_in_place = [] { return quantized_constant<in_place_network>(); };
using in_place_model = frozen_model<quantized_in_place, rule::affine_int8>;

} // namespace ctq::testing

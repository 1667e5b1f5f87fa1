#pragma once
// The registry of this project: all of ctq's types, and the rules and the calibration strategy of our own.

#include "mean_sigma.hpp"
#include "power_of_two.hpp"
#include "shift_uint8.hpp"

#include <ctq/default_registry.hpp>

constexpr auto mine = ctq::default_registry.with<my::power_of_two, my::shift_uint8, my::mean_sigma>();

#pragma once
// The registry of this project: all of ctq's types, and the operator of our own.

#include "leaky_relu.hpp"

#include <ctq/default_registry.hpp>

constexpr auto mine = ctq::default_registry.with<my::leaky_relu>();

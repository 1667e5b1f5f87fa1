#pragma once
// The registry of this project: all of ctq's types, the operator of our own and its translation.

#include "square_plus.hpp"

#include <ctq/default_registry.hpp>

constexpr auto mine = ctq::default_registry.with<my::square_plus, my::square_plus_of_onnx>();

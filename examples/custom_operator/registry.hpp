#pragma once
// The registry of this project: all of ctq's types, the operator of our own and its translation.

#include "leaky_relu.hpp"

#include <ctq/default_registry.hpp>

constexpr auto mine = ctq::default_registry.with<my::leaky_relu, my::leaky_relu_of_onnx>();

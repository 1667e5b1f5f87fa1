#pragma once
// All kernels that are written once over what an instruction set gives: vectors, and for weighted layers a tile. Read
// where the compiler's flags allow an instruction set that has them.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/vector/add.hpp>
#include <ctq/kernels/vector/average_pool.hpp>
#include <ctq/kernels/vector/conv2d.hpp>
#include <ctq/kernels/vector/dense.hpp>
#include <ctq/kernels/vector/max_pool.hpp>
#include <ctq/kernels/vector/multiply.hpp>
#include <ctq/kernels/vector/reduce_mean.hpp>

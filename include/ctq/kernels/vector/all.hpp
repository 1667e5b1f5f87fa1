#pragma once
// All kernels that are written once over what an instruction set gives: vectors, and for weighted layers a tile. What
// runs is there where the compiler's flags allow its instructions; what plans and packs is always there.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/vector/add.hpp>
#include <ctq/kernels/vector/average_pool.hpp>
#include <ctq/kernels/vector/conv2d.hpp>
#include <ctq/kernels/vector/dense.hpp>
#include <ctq/kernels/vector/max_pool.hpp>
#include <ctq/kernels/vector/multiply.hpp>
#include <ctq/kernels/vector/reduce_mean.hpp>

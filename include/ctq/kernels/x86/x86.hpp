#pragma once
// All kernels for x86-64. What runs is compiled where the compiler's flags allow its instructions; what plans and packs
// is always there.
// room: kernels | runs on: x86-64 | heap: no

#include <ctq/kernels/x86/add.hpp>
#include <ctq/kernels/x86/average_pool.hpp>
#include <ctq/kernels/x86/conv2d.hpp>
#include <ctq/kernels/x86/dense.hpp>
#include <ctq/kernels/x86/max_pool.hpp>
#include <ctq/kernels/x86/multiply.hpp>
#include <ctq/kernels/x86/reduce_mean.hpp>

#pragma once
// The door of the room: the kernel interface, and the instruction sets that this translation unit may use.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
// What vector kernels are for, before the condition: the single header holds once more what stands in one.
#include <ctq/operators/add.hpp>
#include <ctq/operators/average_pool.hpp>
#include <ctq/operators/conv2d.hpp>
#include <ctq/operators/dense.hpp>
#include <ctq/operators/max_pool.hpp>
#include <ctq/operators/multiply.hpp>
#include <ctq/operators/reduce_mean.hpp>
#if defined(CTQ_HAS_VECTORS)
#include <ctq/kernels/vector/all.hpp>
#endif

#pragma once
// The tiles of every instruction set that this translation unit may use, and the layouts of all: the one list of them.
// An instruction set stands inside its parent's condition: what both read is read once.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/avx2/product_layout.hpp>
#include <ctq/kernels/avx512vnni/product_layout.hpp>
#include <ctq/kernels/vector/tile.hpp>
#include <ctq/kernels/vector/vectors.hpp>
#if defined(CTQ_HAS_AVX2)
#include <ctq/kernels/avx2/depthwise_unit.hpp>
#include <ctq/kernels/avx2/tile.hpp>
#if defined(CTQ_HAS_AVX512VNNI)
#include <ctq/kernels/avx512vnni/depthwise_unit.hpp>
#include <ctq/kernels/avx512vnni/tile.hpp>
#endif
#endif

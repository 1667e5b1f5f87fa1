#pragma once
// The door of the room: the kernel interface, and the instruction sets that this translation unit may use.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/all.hpp> // before the condition: the single header holds what stands in one once more
#if defined(__x86_64__)          // processors with vectors: vector/vectors.hpp and vector/tiles.hpp list them
#include <ctq/kernels/vector/all.hpp>
#endif

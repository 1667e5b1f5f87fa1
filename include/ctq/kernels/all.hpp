#pragma once
// The door of the room: the kernel interface, and the instruction sets that this translation unit may use.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#include <ctq/operators/all.hpp> // before the condition: the single header holds what stands in one once more
#if defined(CTQ_HAS_VECTORS)
#include <ctq/kernels/vector/all.hpp>
#endif

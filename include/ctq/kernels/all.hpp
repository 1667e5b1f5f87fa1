#pragma once
// The door of the room: the kernel interface, and the instruction sets that this translation unit may use.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>
#if defined(__x86_64__)
#include <ctq/kernels/x86/x86.hpp>
#endif

#pragma once
// The compiler's intrinsics. g++ 12 takes the "undefined" operands inside its own AVX-512 header for uninitialised
// variables (GCC bug 105593); its warning is switched off there and nowhere else.
// room: kernels | runs on: x86-64 | heap: no

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif

#pragma once
// <immintrin.h> without g++ 12's false alarms: its AVX-512 intrinsics pass a variable that is initialised with itself
// (GCC bug 105593), which -Wall reports at every use.
// room: kernels | runs on: x86-64 | heap: no

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

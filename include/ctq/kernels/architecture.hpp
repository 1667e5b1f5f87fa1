#pragma once
// The instruction sets that kernels are written for, as a chain of tags, and the one that this translation unit may
// use.
// room: kernels | runs on: all | heap: no

#include <ctq/core/target.hpp>

#include <cstddef>
#include <string_view>

// What the compiler's flags allow: the one condition of each instruction set, here and nowhere else.
#if defined(__AVX2__)
#define CTQ_HAS_AVX2
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#define CTQ_HAS_AVX512VNNI
#endif
#endif
// What is written once over vectors is read where there are some: kernels/vector/.
#if defined(CTQ_HAS_AVX2)
#define CTQ_HAS_VECTORS
#endif

namespace ctq::inline CTQ_TARGET::kernels {

/// Plain C++: every operator's own definition. The end of every chain.
struct scalar {
    static constexpr std::string_view name = "scalar";
    static constexpr std::size_t alignment = 8; ///< of every buffer in the arena
};

struct avx2 {
    using parent = scalar;
    static constexpr std::string_view name = "avx2";
    static constexpr std::size_t alignment = 64;
};

/// AVX-512 F, BW, DQ, VL and VNNI.
struct avx512vnni {
    using parent = avx2;
    static constexpr std::string_view name = "avx512vnni";
    static constexpr std::size_t alignment = 64;
};

/// What the compiler's flags allow. A program built for several instruction sets compiles one translation unit for each
/// and names the tag itself.
#if defined(CTQ_HAS_AVX512VNNI)
using native = avx512vnni;
#elif defined(CTQ_HAS_AVX2)
using native = avx2;
#else
using native = scalar;
#endif

} // namespace ctq::inline CTQ_TARGET::kernels

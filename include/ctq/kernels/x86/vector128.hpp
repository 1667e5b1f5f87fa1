#pragma once
// Vectors of 16 and of 8 int8 in an SSE register, by the names of a byte_provider (vector/provider.hpp).
// room: kernels | runs on: x86-64 with AVX2 | heap: no

#include <ctq/core/target.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::x86 {

struct bytes8 {
    using vector = __m128i;
    using narrower = void;
    static constexpr std::ptrdiff_t width = 8;
    static vector load_vector(const void* p) { return _mm_loadl_epi64(static_cast<const vector*>(p)); }
    static void store(void* p, vector v) { _mm_storel_epi64(static_cast<vector*>(p), v); }
    static vector all8(std::int8_t v) { return _mm_set1_epi8(v); }
    static vector largest8(vector a, vector b) { return _mm_max_epi8(a, b); }
};

struct bytes16 : bytes8 {
    using narrower = bytes8;
    static constexpr std::ptrdiff_t width = 16;
    static vector load_vector(const void* p) { return _mm_loadu_si128(static_cast<const vector*>(p)); }
    static void store(void* p, vector v) { _mm_storeu_si128(static_cast<vector*>(p), v); }
};

} // namespace ctq::inline CTQ_TARGET::kernels::x86

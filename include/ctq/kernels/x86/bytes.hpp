#pragma once
// Vectors of int8 of several widths, for kernels that take channels as they come: pools and sums.
// room: kernels | runs on: x86-64 with AVX2 or AVX-512BW | heap: no

#include <ctq/kernels/x86/intrinsics.hpp>
#include <ctq/kernels/x86/requantize.hpp>
#include <ctq/kernels/x86/unroll.hpp>

#include <cstdint>

#if defined(__AVX2__)

namespace ctq::inline CTQ_TARGET::kernels::x86 {

struct bytes8 {
    using vector = __m128i;
    static constexpr std::ptrdiff_t width = 8;
    static vector load(const std::int8_t* p) { return _mm_loadl_epi64(reinterpret_cast<const vector*>(p)); }
    static void store(std::int8_t* p, vector v) { _mm_storel_epi64(reinterpret_cast<vector*>(p), v); }
    static vector all(std::int8_t v) { return _mm_set1_epi8(v); }
    static vector largest(vector a, vector b) { return _mm_max_epi8(a, b); }
};

struct bytes16 : bytes8 {
    static constexpr std::ptrdiff_t width = 16;
    static vector load(const std::int8_t* p) { return _mm_loadu_si128(reinterpret_cast<const vector*>(p)); }
    static void store(std::int8_t* p, vector v) { _mm_storeu_si128(reinterpret_cast<vector*>(p), v); }
};

struct bytes32 {
    using vector = __m256i;
    static constexpr std::ptrdiff_t width = 32;
    static vector load(const std::int8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const vector*>(p)); }
    static void store(std::int8_t* p, vector v) { _mm256_storeu_si256(reinterpret_cast<vector*>(p), v); }
    static vector all(std::int8_t v) { return _mm256_set1_epi8(v); }
    static vector largest(vector a, vector b) { return _mm256_max_epi8(a, b); }
};

#if defined(__AVX512BW__)
struct bytes64 {
    using vector = __m512i;
    static constexpr std::ptrdiff_t width = 64;
    static vector load(const std::int8_t* p) { return _mm512_loadu_si512(p); }
    static void store(std::int8_t* p, vector v) { _mm512_storeu_si512(p, v); }
    static vector all(std::int8_t v) { return _mm512_set1_epi8(v); }
    static vector largest(vector a, vector b) { return _mm512_max_epi8(a, b); }
};
#endif

/// Calls body(first) for pieces of `width` channels that cover 0 .. channels - 1; the last one overlaps the one before.
/// channels >= width.
template <class Body>
CTQ_ALWAYS_INLINE inline void each_piece(std::ptrdiff_t channels, std::ptrdiff_t width, Body&& body) {
    for (std::ptrdiff_t first = 0; first < channels; first += width)
        body(first + width <= channels ? first : channels - width);
}

} // namespace ctq::inline CTQ_TARGET::kernels::x86

#endif

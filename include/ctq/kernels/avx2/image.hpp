#pragma once
// Activations for AVX2's tile: widened to int16.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

#include <ctq/kernels/avx2/product_layout.hpp>
#include <ctq/kernels/vector/tile.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct image_row<avx2> {
    using layout = product_layout<avx2>;

    static void widen(std::int16_t* to, const std::int8_t* from, std::ptrdiff_t count) {
        std::ptrdiff_t i = 0;
        for (; i + 16 <= count; i += 16)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i),
                                _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
        if (i + 8 <= count) {
            const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + i));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_cvtepi8_epi16(eight));
            i += 8;
        }
        for (; i < count; ++i) to[i] = from[i];
    }

    static void fill(std::int16_t* to, std::int16_t value, std::ptrdiff_t count) {
        std::ptrdiff_t i = 0;
        for (; i + 16 <= count; i += 16)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_set1_epi16(value));
        for (; i < count; ++i) to[i] = value;
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

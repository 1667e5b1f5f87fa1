#pragma once
// AVX2's depthwise unit: 32 outputs, two taps of the kernel in one multiply-add.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

#include <ctq/kernels/avx2/tile.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// 32 neighbouring outputs in four accumulators, two taps a product.
template <> struct depthwise_unit<avx2> {
    using vectors = kernels::vector::vectors<avx2>;
    using row = image_row<avx2>;
    using vector = __m256i;
    using element = row::layout::element;
    struct activations { ///< 32, under one tap
        __m256i first, second;
    };
    static constexpr depthwise_limits limits = row::layout::unit;
    static constexpr std::ptrdiff_t kept_products = 0;
    static constexpr std::int32_t rolling_columns = 0;

    static CTQ_ALWAYS_INLINE inline activations load(const element* from) {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)),
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 16))};
    }
    static CTQ_ALWAYS_INLINE inline activations none() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
    static CTQ_ALWAYS_INLINE inline vector weights(const std::int8_t* from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    static CTQ_ALWAYS_INLINE inline void interleave(const activations (&taps)[2], vector (&to)[4]) {
        to[0] = _mm256_unpacklo_epi16(taps[0].first, taps[1].first);
        to[1] = _mm256_unpackhi_epi16(taps[0].first, taps[1].first);
        to[2] = _mm256_unpacklo_epi16(taps[0].second, taps[1].second);
        to[3] = _mm256_unpackhi_epi16(taps[0].second, taps[1].second);
    }
    static CTQ_ALWAYS_INLINE inline void multiply(vector& sum, vector interleaved, vector weights) {
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(interleaved, weights));
    }
    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector narrowed, std::ptrdiff_t count) {
        const __m256i ordered = _mm256_permute4x64_epi64(narrowed, 0xD8);
        if (count >= 32)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), ordered);
        else
            tile<avx2>::store_first(to, ordered, static_cast<int>(count));
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

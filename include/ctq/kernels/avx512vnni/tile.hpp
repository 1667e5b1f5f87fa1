#pragma once
// The register tile of AVX-512 VNNI: one vpdpbusd is 16 channels times four activations, which are kept as unsigned
// bytes (x + 128); the bias takes 128 times the weights' sum back.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

#include <ctq/kernels/avx512vnni/dot.hpp>
#include <ctq/kernels/avx512vnni/image.hpp>
#include <ctq/kernels/avx512vnni/vector.hpp>
#include <ctq/kernels/vector/unroll.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct tile<avx512vnni> {
    using vectors = kernels::vector::vectors<avx512vnni>;
    using row = image_row<avx512vnni>;
    using vector = __m512i;
    using element = row::layout::element;
    using sum = __m512i; ///< of the 16 channels of a block
    static constexpr tile_limits limits = row::layout::tile;

    static CTQ_ALWAYS_INLINE inline void start(sum& s, const std::int32_t* bias) { s = _mm512_loadu_si512(bias); }
    static CTQ_ALWAYS_INLINE inline void clear(sum& s) { s = _mm512_setzero_si512(); }
    static CTQ_ALWAYS_INLINE inline void add(sum& s, const sum& other) { s = _mm512_add_epi32(s, other); }
    static CTQ_ALWAYS_INLINE inline vector total(const sum& s) { return s; }

    /// sums[pixel][block] += the dword of activations at `at` times a dword of weights. `tail` is the number of
    /// channels of the last block.
    template <bool Masked, int Pixels, int Blocks, class PixelAt>
    static CTQ_ALWAYS_INLINE inline void step(sum (&sums)[Pixels][Blocks], const PixelAt& pixel, std::ptrdiff_t at,
                                              const std::int8_t* weights, [[maybe_unused]] int tail) {
        __m512i weight[Blocks];
        each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE {
            if constexpr (Masked && b == Blocks - 1)
                weight[b] = _mm512_maskz_loadu_epi32(first_bits(tail), weights + 64 * b);
            else
                weight[b] = _mm512_loadu_si512(weights + 64 * b);
        });
        each<Pixels>([&](auto m) CTQ_ALWAYS_INLINE {
            const __m512i activations = broadcast(pixel(m) + at);
            each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE { dot(sums[m][b], activations, weight[b]); });
        });
    }

    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector v) { _mm512_storeu_si512(to, v); }

    /// The first `count` bytes.
    static CTQ_ALWAYS_INLINE inline void store_first(std::int8_t* to, vector v, int count) {
        _mm512_mask_storeu_epi8(to, ~__mmask64{0} >> (64 - count), v);
    }

    /// The first `count` bytes of one quarter.
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v, int count) {
        _mm_mask_storeu_epi8(to, first_bits(count), _mm512_extracti32x4_epi32(v, Quarter));
    }
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_extracti32x4_epi32(v, Quarter));
    }

    /// The first halves of the quarters, side by side.
    static CTQ_ALWAYS_INLINE inline vector half_quarters(vector v) {
        return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), v);
    }

    /// The first `count` bytes, as int32.
    static CTQ_ALWAYS_INLINE inline vector load_block(const std::int8_t* from, int count) {
        return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(first_bits(count), from));
    }

  private:
    static CTQ_ALWAYS_INLINE inline __mmask16 first_bits(int count) {
        return static_cast<__mmask16>(0xFFFFU >> (16 - count));
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

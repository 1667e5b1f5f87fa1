#pragma once
// The register tile of AVX-512 VNNI: one vpdpbusd is 16 channels times four activations, which are kept as unsigned
// bytes (x + 128); the bias takes 128 times the weights' sum back.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

#include <ctq/kernels/x86/intrinsics.hpp>
#include <ctq/kernels/x86/product_plan.hpp>
#include <ctq/kernels/x86/requantize.hpp>
#include <ctq/kernels/x86/unroll.hpp>

#include <cstdint>
#include <cstring>

namespace ctq::inline CTQ_TARGET::kernels::x86 {

constexpr tile_limits avx512vnni_limits{16, 28, 4, 8, 8, 1};

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)

/// sum += four unsigned bytes of `activations` times four signed bytes of `weights`, in every lane. One instruction of
/// assembly under g++: around the intrinsic, g++ 12 spills accumulators.
CTQ_ALWAYS_INLINE inline void dot(__m512i& sum, __m512i activations, __m512i weights) {
#if defined(__GNUC__) && !defined(__clang__)
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(activations), "v"(weights));
#else
    sum = _mm512_dpbusd_epi32(sum, activations, weights);
#endif
}

/// Four bytes in every lane. As assembly under g++, which otherwise goes through a general register.
CTQ_ALWAYS_INLINE inline __m512i broadcast(const std::uint8_t* from) {
#if defined(__GNUC__) && !defined(__clang__)
    __m512i result;
    asm("vpbroadcastd %1, %0" : "=v"(result) : "m"(*reinterpret_cast<const std::uint8_t(*)[4]>(from)));
    return result;
#else
    std::int32_t four;
    std::memcpy(&four, from, 4);
    return _mm512_set1_epi32(four);
#endif
}

struct avx512vnni_tile {
    using vectors = x86::avx512;
    using vector = __m512i;
    using element = std::uint8_t;
    using sum = __m512i; ///< of the 16 channels of a block
    static constexpr tile_limits limits = avx512vnni_limits;

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

#endif

} // namespace ctq::inline CTQ_TARGET::kernels::x86

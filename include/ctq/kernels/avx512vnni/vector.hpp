#pragma once
// The vectors of AVX-512: 512 bits. Pools of few channels are the parent's.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

#include <ctq/kernels/architecture.hpp>
#include <ctq/kernels/vector/provider.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct vectors<avx512vnni> {
    using vector = __m512i;
    using floats = __m512;
    using narrower = void;
    static constexpr int lanes = 16;
    static constexpr std::ptrdiff_t width = 64;

    static vector load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
    static vector load(const std::int16_t* p) {
        return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static vector load(const std::int8_t* p) {
        return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load16(const std::int8_t* p) {
        return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static vector load_vector(const void* p) { return _mm512_loadu_si512(p); }
    static void store(void* p, vector v) { _mm512_storeu_si512(p, v); }
    static void store_lanes(std::int8_t* p, vector v) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v));
    }

    static vector all8(std::int8_t v) { return _mm512_set1_epi8(v); }
    static vector all16(std::int16_t v) { return _mm512_set1_epi16(v); }
    static vector all32(std::int32_t v) { return _mm512_set1_epi32(v); }
    static vector all64(std::int64_t v) { return _mm512_set1_epi64(v); }

    static vector add32(vector a, vector b) { return _mm512_add_epi32(a, b); }
    static vector add64(vector a, vector b) { return _mm512_add_epi64(a, b); }
    static vector double64(vector a) { return _mm512_add_epi64(a, a); }
    static vector subtract16(vector a, vector b) { return _mm512_sub_epi16(a, b); }
    static vector subtract32(vector a, vector b) { return _mm512_sub_epi32(a, b); }
    static vector saturating_add16(vector a, vector b) { return _mm512_adds_epi16(a, b); }
    static vector absolute32(vector a) { return _mm512_abs_epi32(a); }
    static vector with_sign32(vector a, vector sign) {
        return _mm512_mask_mov_epi32(a, _mm512_movepi32_mask(sign), _mm512_sub_epi32(_mm512_setzero_si512(), a));
    }
    static vector both(vector a, vector b) { return _mm512_and_si512(a, b); }
    static vector inverted(vector a) { return _mm512_ternarylogic_epi32(a, a, a, 0x55); }
    static vector sign32(vector a) { return _mm512_srai_epi32(a, 31); }
    static vector least8(vector a, vector b) { return _mm512_min_epi8(a, b); }
    static vector largest8(vector a, vector b) { return _mm512_max_epi8(a, b); }
    static vector least32(vector a, vector b) { return _mm512_min_epi32(a, b); }
    static vector largest32(vector a, vector b) { return _mm512_max_epi32(a, b); }

    static vector shift_left(vector a, vector counts) { return _mm512_sllv_epi32(a, counts); }
    static vector shift_right(vector a, vector counts) { return _mm512_srav_epi32(a, counts); }
    static vector shift_right_logical(vector a, vector counts) { return _mm512_srlv_epi32(a, counts); }
    static vector shift_right32(vector a, int count) { return _mm512_sra_epi32(a, _mm_cvtsi32_si128(count)); }
    template <int Count> static vector shift_right16(vector a) { return _mm512_srai_epi16(a, Count); }
    static vector times128(vector a) { return _mm512_slli_epi32(a, 7); }

    static vector multiply_high16(vector a, vector b) { return _mm512_mulhi_epi16(a, b); }
    static vector rounded_high_multiply16(vector a, vector b) { return _mm512_mulhrs_epi16(a, b); }
    static vector multiply_add_pairs16(vector a, vector b) { return _mm512_madd_epi16(a, b); }
    static vector multiply_even(vector a, vector b) { return _mm512_mul_epi32(a, b); }
    static vector odd_to_even(vector a) { return _mm512_srli_epi64(a, 32); }
    static vector halve64_to_even(vector a) { return _mm512_srli_epi64(a, 31); }
    static vector even_and_odd(vector even, vector odd) { return _mm512_mask_blend_epi32(0xAAAA, even, odd); }

    static vector interleave_low16(vector a, vector b) { return _mm512_unpacklo_epi16(a, b); }
    static vector interleave_high16(vector a, vector b) { return _mm512_unpackhi_epi16(a, b); }
    static vector narrow32(vector a, vector b) { return _mm512_packs_epi32(a, b); }
    static vector narrow16(vector a, vector b) { return _mm512_packs_epi16(a, b); }
    static vector in_order(vector narrowed) {
        return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                                        narrowed);
    }
    static vector halves_in_order(vector narrowed) {
        return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), narrowed);
    }

    static floats all_floats(float v) { return _mm512_set1_ps(v); }
    static floats to_floats(vector a) { return _mm512_cvtepi32_ps(a); }
    static floats add_floats(floats a, floats b) { return _mm512_add_ps(a, b); }
    static floats multiply_floats(floats a, floats b) { return _mm512_mul_ps(a, b); }
    static vector truncate(floats a) { return _mm512_cvttps_epi32(a); }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

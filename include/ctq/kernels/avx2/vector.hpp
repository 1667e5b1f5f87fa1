#pragma once
// The vectors of AVX2: 256 bits, beside them the lower 128 and 64 for pools of few channels.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

#include <ctq/kernels/architecture.hpp>
#include <ctq/kernels/vector/provider.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>
#include <ctq/kernels/x86/vector128.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct vectors<avx2> {
    using vector = __m256i;
    using floats = __m256;
    using narrower = x86::bytes16;
    static constexpr int lanes = 8;
    static constexpr std::ptrdiff_t width = 32;

    static vector load(const std::int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const vector*>(p)); }
    static vector load(const std::int16_t* p) {
        return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load(const std::int8_t* p) {
        return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load16(const std::int8_t* p) {
        return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load_vector(const void* p) { return _mm256_loadu_si256(static_cast<const vector*>(p)); }
    static void store(void* p, vector v) { _mm256_storeu_si256(static_cast<vector*>(p), v); }
    static void store_lanes(std::int8_t* p, vector v) {
        const vector words = _mm256_packs_epi32(v, _mm256_setzero_si256());
        const vector bytes = _mm256_packs_epi16(words, words);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(p),
                         _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
    }

    static vector all8(std::int8_t v) { return _mm256_set1_epi8(v); }
    static vector all16(std::int16_t v) { return _mm256_set1_epi16(v); }
    static vector all32(std::int32_t v) { return _mm256_set1_epi32(v); }
    static vector all64(std::int64_t v) { return _mm256_set1_epi64x(v); }

    static vector add32(vector a, vector b) { return _mm256_add_epi32(a, b); }
    static vector add64(vector a, vector b) { return _mm256_add_epi64(a, b); }
    static vector double64(vector a) { return _mm256_add_epi64(a, a); }
    static vector subtract16(vector a, vector b) { return _mm256_sub_epi16(a, b); }
    static vector subtract32(vector a, vector b) { return _mm256_sub_epi32(a, b); }
    static vector saturating_add16(vector a, vector b) { return _mm256_adds_epi16(a, b); }
    static vector absolute32(vector a) { return _mm256_abs_epi32(a); }
    static vector with_sign32(vector a, vector sign) { return _mm256_sign_epi32(a, sign); }
    static vector both(vector a, vector b) { return _mm256_and_si256(a, b); }
    static vector inverted(vector a) { return _mm256_xor_si256(a, _mm256_set1_epi32(-1)); }
    static vector sign32(vector a) { return _mm256_srai_epi32(a, 31); }
    static vector least8(vector a, vector b) { return _mm256_min_epi8(a, b); }
    static vector largest8(vector a, vector b) { return _mm256_max_epi8(a, b); }
    static vector least32(vector a, vector b) { return _mm256_min_epi32(a, b); }
    static vector largest32(vector a, vector b) { return _mm256_max_epi32(a, b); }

    static vector shift_left(vector a, vector counts) { return _mm256_sllv_epi32(a, counts); }
    static vector shift_right(vector a, vector counts) { return _mm256_srav_epi32(a, counts); }
    static vector shift_right_logical(vector a, vector counts) { return _mm256_srlv_epi32(a, counts); }
    static vector shift_right32(vector a, int count) { return _mm256_sra_epi32(a, _mm_cvtsi32_si128(count)); }
    template <int Count> static vector shift_right16(vector a) { return _mm256_srai_epi16(a, Count); }
    static vector times128(vector a) { return _mm256_slli_epi32(a, 7); }

    static vector multiply_high16(vector a, vector b) { return _mm256_mulhi_epi16(a, b); }
    static vector rounded_high_multiply16(vector a, vector b) { return _mm256_mulhrs_epi16(a, b); }
    static vector multiply_add_pairs16(vector a, vector b) { return _mm256_madd_epi16(a, b); }
    static vector multiply_even(vector a, vector b) { return _mm256_mul_epi32(a, b); }
    static vector odd_to_even(vector a) { return _mm256_srli_epi64(a, 32); }
    static vector halve64_to_even(vector a) { return _mm256_srli_epi64(a, 31); }
    static vector even_and_odd(vector even, vector odd) { return _mm256_blend_epi32(even, odd, 0xAA); }

    static vector interleave_low16(vector a, vector b) { return _mm256_unpacklo_epi16(a, b); }
    static vector interleave_high16(vector a, vector b) { return _mm256_unpackhi_epi16(a, b); }
    static vector narrow32(vector a, vector b) { return _mm256_packs_epi32(a, b); }
    static vector narrow16(vector a, vector b) { return _mm256_packs_epi16(a, b); }
    static vector in_order(vector narrowed) {
        return _mm256_permutevar8x32_epi32(narrowed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    }
    static vector halves_in_order(vector narrowed) { return _mm256_permute4x64_epi64(narrowed, 0xD8); }

    static floats all_floats(float v) { return _mm256_set1_ps(v); }
    static floats to_floats(vector a) { return _mm256_cvtepi32_ps(a); }
    static floats add_floats(floats a, floats b) { return _mm256_add_ps(a, b); }
    static floats multiply_floats(floats a, floats b) { return _mm256_mul_ps(a, b); }
    static vector truncate(floats a) { return _mm256_cvttps_epi32(a); }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

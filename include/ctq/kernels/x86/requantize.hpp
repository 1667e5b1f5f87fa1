#pragma once
// Requantization of int32 vectors to int8, AVX2 and AVX-512 (F and BW): the epilogue of every x86 kernel. Equal bit for
// bit to the scalar definitions in core for every accumulator within headroom.
// room: kernels | runs on: x86-64 | heap: no

#include <ctq/core/requantize.hpp>

#include <cstdint>

#if defined(__AVX2__)
#include <ctq/kernels/x86/intrinsics.hpp>

namespace ctq::inline CTQ_TARGET::kernels::x86 {

/// The instruction set of a 256-bit kernel, and the few operations that differ between the two widths.
struct avx2 {
    using vector = __m256i;
    static constexpr int lanes = 8; // int32 in a vector

    static vector load(const std::int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const vector*>(p)); }
    static vector load(const std::int16_t* p) {
        return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load(const std::int8_t* p) {
        return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load_vector(const void* p) { return _mm256_loadu_si256(static_cast<const vector*>(p)); }
    static void store(void* p, vector v) { _mm256_storeu_si256(static_cast<vector*>(p), v); }
    static vector all32(std::int32_t v) { return _mm256_set1_epi32(v); }
    static vector all16(std::int16_t v) { return _mm256_set1_epi16(v); }
    static vector all8(std::int8_t v) { return _mm256_set1_epi8(v); }
    static vector all64(std::int64_t v) { return _mm256_set1_epi64x(v); }
    static vector add32(vector a, vector b) { return _mm256_add_epi32(a, b); }
    static vector add64(vector a, vector b) { return _mm256_add_epi64(a, b); }
    static vector subtract32(vector a, vector b) { return _mm256_sub_epi32(a, b); }
    static vector saturating_add16(vector a, vector b) { return _mm256_adds_epi16(a, b); }
    static vector both(vector a, vector b) { return _mm256_and_si256(a, b); }
    static vector inverted(vector a) { return _mm256_xor_si256(a, _mm256_set1_epi32(-1)); }
    static vector least32(vector a, vector b) { return _mm256_min_epi32(a, b); }
    static vector largest32(vector a, vector b) { return _mm256_max_epi32(a, b); }
    static vector least8(vector a, vector b) { return _mm256_min_epi8(a, b); }
    static vector largest8(vector a, vector b) { return _mm256_max_epi8(a, b); }
    static vector shift_left(vector a, vector counts) { return _mm256_sllv_epi32(a, counts); }
    static vector shift_right(vector a, vector counts) { return _mm256_srav_epi32(a, counts); }
    static vector shift_right_logical(vector a, vector counts) { return _mm256_srlv_epi32(a, counts); }
    template <int Count> static vector shift_right16(vector a) { return _mm256_srai_epi16(a, Count); }
    static vector sign32(vector a) { return _mm256_srai_epi32(a, 31); }
    static vector multiply_even(vector a, vector b) { return _mm256_mul_epi32(a, b); }
    static vector odd_to_even(vector a) { return _mm256_srli_epi64(a, 32); }
    static vector halve64_to_even(vector a) { return _mm256_srli_epi64(a, 31); }
    static vector double64(vector a) { return _mm256_add_epi64(a, a); }
    static vector even_and_odd(vector even, vector odd) { return _mm256_blend_epi32(even, odd, 0xAA); }
    static vector multiply_high16(vector a, vector b) { return _mm256_mulhi_epi16(a, b); }
    static vector rounded_high_multiply16(vector a, vector b) { return _mm256_mulhrs_epi16(a, b); }
    static vector times128(vector a) { return _mm256_slli_epi32(a, 7); }
    static vector narrow32(vector a, vector b) { return _mm256_packs_epi32(a, b); }
    static vector narrow16(vector a, vector b) { return _mm256_packs_epi16(a, b); }

    /// Undoes the order that two rounds of in-lane narrowing leave: first all of the first vector, and so on.
    static vector in_order(vector narrowed) {
        return _mm256_permutevar8x32_epi32(narrowed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    }
};

#if defined(__AVX512BW__)
/// The instruction set of a 512-bit kernel.
struct avx512 {
    using vector = __m512i;
    static constexpr int lanes = 16;

    static vector load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
    static vector load(const std::int16_t* p) {
        return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    }
    static vector load(const std::int8_t* p) {
        return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    }
    static vector load_vector(const void* p) { return _mm512_loadu_si512(p); }
    static void store(void* p, vector v) { _mm512_storeu_si512(p, v); }
    static vector all32(std::int32_t v) { return _mm512_set1_epi32(v); }
    static vector all16(std::int16_t v) { return _mm512_set1_epi16(v); }
    static vector all8(std::int8_t v) { return _mm512_set1_epi8(v); }
    static vector all64(std::int64_t v) { return _mm512_set1_epi64(v); }
    static vector add32(vector a, vector b) { return _mm512_add_epi32(a, b); }
    static vector add64(vector a, vector b) { return _mm512_add_epi64(a, b); }
    static vector subtract32(vector a, vector b) { return _mm512_sub_epi32(a, b); }
    static vector saturating_add16(vector a, vector b) { return _mm512_adds_epi16(a, b); }
    static vector both(vector a, vector b) { return _mm512_and_si512(a, b); }
    static vector inverted(vector a) { return _mm512_ternarylogic_epi32(a, a, a, 0x55); }
    static vector least32(vector a, vector b) { return _mm512_min_epi32(a, b); }
    static vector largest32(vector a, vector b) { return _mm512_max_epi32(a, b); }
    static vector least8(vector a, vector b) { return _mm512_min_epi8(a, b); }
    static vector largest8(vector a, vector b) { return _mm512_max_epi8(a, b); }
    static vector shift_left(vector a, vector counts) { return _mm512_sllv_epi32(a, counts); }
    static vector shift_right(vector a, vector counts) { return _mm512_srav_epi32(a, counts); }
    static vector shift_right_logical(vector a, vector counts) { return _mm512_srlv_epi32(a, counts); }
    template <int Count> static vector shift_right16(vector a) { return _mm512_srai_epi16(a, Count); }
    static vector sign32(vector a) { return _mm512_srai_epi32(a, 31); }
    static vector multiply_even(vector a, vector b) { return _mm512_mul_epi32(a, b); }
    static vector odd_to_even(vector a) { return _mm512_srli_epi64(a, 32); }
    static vector halve64_to_even(vector a) { return _mm512_srli_epi64(a, 31); }
    static vector double64(vector a) { return _mm512_add_epi64(a, a); }
    static vector even_and_odd(vector even, vector odd) { return _mm512_mask_blend_epi32(0xAAAA, even, odd); }
    static vector multiply_high16(vector a, vector b) { return _mm512_mulhi_epi16(a, b); }
    static vector rounded_high_multiply16(vector a, vector b) { return _mm512_mulhrs_epi16(a, b); }
    static vector times128(vector a) { return _mm512_slli_epi32(a, 7); }
    static vector narrow32(vector a, vector b) { return _mm512_packs_epi32(a, b); }
    static vector narrow16(vector a, vector b) { return _mm512_packs_epi16(a, b); }
    static vector in_order(vector narrowed) {
        return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
                                        narrowed);
    }
};
#endif

/// The constants of an output tensor: its zero point in the form that a requantizer adds, its bounds.
template <class Arch> struct output_constants {
    typename Arch::vector offset; // int16 lanes
    typename Arch::vector low;    // int8 lanes
    typename Arch::vector high;
};

/// Four accumulator vectors to one vector of int8. Specialised for each requantizer; every specialisation has
///
/// - `channels`: parameters of `lanes` channels; `load(multipliers, shifts)` reads them from tables in channel order;
/// - `block`: parameters of four accumulator vectors, made once by `join(c0, c1, c2, c3)` before the pixel loop. The
///   same channels may be joined four times (four pixels of one channel vector);
/// - `packed`: what a block holds, laid out in memory. `pack(multipliers, shifts)` makes it of 4 * lanes channels
/// before
///   the program starts, `load(packed)` gives the block. For kernels that use a block once (dense layers);
/// - `prepare(zero_point, low, high)`: the output_constants of an int8 tensor;
/// - `apply<LeftShifts, Bounded>(a0, a1, a2, a3, block, constants)`: 4 * lanes results, those of a0 first.
///   The accumulators carry Requantizer::rounding already. LeftShifts may be false if no channel's scaling
///   shifts_left; Bounded may be false if [low, high] is [-128, 127].
/// - `apply_with_residual(a0, ..., constants, residual)`: apply with a residual's terms, where the requantizer
///   adds_residual;
/// - `apply_unordered`: the same without the final permutation: dword 4 l + j of the result is the l-th four of aj. For
///   kernels whose channels are packed in that order.
template <class Requantizer, class Arch> struct epilogue;

template <class Arch> struct epilogue<three_step, Arch> {
    using requantizer = three_step;
    using multiplier_type = requantizer::multiplier_type;
    using vector = typename Arch::vector;
    static constexpr int lanes = Arch::lanes;

    struct channels {
        vector multiplier;
        vector shift;
    };

    struct block {
        vector multiplier01, multiplier23; // int16, in the order that narrowing leaves
        vector shift0, shift1, shift2, shift3;
    };

    struct packed {
        alignas(4 * lanes) std::int32_t shift[4 * lanes];
        alignas(4 * lanes) std::int16_t multiplier[4 * lanes]; // in the order that narrowing leaves
    };

    static channels load(const multiplier_type* multipliers, const std::int8_t* shifts) {
        return {Arch::load(multipliers), Arch::load(shifts)};
    }

    static constexpr packed pack(const multiplier_type* multipliers, const std::int8_t* shifts) {
        packed result{};
        for (int i = 0; i < 4 * lanes; ++i) {
            const int pair = i / (2 * lanes), group = i / 8 % (lanes / 4), member = i / 4 % 2;
            result.shift[i] = shifts[i];
            result.multiplier[i] = multipliers[(2 * pair + member) * lanes + 4 * group + i % 4];
        }
        return result;
    }

    static block load(const packed& p) {
        return {Arch::load_vector(p.multiplier),
                Arch::load_vector(p.multiplier + 2 * lanes),
                Arch::load_vector(p.shift),
                Arch::load_vector(p.shift + lanes),
                Arch::load_vector(p.shift + 2 * lanes),
                Arch::load_vector(p.shift + 3 * lanes)};
    }

    static block join(const channels& c0, const channels& c1, const channels& c2, const channels& c3) {
        return {Arch::narrow32(c0.multiplier, c1.multiplier),
                Arch::narrow32(c2.multiplier, c3.multiplier),
                c0.shift,
                c1.shift,
                c2.shift,
                c3.shift};
    }

    static output_constants<Arch> prepare(std::int32_t zero_point, std::int8_t low, std::int8_t high) {
        return {Arch::all16(static_cast<std::int16_t>(requantizer::offset(zero_point))), Arch::all8(low),
                Arch::all8(high)};
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply_unordered(vector a0, vector a1, vector a2, vector a3, const block& p,
                                  const output_constants<Arch>& out) {
        const vector short01 = Arch::narrow32(shift<LeftShifts>(a0, p.shift0), shift<LeftShifts>(a1, p.shift1));
        const vector short23 = Arch::narrow32(shift<LeftShifts>(a2, p.shift2), shift<LeftShifts>(a3, p.shift3));
        const vector narrowed =
            Arch::narrow16(finish(short01, p.multiplier01, out.offset), finish(short23, p.multiplier23, out.offset));
        if constexpr (!Bounded) return narrowed;
        return Arch::least8(Arch::largest8(narrowed, out.low), out.high);
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p, const output_constants<Arch>& out) {
        return Arch::in_order(apply_unordered<LeftShifts, Bounded>(a0, a1, a2, a3, p, out));
    }

    /// The residual tensor's zero point and multiplier (requantizer::residual_term).
    struct residual_constants {
        vector zero_point; // int32 lanes
        vector multiplier; // int16 lanes
    };
    static residual_constants prepare_residual(std::int32_t zero_point, std::int32_t multiplier) {
        return {Arch::all32(zero_point), Arch::all16(static_cast<std::int16_t>(multiplier))};
    }

    /// `r0` to `r3`: the residual's integers, as int32, for the accumulators `a0` to `a3`.
    template <bool LeftShifts, bool Bounded>
    static vector apply_with_residual(vector a0, vector a1, vector a2, vector a3, const block& p,
                                      const output_constants<Arch>& out, const residual_constants& c, vector r0,
                                      vector r1, vector r2, vector r3) {
        const vector short01 = Arch::narrow32(shift<LeftShifts>(a0, p.shift0), shift<LeftShifts>(a1, p.shift1));
        const vector short23 = Arch::narrow32(shift<LeftShifts>(a2, p.shift2), shift<LeftShifts>(a3, p.shift3));
        const vector narrowed = Arch::narrow16(
            finish(short01, p.multiplier01, Arch::saturating_add16(residual_terms(r0, r1, c), out.offset)),
            finish(short23, p.multiplier23, Arch::saturating_add16(residual_terms(r2, r3, c), out.offset)));
        const vector result = Arch::in_order(narrowed);
        if constexpr (!Bounded) return result;
        return Arch::least8(Arch::largest8(result, out.low), out.high);
    }

  private:
    static vector residual_terms(vector r0, vector r1, const residual_constants& c) {
        return Arch::rounded_high_multiply16(Arch::narrow32(Arch::times128(Arch::subtract32(r0, c.zero_point)),
                                                            Arch::times128(Arch::subtract32(r1, c.zero_point))),
                                             c.multiplier);
    }

    /// A left shift saturates: the accumulator is first clamped to what the shift can hold, which is beyond int16 after
    /// the shift. For right shifts the clamp is to the whole of int32.
    template <bool LeftShifts> static vector shift(vector a, vector counts) {
        if constexpr (!LeftShifts) {
            return Arch::shift_right(a, counts);
        } else {
            const vector right = Arch::largest32(counts, Arch::all32(0));
            const vector left = Arch::subtract32(right, counts);
            const vector high = Arch::shift_right_logical(Arch::all32(0x7FFFFFFF), left);
            const vector clamped = Arch::least32(Arch::largest32(a, Arch::inverted(high)), high);
            return Arch::shift_right(Arch::shift_left(clamped, left), right);
        }
    }

    static vector finish(vector shortened, vector multiplier, vector offset) {
        return Arch::template shift_right16<5>(
            Arch::saturating_add16(Arch::multiply_high16(shortened, multiplier), offset));
    }
};

template <class Arch> struct epilogue<double_rounding, Arch> {
    using requantizer = double_rounding;
    using multiplier_type = requantizer::multiplier_type;
    using vector = typename Arch::vector;
    static constexpr int lanes = Arch::lanes;

    struct channels {
        vector multiplier, odd_multiplier;
        vector left;        // max(shift, 0)
        vector minus_right; // min(shift, 0)
        vector half;        // 2^(right - 1), 0 without a right shift
    };

    struct block {
        channels c0, c1, c2, c3;
    };

    struct packed {
        alignas(4 * lanes) std::int32_t multiplier[4 * lanes];
        alignas(4 * lanes) std::int32_t shift[4 * lanes];
    };

    static channels load(const multiplier_type* multipliers, const std::int8_t* shifts) {
        return prepare_channels(Arch::load(multipliers), Arch::load(shifts));
    }

    static constexpr packed pack(const multiplier_type* multipliers, const std::int8_t* shifts) {
        packed result{};
        for (int i = 0; i < 4 * lanes; ++i) {
            result.multiplier[i] = multipliers[i];
            result.shift[i] = shifts[i];
        }
        return result;
    }

    static block load(const packed& p) {
        const auto quarter = [&](int i) {
            return prepare_channels(Arch::load(p.multiplier + i * lanes), Arch::load(p.shift + i * lanes));
        };
        return {quarter(0), quarter(1), quarter(2), quarter(3)};
    }

    static block join(const channels& c0, const channels& c1, const channels& c2, const channels& c3) {
        return {c0, c1, c2, c3};
    }

    static output_constants<Arch> prepare(std::int32_t zero_point, std::int8_t low, std::int8_t high) {
        return {Arch::all16(static_cast<std::int16_t>(zero_point)), Arch::all8(low), Arch::all8(high)};
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply_unordered(vector a0, vector a1, vector a2, vector a3, const block& p,
                                  const output_constants<Arch>& out) {
        const vector short01 = Arch::narrow32(scale<LeftShifts>(a0, p.c0), scale<LeftShifts>(a1, p.c1));
        const vector short23 = Arch::narrow32(scale<LeftShifts>(a2, p.c2), scale<LeftShifts>(a3, p.c3));
        const vector narrowed =
            Arch::narrow16(Arch::saturating_add16(short01, out.offset), Arch::saturating_add16(short23, out.offset));
        if constexpr (!Bounded) return narrowed;
        return Arch::least8(Arch::largest8(narrowed, out.low), out.high);
    }

    template <bool LeftShifts, bool Bounded>
    static vector apply(vector a0, vector a1, vector a2, vector a3, const block& p, const output_constants<Arch>& out) {
        return Arch::in_order(apply_unordered<LeftShifts, Bounded>(a0, a1, a2, a3, p, out));
    }

  private:
    static channels prepare_channels(vector multiplier, vector shift) {
        const vector zero = Arch::all32(0);
        const vector minus_right = Arch::least32(shift, zero);
        const vector beyond = Arch::subtract32(Arch::all32(-1), minus_right); // right - 1; a count of -1 shifts out
        return {multiplier, Arch::odd_to_even(multiplier), Arch::largest32(shift, zero), minus_right,
                Arch::shift_left(Arch::all32(1), beyond)};
    }

    template <bool LeftShifts> static vector scale(vector a, const channels& c) {
        if constexpr (LeftShifts) a = Arch::shift_left(a, c.left);
        const vector rounded = high_multiply(a, c);
        const vector minus_one_if_negative = Arch::sign32(Arch::both(rounded, c.minus_right));
        const vector nudged = Arch::add32(Arch::add32(rounded, c.half), minus_one_if_negative);
        return Arch::shift_right(nudged, Arch::subtract32(Arch::all32(0), c.minus_right));
    }

    /// floor(a * multiplier / 2^31 + 1/2): the even and the odd lanes in 64 bits each.
    static vector high_multiply(vector a, const channels& c) {
        const vector half = Arch::all64(std::int64_t{1} << 30);
        const vector even = Arch::add64(Arch::multiply_even(a, c.multiplier), half);
        const vector odd = Arch::add64(Arch::multiply_even(Arch::odd_to_even(a), c.odd_multiplier), half);
        return Arch::even_and_odd(Arch::halve64_to_even(even), Arch::double64(odd));
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::x86

#endif

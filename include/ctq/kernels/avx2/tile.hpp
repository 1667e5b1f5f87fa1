#pragma once
// The register tile of AVX2 without VNNI, exact: activations widened once to int16, weights widened as they are loaded,
// vpmaddwd. One product is four channels times four activations; pairs of a channel's sums are added at the end.
// room: kernels | runs on: x86-64 with AVX2 | heap: no

#include <ctq/kernels/avx2/image.hpp>
#include <ctq/kernels/avx2/vector.hpp>
#include <ctq/kernels/vector/unroll.hpp>

#include <cstdint>
#include <cstring>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct tile<avx2> {
    using vectors = kernels::vector::vectors<avx2>;
    using row = image_row<avx2>;
    using vector = __m256i;
    using element = row::layout::element;
    struct sum { ///< of the eight channels of a block: four in each, two partial sums a channel
        __m256i low, high;
    };
    static constexpr tile_limits limits = row::layout::tile;

    static CTQ_ALWAYS_INLINE inline void start(sum& s, const std::int32_t* bias) {
        s.low = _mm256_cvtepu32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bias)));
        s.high = _mm256_cvtepu32_epi64(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bias + 4)));
    }
    static CTQ_ALWAYS_INLINE inline void clear(sum& s) { s.low = s.high = _mm256_setzero_si256(); }
    static CTQ_ALWAYS_INLINE inline void add(sum& s, const sum& other) {
        s.low = _mm256_add_epi32(s.low, other.low);
        s.high = _mm256_add_epi32(s.high, other.high);
    }
    static CTQ_ALWAYS_INLINE inline vector total(const sum& s) {
        return _mm256_permute4x64_epi64(_mm256_hadd_epi32(s.low, s.high), 0xD8);
    }

    /// sums[pixel][block] += the four activations at `at` times a dword of weights. Blocks are whole: pack() pads.
    template <bool Masked, int Pixels, int Blocks, class PixelAt>
    static CTQ_ALWAYS_INLINE inline void step(sum (&sums)[Pixels][Blocks], const PixelAt& pixel, std::ptrdiff_t at,
                                              const std::int8_t* weights, int) {
        __m256i low[Blocks], high[Blocks];
        each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE {
            low[b] = widened(weights + 32 * b);
            high[b] = widened(weights + 32 * b + 16);
        });
        each<Pixels>([&](auto m) CTQ_ALWAYS_INLINE {
            std::int64_t four;
            std::memcpy(&four, pixel(m) + at, 8);
            const __m256i activations = _mm256_set1_epi64x(four);
            each<Blocks>([&](auto b) CTQ_ALWAYS_INLINE {
                sum& s = sums[m][b];
                s.low = _mm256_add_epi32(s.low, _mm256_madd_epi16(activations, low[b]));
                s.high = _mm256_add_epi32(s.high, _mm256_madd_epi16(activations, high[b]));
            });
        });
    }

    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector v) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v);
    }

    /// The first `count` bytes.
    static CTQ_ALWAYS_INLINE inline void store_first(std::int8_t* to, vector v, int count) {
        alignas(32) std::int8_t bytes[32];
        _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), v);
        std::memcpy(to, bytes, static_cast<std::size_t>(count));
    }

    /// The first `count` bytes of one quarter.
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v, int count) {
        std::int64_t bytes = _mm256_extract_epi64(v, Quarter);
        for (int i = 0; i < count; ++i, bytes >>= 8) to[i] = static_cast<std::int8_t>(bytes & 0xFF);
    }
    template <int Quarter> static CTQ_ALWAYS_INLINE inline void store_quarter(std::int8_t* to, vector v) {
        const std::int64_t bytes = _mm256_extract_epi64(v, Quarter);
        std::memcpy(to, &bytes, 8);
    }

    /// The first halves of the quarters, side by side.
    static CTQ_ALWAYS_INLINE inline vector half_quarters(vector v) {
        return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    }

    /// The first `count` bytes, as int32.
    static CTQ_ALWAYS_INLINE inline vector load_block(const std::int8_t* from, int count) {
        std::int64_t bytes = 0;
        if (count == 8)
            std::memcpy(&bytes, from, 8);
        else
            std::memcpy(&bytes, from, static_cast<std::size_t>(count));
        return _mm256_cvtepi8_epi32(_mm_cvtsi64_si128(bytes));
    }

  private:
    static CTQ_ALWAYS_INLINE inline __m256i widened(const std::int8_t* weights) {
        return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights)));
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

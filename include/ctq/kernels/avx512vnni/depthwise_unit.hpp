#pragma once
// AVX-512 VNNI's depthwise unit: 64 outputs, four taps of the kernel in one dot product.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

#include <ctq/kernels/avx512vnni/dot.hpp>
#include <ctq/kernels/avx512vnni/image.hpp>
#include <ctq/kernels/avx512vnni/vector.hpp>
#include <ctq/kernels/vector/depthwise_image.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// 64 neighbouring outputs in four accumulators, four taps a product.
template <> struct depthwise_unit<avx512vnni> {
    using vectors = kernels::vector::vectors<avx512vnni>;
    using row = image_row<avx512vnni>;
    using vector = __m512i;
    using element = row::layout::element;
    using activations = __m512i; ///< 64, under one tap
    static constexpr depthwise_limits limits = row::layout::unit;
    static constexpr std::ptrdiff_t kept_products = 4; ///< whose weights stay in registers
    static constexpr std::int32_t rolling_columns = 3; ///< whose sums do

    static CTQ_ALWAYS_INLINE inline activations load(const element* from) { return _mm512_loadu_si512(from); }
    static CTQ_ALWAYS_INLINE inline activations none() { return _mm512_setzero_si512(); }
    static CTQ_ALWAYS_INLINE inline vector weights(const std::int8_t* from) { return _mm512_loadu_si512(from); }

    static CTQ_ALWAYS_INLINE inline void interleave(const activations (&taps)[4], vector (&to)[4]) {
        const __m512i low01 = _mm512_unpacklo_epi8(taps[0], taps[1]), high01 = _mm512_unpackhi_epi8(taps[0], taps[1]);
        const __m512i low23 = _mm512_unpacklo_epi8(taps[2], taps[3]), high23 = _mm512_unpackhi_epi8(taps[2], taps[3]);
        to[0] = _mm512_unpacklo_epi16(low01, low23);
        to[1] = _mm512_unpackhi_epi16(low01, low23);
        to[2] = _mm512_unpacklo_epi16(high01, high23);
        to[3] = _mm512_unpackhi_epi16(high01, high23);
    }
    static CTQ_ALWAYS_INLINE inline void multiply(vector& sum, vector interleaved, vector weights) {
        dot(sum, interleaved, weights);
    }
    static CTQ_ALWAYS_INLINE inline void store(std::int8_t* to, vector narrowed, std::ptrdiff_t count) {
        if (count >= 64)
            _mm512_storeu_si512(to, narrowed);
        else
            _mm512_mask_storeu_epi8(to, ~__mmask64{0} >> (64 - count), narrowed);
    }

    /// Copies an image of two phases of 8, 16 or 32 channels, 128 bytes at a time.
    static void copy_two_phases(const depthwise_plan& plan, const std::int8_t* from, std::uint8_t* to,
                                std::uint8_t border) {
        const std::ptrdiff_t channels = plan.channels;
        alignas(64) std::int64_t words[2][8];
        for (std::int64_t word = 0, seen[2] = {}; word < 16; ++word) {
            const std::int64_t parity = word / (channels / 8) % 2;
            words[parity][seen[parity]++] = word;
        }
        const __m512i evens = _mm512_load_si512(words[0]), odds = _mm512_load_si512(words[1]);
        const __m512i sign = _mm512_set1_epi8(-128);
        const phase_place even = place_of(plan, 0), odd = place_of(plan, 1);
        const std::ptrdiff_t most = even.count < odd.count ? even.count : odd.count, block = 64 / channels;
        for_each_row<row>(plan, even, from, to, border, [&](const std::int8_t* pixels, std::uint8_t* line) {
            fill_beside<row>(plan, odd, line, border);
            std::uint8_t* to_even = line + (even.start + even.first) * channels;
            std::uint8_t* to_odd = line + (odd.start + odd.first) * channels;
            std::ptrdiff_t i = 0;
            for (; i + block <= most; i += block, pixels += 128, to_even += 64, to_odd += 64) {
                const __m512i a = _mm512_xor_si512(_mm512_loadu_si512(pixels), sign);
                const __m512i b = _mm512_xor_si512(_mm512_loadu_si512(pixels + 64), sign);
                _mm512_storeu_si512(to_even, _mm512_permutex2var_epi64(a, evens, b));
                _mm512_storeu_si512(to_odd, _mm512_permutex2var_epi64(a, odds, b));
            }
            copy_pixels<row>(pixels, to_even, even.count - i, channels, 2);
            copy_pixels<row>(pixels + channels, to_odd, odd.count - i, channels, 2);
        });
        const std::ptrdiff_t odd_start = odd.start * channels, length = plan.phase_columns * channels;
        for (std::ptrdiff_t y = 0; y < plan.rows; ++y)
            if (y < plan.padding[0] || y - plan.padding[0] >= plan.height)
                row::fill(to + y * plan.row_length() + odd_start, border, length);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

#pragma once
// Activations for AVX-512 VNNI's tile: as unsigned bytes, x + 128.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

#include <ctq/kernels/avx512vnni/product_layout.hpp>
#include <ctq/kernels/vector/tile.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>

#include <cstddef>
#include <cstdint>

namespace ctq::inline CTQ_TARGET::kernels::vector {

template <> struct image_row<avx512vnni> {
    using layout = product_layout<avx512vnni>;

    static void widen(std::uint8_t* to, const std::int8_t* from, std::ptrdiff_t count) {
        const __m512i sign = _mm512_set1_epi8(-128);
        std::ptrdiff_t i = 0;
        for (; i + 64 <= count; i += 64)
            _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(from + i), sign));
        if (i == count) return;
        const __mmask64 rest = ~__mmask64{0} >> (64 - (count - i));
        _mm512_mask_storeu_epi8(to + i, rest, _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, from + i), sign));
    }

    static void fill(std::uint8_t* to, std::uint8_t value, std::ptrdiff_t count) {
        const __m512i all = _mm512_set1_epi8(static_cast<char>(value));
        std::ptrdiff_t i = 0;
        for (; i + 64 <= count; i += 64) _mm512_storeu_si512(to + i, all);
        if (i < count) _mm512_mask_storeu_epi8(to + i, ~__mmask64{0} >> (64 - (count - i)), all);
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels::vector

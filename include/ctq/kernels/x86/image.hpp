#pragma once
// The copy of an activation image that weighted kernels read: widened to the tile's element, with a border of the zero
// point, so that no kernel asks where the image ends.
// room: kernels | runs on: x86-64 | heap: no

#include <ctq/kernels/x86/intrinsics.hpp>
#include <ctq/operators/window.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels::x86 {

/// How the copy of one image (of the batch) is laid out.
///
/// Direct: rows x columns pixels of `inputs` channels, window after window reads the same bytes.
/// Gathered: for each output pixel and kernel row the activations under it, side by side, in a row of `gathered_row`
/// elements; for windows whose columns do not lie side by side, and where few of the pixels are read.
struct image_plan {
    std::ptrdiff_t height = 1, width = 1, depth = 1; ///< of the input
    std::ptrdiff_t inputs = 1;                       ///< channels that are copied
    std::ptrdiff_t rows = 1, columns = 1;            ///< of the copy
    std::ptrdiff_t out_rows = 1, out_columns = 1;
    op::window over{};
    bool gathered = false;
    std::ptrdiff_t gathered_row = 0;

    /// Elements that kernels may read past the last one that is written.
    static constexpr std::ptrdiff_t slack = 128;

    constexpr std::ptrdiff_t elements() const {
        return gathered ? out_rows * out_columns * over.kernel[0] * gathered_row : rows * columns * inputs;
    }
    constexpr std::size_t bytes(std::size_t element_size) const {
        return (static_cast<std::size_t>(elements() + slack) * element_size + 63) / 64 * 64;
    }
};

#if defined(__AVX2__)

/// How a zero point is kept in an image.
template <class Element> constexpr Element widened_value(std::int32_t value) {
    return static_cast<Element>(std::is_same_v<Element, std::uint8_t> ? value + 128 : value);
}

inline void widen(std::int16_t* to, const std::int8_t* from, std::ptrdiff_t count) {
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

inline void fill(std::int16_t* to, std::int16_t value, std::ptrdiff_t count) {
    std::ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm256_set1_epi16(value));
    for (; i < count; ++i) to[i] = value;
}

#if defined(__AVX512BW__) && defined(__AVX512VL__)

inline void widen(std::uint8_t* to, const std::int8_t* from, std::ptrdiff_t count) {
    const __m512i sign = _mm512_set1_epi8(-128);
    std::ptrdiff_t i = 0;
    for (; i + 64 <= count; i += 64) _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(from + i), sign));
    if (i == count) return;
    const __mmask64 rest = ~__mmask64{0} >> (64 - (count - i));
    _mm512_mask_storeu_epi8(to + i, rest, _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, from + i), sign));
}

inline void fill(std::uint8_t* to, std::uint8_t value, std::ptrdiff_t count) {
    const __m512i all = _mm512_set1_epi8(static_cast<char>(value));
    std::ptrdiff_t i = 0;
    for (; i + 64 <= count; i += 64) _mm512_storeu_si512(to + i, all);
    if (i < count) _mm512_mask_storeu_epi8(to + i, ~__mmask64{0} >> (64 - (count - i)), all);
}

#endif

/// Copies the channels from `first_channel` on of the image at `from`. `to` has room for plan.bytes().
template <class Element>
void copy_direct(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    const std::ptrdiff_t row_length = plan.columns * plan.inputs;
    const auto at_most = [](std::ptrdiff_t value, std::ptrdiff_t most) { return value < most ? value : most; };
    const std::ptrdiff_t left = at_most(plan.over.padding[1], plan.columns);
    const std::ptrdiff_t inside = at_most(plan.width, plan.columns - left), right = plan.columns - left - inside;
    const std::ptrdiff_t top = plan.over.padding[0];
    if (left == 0 && right == 0 && inside == plan.width && top == 0 && plan.rows <= plan.height)
        return widen(to, from, plan.rows * row_length);
    for (std::ptrdiff_t row = 0; row < plan.rows; ++row, to += row_length) {
        if (row < top || row - top >= plan.height) {
            fill(to, border, row_length);
            continue;
        }
        fill(to, border, left * plan.inputs);
        widen(to + left * plan.inputs, from + (row - top) * plan.width * plan.inputs, inside * plan.inputs);
        fill(to + (left + inside) * plan.inputs, border, right * plan.inputs);
    }
}

template <class Element>
void copy_gathered(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    for (std::ptrdiff_t y = 0; y < plan.out_rows; ++y)
        for (std::ptrdiff_t x = 0; x < plan.out_columns; ++x)
            for (std::ptrdiff_t ky = 0; ky < plan.over.kernel[0]; ++ky, to += plan.gathered_row) {
                const std::ptrdiff_t row = y * plan.over.stride[0] - plan.over.padding[0] + ky * plan.over.dilation[0];
                std::ptrdiff_t column = x * plan.over.stride[1] - plan.over.padding[1];
                for (std::ptrdiff_t kx = 0; kx < plan.over.kernel[1]; ++kx, column += plan.over.dilation[1]) {
                    const bool inside = row >= 0 && row < plan.height && column >= 0 && column < plan.width;
                    if (inside)
                        widen(to + kx * plan.inputs, from + (row * plan.width + column) * plan.depth, plan.inputs);
                    else
                        fill(to + kx * plan.inputs, border, plan.inputs);
                }
            }
}

/// Copies plan.inputs channels of one image, the first of them at `from`.
template <class Element> void copy_image(const image_plan& plan, const std::int8_t* from, Element* to, Element border) {
    if (plan.gathered)
        copy_gathered(plan, from, to, border);
    else
        copy_direct(plan, from, to, border);
}

#endif

} // namespace ctq::inline CTQ_TARGET::kernels::x86

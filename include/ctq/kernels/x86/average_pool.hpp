#pragma once
// average_pool on x86: int32 sums over the channels, divided exactly by a float reciprocal; from 8 channels on.
// room: kernels | runs on: x86-64 with AVX-512 or AVX2 | heap: no | float: exact, see mean

#include <ctq/kernels/x86/bytes.hpp>
#include <ctq/kernels/x86/pooling.hpp>
#include <ctq/kernels/x86/signatures.hpp>
#include <ctq/operators/average_pool.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

namespace x86 {

/// Windows of more cells go to the definition: see mean.
constexpr std::ptrdiff_t largest_pool = 8192;

#if defined(__AVX2__)

/// The mean of `count` integers of a byte's range, halves away from zero. With n = |sum| + floor(count / 2) the result
/// is floor(n / count), and (n + 1/2) / count is no nearer than 1 / (2 count) >= 2^-14 to an integer; at most 2^8, the
/// product of the rounded sum and the rounded reciprocal is wrong by less than 2^-15. So the truncation is exact.
struct pool_mean8 {
    using sums = __m256i;
    static constexpr std::ptrdiff_t width = 8;
    __m256 half, reciprocal;

    explicit pool_mean8(std::int32_t count)
        : half(_mm256_set1_ps(static_cast<float>(count / 2) + 0.5f)),
          reciprocal(_mm256_set1_ps(1.0f / static_cast<float>(count))) {}

    static sums all(std::int32_t v) { return _mm256_set1_epi32(v); }
    static sums add(sums s, const std::int8_t* channels) {
        return _mm256_add_epi32(s, _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(channels))));
    }
    void store(std::int8_t* to, sums s) const {
        const __m256 size = _mm256_cvtepi32_ps(_mm256_abs_epi32(s));
        const __m256i mean = _mm256_cvttps_epi32(_mm256_mul_ps(_mm256_add_ps(size, half), reciprocal));
        const __m256i words = _mm256_packs_epi32(_mm256_sign_epi32(mean, s), _mm256_setzero_si256());
        const __m256i bytes = _mm256_packs_epi16(words, words);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(to),
                         _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
    }
};

#if defined(__AVX512BW__)
struct pool_mean16 {
    using sums = __m512i;
    static constexpr std::ptrdiff_t width = 16;
    __m512 half, reciprocal;

    explicit pool_mean16(std::int32_t count)
        : half(_mm512_set1_ps(static_cast<float>(count / 2) + 0.5f)),
          reciprocal(_mm512_set1_ps(1.0f / static_cast<float>(count))) {}

    static sums all(std::int32_t v) { return _mm512_set1_epi32(v); }
    static sums add(sums s, const std::int8_t* channels) {
        return _mm512_add_epi32(s, _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(channels))));
    }
    void store(std::int8_t* to, sums s) const {
        const __m512 size = _mm512_cvtepi32_ps(_mm512_abs_epi32(s));
        const __m512i mean = _mm512_cvttps_epi32(_mm512_mul_ps(_mm512_add_ps(size, half), reciprocal));
        const __m512i negative = _mm512_sub_epi32(_mm512_setzero_si512(), mean);
        const __m512i result = _mm512_mask_mov_epi32(mean, _mm512_movepi32_mask(s), negative);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(result));
    }
};
#endif

template <class Mean, class Plan>
[[gnu::noinline]] void run_average_pool(const Plan& plan, const std::int8_t* in, std::int32_t zero_point,
                                        std::int8_t* out) {
    const pooling_plan& p = plan.value;
    const std::ptrdiff_t whole = std::ptrdiff_t{p.kernel[0]} * p.kernel[1];
    std::ptrdiff_t count = whole;
    Mean mean(static_cast<std::int32_t>(whole));
    for_each_window(p, in, out, [&](const pool_window& window, std::int8_t* to) CTQ_ALWAYS_INLINE {
        const std::ptrdiff_t cells = p.count_padding ? whole : window.count();
        if (cells != count) mean = Mean(static_cast<std::int32_t>(count = cells));
        const auto start = Mean::all(static_cast<std::int32_t>(cells - window.count()) * zero_point);
        each_piece(p.channels, Mean::width, [&](std::ptrdiff_t first) CTQ_ALWAYS_INLINE {
            auto sums = start;
            window.for_each([&](const std::int8_t* pixel) CTQ_ALWAYS_INLINE { sums = Mean::add(sums, pixel + first); });
            mean.store(to + first, sums);
        });
    });
}

#endif

} // namespace x86

#if defined(__AVX2__)

template <signature S>
requires x86::bytes_signature<S>
struct kernel<avx2, op::average_pool, S> : kernel<scalar, op::average_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        const auto& op = facts.value.op;
        if (std::is_constant_evaluated() || facts.value.outputs[0].shape[3] < 8 ||
            std::int64_t{op.kernel[0]} * op.kernel[1] > x86::largest_pool)
            return kernel<scalar, op::average_pool, S>::run(facts, in, out, space);
        const auto plan = x86::plan_of<&x86::plan_pooling<op::average_pool>>(facts);
        x86::run_average_pool<x86::pool_mean8>(plan, in[0].as<std::int8_t>(), in[0].zero_point(),
                                               out[0].as<std::int8_t>());
    }
};

#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__)

template <signature S>
requires x86::bytes_signature<S>
struct kernel<avx512vnni, op::average_pool, S> : kernel<avx2, op::average_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        const auto& op = facts.value.op;
        if (std::is_constant_evaluated() || facts.value.outputs[0].shape[3] < 16 ||
            std::int64_t{op.kernel[0]} * op.kernel[1] > x86::largest_pool)
            return kernel<avx2, op::average_pool, S>::run(facts, in, out, space);
        const auto plan = x86::plan_of<&x86::plan_pooling<op::average_pool>>(facts);
        x86::run_average_pool<x86::pool_mean16>(plan, in[0].as<std::int8_t>(), in[0].zero_point(),
                                                out[0].as<std::int8_t>());
    }
};

#endif

} // namespace ctq::inline CTQ_TARGET::kernels

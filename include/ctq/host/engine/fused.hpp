#pragma once
// fused: sum + w * x with one rounding, lane by lane. The float engine's only sum of products: where the machine has no
// instruction for it, the same bits are computed without, so calibration depends on no instruction set and no -ffp
// flag.
// room: host | runs on: host | heap: no

#include <ctq/host/engine/float_vector.hpp>

#include <cstdint>
#include <cstring>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

typedef double two_reals __attribute__((vector_size(2 * sizeof(double))));

/// Two lanes of add_product without an instruction for it: the product of two floats is exact in double, the sum is
/// rounded to odd there, and so the rounding to float sees on which side of a tie the sum lies (Boldo and Melquiond,
/// "Emulation of FMA and correctly rounded sums", 2008).
[[gnu::always_inline]] inline two_reals rounded_to_odd(const two_reals& product, const two_reals& addend) {
    typedef std::int64_t words __attribute__((vector_size(2 * sizeof(std::int64_t))));
    two_reals rounded = product + addend;
    // What the rounding lost, exactly (Knuth's two-sum); NaN where the sum is not finite.
    const two_reals part = rounded - product;
    const two_reals lost = (product - (rounded - part)) + (addend - part);
    words bits;
    std::memcpy(&bits, &rounded, sizeof(bits));
    const words inexact = (lost > 0) | (lost < 0), even = (bits & 1) - 1, inwards = (lost > 0) ^ (rounded > 0);
    bits += inexact & even & (inwards | 1);
    std::memcpy(&rounded, &bits, sizeof(bits));
    return rounded;
}

template <int Lanes>
[[gnu::always_inline]] inline void add_product_by_doubles(float_vector<Lanes>& sum, const float_vector<Lanes>& w,
                                                          const float_vector<Lanes>& x) {
    for (int i = 0; i < Lanes; i += 2) {
        const int next = i + 1 < Lanes ? i + 1 : i;
        const two_reals product = two_reals{w[i], w[next]} * two_reals{x[i], x[next]};
        const two_reals made = rounded_to_odd(product, two_reals{sum[i], sum[next]});
        sum[i] = static_cast<float>(made[0]);
        sum[next] = static_cast<float>(made[1]);
    }
}

} // namespace detail

/// sum += w * x in each lane, rounded once: the same bits on every machine.
template <int Lanes>
[[gnu::always_inline]] inline void add_product(float_vector<Lanes>& sum, const float_vector<Lanes>& w,
                                               const float_vector<Lanes>& x) {
#if __has_builtin(__builtin_elementwise_fma) && (defined(__FP_FAST_FMAF) || defined(__FMA__))
    sum = __builtin_elementwise_fma(w, x, sum);
#elif defined(__FMA__)
    // g++: 5 % faster than what it makes of the loop below.
    if constexpr (Lanes == 16)
        sum = __builtin_ia32_vfmaddps512_mask(w, x, sum, -1, 4); // 4: the current rounding
    else if constexpr (Lanes == 8)
        sum = __builtin_ia32_vfmaddps256(w, x, sum);
    else if constexpr (Lanes == 4)
        sum = __builtin_ia32_vfmaddps(w, x, sum);
    else
        sum[0] = __builtin_fmaf(w[0], x[0], sum[0]);
#elif defined(__FP_FAST_FMAF)
    float_vector<Lanes> made;
    for (int i = 0; i < Lanes; ++i) made[i] = __builtin_fmaf(w[i], x[i], sum[i]);
    sum = made;
#else
    detail::add_product_by_doubles<Lanes>(sum, w, x);
#endif
}

} // namespace ctq::inline CTQ_TARGET::host

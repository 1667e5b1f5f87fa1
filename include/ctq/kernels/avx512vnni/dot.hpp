#pragma once
// AVX-512 VNNI's dot product and its operand, in the form that each compiler makes one instruction of.
// room: kernels | runs on: x86-64 with AVX-512 F, BW, DQ, VL, VNNI | heap: no

#include <ctq/kernels/vector/unroll.hpp>
#include <ctq/kernels/x86/intrinsics.hpp>

#include <cstdint>
#include <cstring>

namespace ctq::inline CTQ_TARGET::kernels::vector {

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

} // namespace ctq::inline CTQ_TARGET::kernels::vector

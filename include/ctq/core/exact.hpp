#pragma once
// Floating point in separately rounded steps: products that no compiler may fuse with the addition that follows.
// room: core | runs on: all | heap: no

#include <ctq/core/target.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET {

/// `value`, rounded to its type and opaque to contraction: an operation on the result cannot be fused with the one that
/// made `value` (no fma), whatever -ffp-contract and -march say. Costs no instruction, but a loop around it is not
/// vectorized where the target can fuse; on targets known not to fuse it is nothing at all. On a target that this file
/// does not know the value goes through memory: slow, but right.
///
/// An empty asm holds the value in a register, because nothing milder is obeyed: clang's -ffp-contract=fast ignores
/// `#pragma clang fp contract(off)`, g++ drops __builtin_assoc_barrier unless -fassociative-math is on.
template <class Float> constexpr Float exact(Float value) {
    static_assert(std::is_same_v<Float, float> || std::is_same_v<Float, double>);
    if (!std::is_constant_evaluated()) {
#if defined(__FMA__) || defined(__FMA4__) || defined(__AVX512F__)
        asm("" : "+x"(value));
#elif defined(__aarch64__)
        asm("" : "+w"(value));
#elif (defined(__powerpc__) && !defined(_SOFT_FLOAT)) || defined(__s390__)
        asm("" : "+f"(value));
#elif defined(__ARM_FEATURE_FMA) && defined(__ARM_FP)
        if constexpr (sizeof(Float) == 4) {
            asm("" : "+t"(value));
        } else if constexpr ((__ARM_FP & 8) != 0) {
            asm("" : "+w"(value));
        }
#elif defined(__riscv_flen)
        if constexpr (sizeof(Float) * 8 <= __riscv_flen) asm("" : "+f"(value));
#elif !(defined(__x86_64__) || defined(__i386__) || defined(__arm__) || defined(__riscv) || defined(__wasm__))
        asm("" : "+m"(value));
#endif
    }
    return value;
}

/// a * b + c with two roundings, on every machine, as in constant evaluation.
constexpr float multiply_add_unfused(float a, float b, float c) {
    return exact(a * b) + c;
}
constexpr double multiply_add_unfused(double a, double b, double c) {
    return exact(a * b) + c;
}

} // namespace ctq::inline CTQ_TARGET

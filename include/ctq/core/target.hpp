#pragma once
// target: CTQ_TARGET, the inline namespace that everything of ctq stands in, named after the instructions that this
// translation unit may use.
// room: core | runs on: all | heap: no
//
// Inline functions and templates are merged by the linker: of the copies in all translation units one is kept for the
// whole program. Were their names the same, a program with one file compiled for AVX2 could run AVX2 code everywhere.
// The compilers also use what has no kernel here (BMI, popcnt), so each such set of instructions has its part of the
// name. Users write ctq::op::conv2d, whatever the target.

// CTQ_TARGET_LEVEL: the step of a chain in which each has all before it. CTQ_TARGET_<set>: beside the chain, or empty.
#if defined(__AVX512F__)
#define CTQ_TARGET_LEVEL for_avx512
#elif defined(__AVX2__)
#define CTQ_TARGET_LEVEL for_avx2
#elif defined(__AVX__)
#define CTQ_TARGET_LEVEL for_avx
#elif defined(__SSE4_2__)
#define CTQ_TARGET_LEVEL for_sse42
#elif defined(__SSE4_1__)
#define CTQ_TARGET_LEVEL for_sse41
#elif defined(__SSSE3__)
#define CTQ_TARGET_LEVEL for_ssse3
#elif defined(__SSE3__)
#define CTQ_TARGET_LEVEL for_sse3
#elif defined(__ARM_FEATURE_SVE2)
#define CTQ_TARGET_LEVEL for_sve2
#elif defined(__ARM_FEATURE_SVE)
#define CTQ_TARGET_LEVEL for_sve
#elif defined(__ARM_FEATURE_MVE)
#define CTQ_TARGET_LEVEL for_helium
#elif defined(__ARM_NEON)
#define CTQ_TARGET_LEVEL for_neon
#elif defined(__ARM_FEATURE_DSP)
#define CTQ_TARGET_LEVEL for_dsp
#elif defined(__riscv_vector)
#define CTQ_TARGET_LEVEL for_rvv
#elif defined(__wasm_simd128__)
#define CTQ_TARGET_LEVEL for_simd128
#else
#define CTQ_TARGET_LEVEL for_any
#endif

#if defined(__FMA__)
#define CTQ_TARGET_FMA _fma
#else
#define CTQ_TARGET_FMA
#endif
#if defined(__F16C__)
#define CTQ_TARGET_F16C _f16c
#else
#define CTQ_TARGET_F16C
#endif
#if defined(__BMI2__)
#define CTQ_TARGET_BMI _bmi2
#elif defined(__BMI__)
#define CTQ_TARGET_BMI _bmi
#else
#define CTQ_TARGET_BMI
#endif
#if defined(__LZCNT__)
#define CTQ_TARGET_LZCNT _lzcnt
#else
#define CTQ_TARGET_LZCNT
#endif
#if defined(__POPCNT__)
#define CTQ_TARGET_POPCNT _popcnt
#else
#define CTQ_TARGET_POPCNT
#endif
#if defined(__MOVBE__)
#define CTQ_TARGET_MOVBE _movbe
#else
#define CTQ_TARGET_MOVBE
#endif
#if defined(__GFNI__)
#define CTQ_TARGET_GFNI _gfni
#else
#define CTQ_TARGET_GFNI
#endif
#if defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#define CTQ_TARGET_AVX512 _bw
#elif defined(__AVX512BW__)
#define CTQ_TARGET_AVX512 _bw_only
#elif defined(__AVX512VL__)
#define CTQ_TARGET_AVX512 _vl_only
#elif defined(__AVX512DQ__)
#define CTQ_TARGET_AVX512 _dq_only
#else
#define CTQ_TARGET_AVX512
#endif
#if defined(__AVX512VBMI__)
#define CTQ_TARGET_VBMI _vbmi
#else
#define CTQ_TARGET_VBMI
#endif
#if defined(__AVX512VNNI__)
#define CTQ_TARGET_VNNI _vnni
#elif defined(__AVXVNNI__)
#define CTQ_TARGET_VNNI _avxvnni
#else
#define CTQ_TARGET_VNNI
#endif
#if defined(__ARM_FEATURE_MATMUL_INT8)
#define CTQ_TARGET_DOT _i8mm
#elif defined(__ARM_FEATURE_DOTPROD)
#define CTQ_TARGET_DOT _dotprod
#else
#define CTQ_TARGET_DOT
#endif

#define CTQ_TARGET_PASTED(a, b, c, d, e, f, g, h, i, j, k, l) a##b##c##d##e##f##g##h##i##j##k##l
#define CTQ_TARGET_PASTE(...) CTQ_TARGET_PASTED(__VA_ARGS__)
#define CTQ_TARGET                                                                                                     \
    CTQ_TARGET_PASTE(CTQ_TARGET_LEVEL, CTQ_TARGET_FMA, CTQ_TARGET_F16C, CTQ_TARGET_BMI, CTQ_TARGET_LZCNT,              \
                     CTQ_TARGET_POPCNT, CTQ_TARGET_MOVBE, CTQ_TARGET_GFNI, CTQ_TARGET_AVX512, CTQ_TARGET_VBMI,         \
                     CTQ_TARGET_VNNI, CTQ_TARGET_DOT)

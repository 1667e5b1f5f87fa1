#pragma once
// target: CTQ_TARGET, the inline namespace that everything of ctq stands in, named after the instructions that this
// translation unit may use.
// room: core | runs on: all | heap: no
//
// Inline functions and templates are merged by the linker: of the copies in all translation units one is kept for the
// whole program. Were their names the same, a program with one file compiled for AVX2 could run AVX2 code everywhere.
// The compilers also use what has no kernel here (BMI, XOP), so each set of instructions that they choose of their own
// accord has its part of the name, as far as their macros tell (g++'s are the same for a Cortex-M4 and an M7 of single
// precision); those that a program must ask for (AES, SHA, AMX, CRC32, atomics) have none. On processors that are not
// named here all translation units of a program are compiled for one. Users write ctq::op::conv2d, whatever the target.

// CTQ_TARGET_LEVEL: the step of a chain in which each has all before it.
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
#elif defined(__SSE2__) && !defined(__x86_64__)
#define CTQ_TARGET_LEVEL for_sse2
#elif defined(__SSE__) && !defined(__x86_64__)
#define CTQ_TARGET_LEVEL for_sse
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
#elif defined(__riscv_vector) || defined(__riscv_v_min_vlen)
#define CTQ_TARGET_LEVEL for_rvv
#elif defined(__wasm_simd128__)
#define CTQ_TARGET_LEVEL for_simd128
#else
#define CTQ_TARGET_LEVEL for_any
#endif

#define CTQ_TARGET_PASTED(a, b, c, d, e, f, g, h, ...) a##b##c##d##e##f##g##h
#define CTQ_TARGET_PASTE(...) CTQ_TARGET_PASTED(__VA_ARGS__, , , , , , , , )

// CTQ_TARGET_IF(macro, name): the name where the macro is defined as 1, as the compilers define those below; else
// nothing. Pasted to a 1, CTQ_TARGET_IS_ becomes an argument more, which moves the name to the second place.
#define CTQ_TARGET_IS_1 ,
#define CTQ_TARGET_SECOND(first, second, ...) second
#define CTQ_TARGET_CHOSEN(...) CTQ_TARGET_SECOND(__VA_ARGS__)
#define CTQ_TARGET_IF_VALUE(value, name) CTQ_TARGET_CHOSEN(CTQ_TARGET_IS_##value name, , )
#define CTQ_TARGET_IF(macro, name) CTQ_TARGET_IF_VALUE(macro, name)

// CTQ_TARGET_SETS: what is in use beside the chain.
#if defined(__x86_64__) || defined(__i386__)
#define CTQ_TARGET_SCALAR                                                                                              \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__FMA__, _fma), CTQ_TARGET_IF(__F16C__, _f16c), CTQ_TARGET_IF(__BMI__, _bmi),       \
                     CTQ_TARGET_IF(__BMI2__, _bmi2), CTQ_TARGET_IF(__LZCNT__, _lzcnt),                                 \
                     CTQ_TARGET_IF(__POPCNT__, _popcnt), CTQ_TARGET_IF(__MOVBE__, _movbe),                             \
                     CTQ_TARGET_IF(__GFNI__, _gfni))
#define CTQ_TARGET_AMD                                                                                                 \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__SSE4A__, _sse4a), CTQ_TARGET_IF(__FMA4__, _fma4), CTQ_TARGET_IF(__XOP__, _xop),   \
                     CTQ_TARGET_IF(__TBM__, _tbm))
#define CTQ_TARGET_AVX                                                                                                 \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__AVXVNNI__, _avxvnni), CTQ_TARGET_IF(__AVXIFMA__, _avxifma),                       \
                     CTQ_TARGET_IF(__AVXVNNIINT8__, _avxvnniint8), CTQ_TARGET_IF(__AVXVNNIINT16__, _avxvnniint16),     \
                     CTQ_TARGET_IF(__AVXNECONVERT__, _avxneconvert), CTQ_TARGET_IF(__AVX10_1__, _avx10),               \
                     CTQ_TARGET_IF(__AVX10_2__, _avx102), CTQ_TARGET_IF(__APX_F__, _apx))
#if defined(__AVX512F__)
#define CTQ_TARGET_AVX512                                                                                              \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__AVX512BW__, _bw), CTQ_TARGET_IF(__AVX512DQ__, _dq),                               \
                     CTQ_TARGET_IF(__AVX512VL__, _vl), CTQ_TARGET_IF(__AVX512CD__, _cd),                               \
                     CTQ_TARGET_IF(__AVX512ER__, _er), CTQ_TARGET_IF(__EVEX512__, _evex512),                           \
                     CTQ_TARGET_IF(__AVX512VNNI__, _vnni), CTQ_TARGET_IF(__AVX512VPOPCNTDQ__, _vpopcntdq))
#define CTQ_TARGET_AVX512_LATER                                                                                        \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__AVX512VBMI__, _vbmi), CTQ_TARGET_IF(__AVX512VBMI2__, _vbmi2),                     \
                     CTQ_TARGET_IF(__AVX512IFMA__, _ifma), CTQ_TARGET_IF(__AVX512BITALG__, _bitalg),                   \
                     CTQ_TARGET_IF(__AVX512BF16__, _bf16), CTQ_TARGET_IF(__AVX512FP16__, _fp16))
#else
#define CTQ_TARGET_AVX512
#define CTQ_TARGET_AVX512_LATER
#endif
#define CTQ_TARGET_SETS                                                                                                \
    CTQ_TARGET_PASTE(CTQ_TARGET_SCALAR, CTQ_TARGET_AMD, CTQ_TARGET_AVX, CTQ_TARGET_AVX512, CTQ_TARGET_AVX512_LATER)

#elif defined(__aarch64__) || defined(__arm__)
#if defined(__ARM_FP)
#define CTQ_TARGET_FLOAT_SIZES CTQ_TARGET_PASTE(_fp, __ARM_FP)
#else
#define CTQ_TARGET_FLOAT_SIZES
#endif
#if defined(__ARM_ARCH_ISA_THUMB)
#define CTQ_TARGET_THUMB CTQ_TARGET_PASTE(_thumb, __ARM_ARCH_ISA_THUMB)
#else
#define CTQ_TARGET_THUMB
#endif
#if defined(__ARM_FEATURE_MVE)
#define CTQ_TARGET_MVE CTQ_TARGET_PASTE(_mve, __ARM_FEATURE_MVE)
#else
#define CTQ_TARGET_MVE
#endif
#if defined(__ARM_FEATURE_SVE_BITS)
#define CTQ_TARGET_SVE_BITS CTQ_TARGET_PASTE(_sve, __ARM_FEATURE_SVE_BITS)
#else
#define CTQ_TARGET_SVE_BITS
#endif
#define CTQ_TARGET_CORE                                                                                                \
    CTQ_TARGET_PASTE(_v, __ARM_ARCH, CTQ_TARGET_IF(__ARM_ARCH_8_1M_MAIN__, _1m), CTQ_TARGET_THUMB,                     \
                     CTQ_TARGET_FLOAT_SIZES, CTQ_TARGET_IF(__ARM_FEATURE_FMA, _fma),                                   \
                     CTQ_TARGET_IF(__ARM_FEATURE_IDIV, _idiv), CTQ_TARGET_IF(__ARM_FEATURE_UNALIGNED, _unaligned))
#define CTQ_TARGET_VECTOR                                                                                              \
    CTQ_TARGET_PASTE(CTQ_TARGET_MVE, CTQ_TARGET_SVE_BITS, CTQ_TARGET_IF(__ARM_FEATURE_SVE2p1, _sve2p1),                \
                     CTQ_TARGET_IF(__ARM_FEATURE_DOTPROD, _dotprod), CTQ_TARGET_IF(__ARM_FEATURE_MATMUL_INT8, _i8mm),  \
                     CTQ_TARGET_IF(__ARM_FEATURE_QRDMX, _qrdmx), CTQ_TARGET_IF(__ARM_FEATURE_COMPLEX, _complex),       \
                     CTQ_TARGET_IF(__ARM_FEATURE_FRINT, _frint))
#define CTQ_TARGET_LATER                                                                                               \
    CTQ_TARGET_PASTE(                                                                                                  \
        CTQ_TARGET_IF(__ARM_FEATURE_FP16_SCALAR_ARITHMETIC, _fp16scalar),                                              \
        CTQ_TARGET_IF(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC, _fp16), CTQ_TARGET_IF(__ARM_FEATURE_FP16_FML, _fp16fml),   \
        CTQ_TARGET_IF(__ARM_FEATURE_BF16_VECTOR_ARITHMETIC, _bf16), CTQ_TARGET_IF(__ARM_FEATURE_MOPS, _mops))
#define CTQ_TARGET_SETS CTQ_TARGET_PASTE(CTQ_TARGET_CORE, CTQ_TARGET_VECTOR, CTQ_TARGET_LATER)

#elif defined(__riscv)
// An extension's macro is its version.
#if defined(__riscv_zba)
#define CTQ_TARGET_ZBA _zba
#else
#define CTQ_TARGET_ZBA
#endif
#if defined(__riscv_zbb)
#define CTQ_TARGET_ZBB _zbb
#else
#define CTQ_TARGET_ZBB
#endif
#if defined(__riscv_zbs)
#define CTQ_TARGET_ZBS _zbs
#else
#define CTQ_TARGET_ZBS
#endif
#if defined(__riscv_zbkb)
#define CTQ_TARGET_ZBKB _zbkb
#else
#define CTQ_TARGET_ZBKB
#endif
#if defined(__riscv_zicond)
#define CTQ_TARGET_ZICOND _zicond
#else
#define CTQ_TARGET_ZICOND
#endif
#if defined(__riscv_zfa)
#define CTQ_TARGET_ZFA _zfa
#else
#define CTQ_TARGET_ZFA
#endif
#if defined(__riscv_zcb)
#define CTQ_TARGET_ZCB _zcb
#else
#define CTQ_TARGET_ZCB
#endif
#if defined(__riscv_zcmp)
#define CTQ_TARGET_ZCMP _zcmp
#else
#define CTQ_TARGET_ZCMP
#endif
#if defined(__riscv_zvbb)
#define CTQ_TARGET_ZVBB _zvbb
#else
#define CTQ_TARGET_ZVBB
#endif
#if defined(__riscv_flen)
#define CTQ_TARGET_FLOAT_BITS CTQ_TARGET_PASTE(_flen, __riscv_flen)
#else
#define CTQ_TARGET_FLOAT_BITS
#endif
#if defined(__riscv_v_min_vlen)
#define CTQ_TARGET_VECTOR_BITS                                                                                         \
    CTQ_TARGET_PASTE(_vlen, __riscv_v_min_vlen, _elen, __riscv_v_elen, _fp, __riscv_v_elen_fp)
#else
#define CTQ_TARGET_VECTOR_BITS
#endif
#define CTQ_TARGET_CORE                                                                                                \
    CTQ_TARGET_PASTE(CTQ_TARGET_IF(__riscv_mul, _mul), CTQ_TARGET_IF(__riscv_div, _div),                               \
                     CTQ_TARGET_IF(__riscv_compressed, _c), CTQ_TARGET_FLOAT_BITS, CTQ_TARGET_ZFA, CTQ_TARGET_ZICOND,  \
                     CTQ_TARGET_ZCB, CTQ_TARGET_ZCMP)
#define CTQ_TARGET_VECTOR CTQ_TARGET_PASTE(CTQ_TARGET_VECTOR_BITS, CTQ_TARGET_ZVBB)
#define CTQ_TARGET_BITS CTQ_TARGET_PASTE(CTQ_TARGET_ZBA, CTQ_TARGET_ZBB, CTQ_TARGET_ZBS, CTQ_TARGET_ZBKB)
#define CTQ_TARGET_SETS CTQ_TARGET_PASTE(CTQ_TARGET_CORE, CTQ_TARGET_BITS, CTQ_TARGET_VECTOR)

#else
#define CTQ_TARGET_SETS
#endif

#define CTQ_TARGET CTQ_TARGET_PASTE(CTQ_TARGET_LEVEL, CTQ_TARGET_SETS)

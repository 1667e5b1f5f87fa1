#pragma once
// Whether this machine runs a test's instructions; tests that it cannot run are skipped.

#include <cstdio>

namespace kernel_test {

inline bool runs(bool supported, const char* name) {
    if (!supported) std::printf("this processor has no %s: its kernels' tests are skipped\n", name);
    return supported;
}

inline bool has_avx2() {
    static const bool supported = runs(__builtin_cpu_supports("avx2"), "AVX2");
    return supported;
}

inline bool has_avx512vnni() {
    static const bool supported = runs(__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
                                           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"),
                                       "AVX-512 VNNI");
    return supported;
}

} // namespace kernel_test

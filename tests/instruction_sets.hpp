#pragma once
// Whether this processor runs code for an instruction set, by its name in cmake/ctqIsa.cmake.
// room: tests | runs on: host | heap: no

#include <cstring>

namespace ctq::test {

/// "portable" runs everywhere. A C string and strcmp: programs call this before their processor is known to run them.
inline bool processor_runs(const char* instruction_set) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (std::strcmp(instruction_set, "avx2") == 0) return avx2;
    if (std::strcmp(instruction_set, "avx512") == 0)
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512vnni");
#endif
    return std::strcmp(instruction_set, "portable") == 0;
}

} // namespace ctq::test

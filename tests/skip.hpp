#pragma once
// A test that this machine cannot run: the program says which and why, and ends with the code that ctest lists as
// "Skipped".
// room: tests | runs on: host | heap: no

#include <cstdio>

namespace ctq::test {

/// What a program that passed all that it could run, but not everything, ends with; ctest's SKIP_RETURN_CODE.
constexpr int skipped_exit_code = 77;

inline bool some_skipped = false;

/// One line: "skipped: avx512: this processor does not have it".
inline void skip(const char* what, const char* why) {
    some_skipped = true;
    std::printf("skipped: %s: %s\n", what, why);
    std::fflush(stdout);
}

} // namespace ctq::test

#pragma once
// How long work takes, for tests of how it grows.

#include <ctime>

namespace ctq::test {

/// Seconds of the processor that `work` takes in this process: what else runs on the machine meanwhile does not count.
template <class Work> double processor_seconds(Work work) {
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

} // namespace ctq::test

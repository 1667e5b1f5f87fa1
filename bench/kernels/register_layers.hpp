#pragma once
// Registers every layer as "<peer>/<layer>" when the program starts.

#include "layers.hpp"
#include "onednn.hpp"

namespace ctq_bench {

inline const bool registered = [] {
    for_each_layer([]<class Node>(const std::string& name) {
        benchmark::RegisterBenchmark(("ctq/" + name).c_str(), time<Node>);
#if defined(CTQ_BENCH_ONEDNN)
        benchmark::RegisterBenchmark(("onednn/" + name).c_str(), time_onednn<Node>);
#endif
    });
    return true;
}();

} // namespace ctq_bench

#include <ctq/host/engine/isa.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace ctq::host;

TEST_CASE("the program's own instruction set always runs, and the best one runs") {
    CHECK(runs(isa::native));
    CHECK(runs(best_isa()));
    CHECK(table_of(isa::native) == nullptr);
    std::set<std::string> names;
    for (const isa each : all_isas) names.insert(std::string(name_of(each)));
    CHECK(names.size() == all_isas.size());
}

#if defined(__x86_64__)
TEST_CASE("the tool has tables for both x86 instruction sets") {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) CHECK(runs(isa::avx2));
    if (__builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw")) CHECK(runs(isa::avx512vnni));
}
#endif

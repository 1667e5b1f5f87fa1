// Emitted headers on every instruction set that has kernels, by both compilers of this machine, with the constants in
// the header, in a file, and in both, and with many of them. What the processor cannot run is compiled and linked, and
// reported as skipped.
#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <emitted/networks.hpp>
#include <instruction_sets.hpp>
#include <skip.hpp>

#include <string>

using namespace ctq;
using namespace ctq::test;

namespace {

/// Three headers of one network in `folder`, `in_header`, `in_file` and `mixed`; one with many weights, `large`,
/// and one with sums of floats, `sequences`.
void put_headers(const scratch_folder& folder) {
    const graph source = depthwise();
    const std::size_t all = report_of(source).weight_bytes;
    const auto put = [&](const std::string& name, std::string weights_file, std::size_t least) {
        const auto made =
            emitted_header(source, {.name = name, .weights_file = std::move(weights_file), .least_in_file = least});
        folder.put(name + ".hpp", made.header);
        folder.put(name + ".weights", made.weights);
        return made.weights.size();
    };
    CHECK(put("in_header", "", 0) == 0);
    CHECK(put("in_file", "in_file.weights", 1) >= all);
    const std::size_t mixed = put("mixed", "mixed.weights", 150); // some kernels' constants on either side
    CHECK(mixed > 0);
    CHECK(mixed < all);
    // 400,000 weights, which x86's kernels reorder: too many for one constant evaluation of clang's.
    folder.put("large.hpp", emitted_header(mlp({784, 516}), {.name = "large"}).header);
    folder.put("sequences.hpp", emitted_header(sequences(), {.name = "sequences"}).header);
}

const std::string main_text = R"(
#include "in_header.hpp"
#include "in_file.hpp"
#include "mixed.hpp"
#include "large.hpp"
#include "sequences.hpp"
#include <cstdio>
template <std::size_t Bytes> struct loaded {
    alignas(ctq::weights_alignment) std::byte bytes[Bytes];
    explicit loaded(const char* name) {
        std::FILE* file = std::fopen(name, "rb");
        if (file == nullptr || std::fread(bytes, 1, Bytes, file) != Bytes) std::puts("cannot read the weights");
        if (file != nullptr) std::fclose(file);
    }
};
static ctq::executor<mixed::model, ctq::policy::small> shared;
int main() {
    static const loaded<in_file::model::file.bytes> whole("in_file.weights");
    static const loaded<mixed::model::file.bytes> part("mixed.weights");
    if (!in_header::selftest()) return 1;
    if (!in_file::selftest(whole.bytes)) return 2;
    if (!mixed::selftest(part.bytes)) return 3;
    if (!large::selftest()) return 5;
    if (!sequences::selftest()) return 6;
    return shared.bind(part.bytes) == ctq::weights_status::ready && mixed::selftest(shared) ? 0 : 4;
}
)";

void check_instruction_set(const std::string& name, const std::string& flags) {
    const scratch_folder folder;
    put_headers(folder);
    folder.put("main.cpp", main_text);
    const std::string in = "cd " + folder.path().string() + " && ";
    for (const compiler& each : compilers()) {
        if (!each.makes_programs) continue;
        CAPTURE(name);
        CAPTURE(each.name);
        const run_result built =
            run_command(in + each.command + strict_flags + own_headers + flags + " -O1 main.cpp -o program", folder);
        CHECK(built.text == "");
        REQUIRE(built.exit_code == 0);
        if (!processor_runs(name.c_str())) {
            skip((name + ", " + each.name).c_str(), "compiled and linked, but this processor cannot run it");
            continue;
        }
        const run_result ran = run_command(in + "./program", folder);
        CHECK(ran.text == "");
        CHECK(ran.exit_code == 0);
    }
}

} // namespace

TEST_SUITE_BEGIN("instruction sets");

TEST_CASE("constants in header, file and both: portable") {
    check_instruction_set("portable", "");
}

#if defined(__x86_64__)
TEST_CASE("constants in header, file and both: avx2") {
    check_instruction_set("avx2", CTQ_ISA_FLAGS_AVX2);
}

TEST_CASE("constants in header, file and both: avx512") {
    check_instruction_set("avx512", CTQ_ISA_FLAGS_AVX512);
}
#endif

TEST_SUITE_END();

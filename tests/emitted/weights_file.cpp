// A model whose weights lie in a binary beside its header: bound, checked, and equal to the tool's results.
#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <emitted/networks.hpp>

#include <string>

using namespace ctq;
using namespace ctq::test;

TEST_CASE("a weights file is checked when it is bound, and gives the tool's results") {
    const scratch_folder folder;
    const graph source = mlp({600, 500, 500, 10});
    const auto inside = emitted_header(source, {.name = "kws"});
    const auto made = emitted_header(source, {.name = "kws", .weights_file = "kws.weights", .least_in_file = 1000});
    CHECK(inside.weights.empty());
    CHECK(made.weights.size() > 555000);
    CHECK(made.header.size() < 20000);
    folder.put("kws.hpp", made.header);
    folder.put("kws.weights", made.weights);
    folder.put("main.cpp", R"(
#include "kws.hpp"
#include <cstdio>
#include <vector>
using status = ctq::weights_status;
static kws::executor net;
static ctq::executor<kws::model, ctq::policy::small, ctq::kernels::scalar> small_net;
alignas(64) static std::byte bytes[kws::model::file.bytes + 1];
int main() {
    std::FILE* file = std::fopen("kws.weights", "rb");
    if (file == nullptr || std::fread(bytes, 1, sizeof bytes, file) != kws::model::file.bytes) return 1;
    const std::span<const std::byte> all(bytes, kws::model::file.bytes);
    if (net.bind(all.first(99)) != status::wrong_size) return 2;
    if (net.bind({bytes + 1, kws::model::file.bytes}) != status::misaligned) return 3;
    bytes[12345] ^= std::byte{64};
    if (net.bind(all) != status::damaged || kws::selftest(all)) return 4;
    bytes[12345] ^= std::byte{64};
    if (net.bind(all) != status::ready || !kws::selftest(net) || !kws::selftest(all)) return 5;
    if (small_net.bind(all) != status::ready || !kws::selftest(small_net)) return 6;
    const kws::executor copy = net;
    net = copy;
    return kws::selftest(net) ? 0 : 7;
}
)");
    for (const compiler& each : compilers()) {
        CAPTURE(each.name);
        const std::string compile =
            "cd " + folder.path().string() + " && " + each.command + strict_flags + own_headers + "-O1 main.cpp ";
        if (!each.makes_programs) {
            const run_result built = run_command(compile + "-c", folder);
            CHECK(built.text == "");
            CHECK(built.exit_code == 0);
            continue;
        }
        for (const std::string machine : {"", "-march=native "}) {
            const run_result built = run_command(compile + machine + "-o program && ./program", folder);
            CHECK(built.text == "");
            CHECK(built.exit_code == 0);
        }
    }
}

TEST_CASE("twenty-five million weights") {
    const scratch_folder folder;
    const auto made = emitted_header(mlp({5000, 5000, 10}), {.name = "big", .weights_file = "big.weights"});
    CHECK(made.weights.size() > 25000000);
    folder.put("big.hpp", made.header);
    folder.put("main.cpp", R"(
#include "big.hpp"
#include <cstdio>
#include <vector>
static std::vector<std::byte> bytes(big::model::file.bytes);
int main() {
    std::FILE* file = std::fopen("big.weights", "rb");
    if (file == nullptr || std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) return 1;
    return big::selftest(bytes) ? 0 : 2;
}
)");
    folder.put("big.weights", made.weights);
    const run_result built = run_command("cd " + folder.path().string() + " && g++ -std=c++20 -O2 " + own_headers +
                                             "main.cpp -o program && ./program",
                                         folder);
    CHECK(built.text == "");
    CHECK(built.exit_code == 0);
    CHECK(built.cpu_seconds < 20);
}

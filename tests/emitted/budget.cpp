// What an emitted header may cost: 250,000 weights, or 280 layers, within 5 times what std::regex costs and 1.5 GB on
// every compiler; nothing of the graph, no float code, nothing of another element type and nothing that runs before
// main in a microcontroller's flash, whichever the executor's policy.
#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <emitted/networks.hpp>
#include <skip.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

/// A function `infer<ending>` that runs an executor of the network `name`.
std::string inference_of(const std::string& name, const std::string& executor, const std::string& ending = "") {
    return "#include \"" + name + ".hpp\"\nstatic " + executor + " net" + ending + ";\nvoid infer" + ending +
           "(const std::int8_t* in, std::int8_t* out);\nvoid infer" + ending +
           "(const std::int8_t* in, std::int8_t* out) {\n    net" + ending +
           ".run_quantized(std::span<const std::int8_t, " + name + "::input_size>(in, " + name +
           "::input_size),\n        std::span<std::int8_t, " + name + "::output_size>(out, " + name +
           "::output_size));\n}\n";
}

/// The same for branches(), with two inputs and two outputs.
std::string inference_of_branches(const std::string& executor, const std::string& ending = "") {
    return "#include \"branches.hpp\"\nstatic " + executor + " net" + ending + ";\nvoid infer" + ending +
           "(const std::int8_t (&left)[144], const std::int8_t (&right)[144], std::int8_t (&classes)[6], std::int8_t "
           "(&sum)[144]);\nvoid infer" +
           ending +
           "(const std::int8_t (&left)[144], const std::int8_t (&right)[144], std::int8_t (&classes)[6], std::int8_t "
           "(&sum)[144]) {\n    net" +
           ending + ".run_quantized(left, right, classes, sum);\n}\n";
}

void put_model(const scratch_folder& folder, const std::string& name, const graph& source) {
    folder.put(name + ".hpp", emitted_header(source, {.name = name}).header);
    folder.put(name + ".cpp", inference_of(name, name + "::executor"));
}

/// The functions by which Arm's processors compute with floats that they have no registers for, as nm names them:
/// arithmetic and comparisons of single, double and half precision, conversions from and to integers.
std::string soft_float_calls(const std::string& nm, const scratch_folder& folder) {
    return run_command(nm + " | grep -oE '__aeabi_([fdh]|c[fd]|u?[il]2[fd])[a-z0-9]*' | sort -u", folder).text;
}

/// The signatures that the names of an object's symbols have in them, as nm -C writes them.
std::set<std::string> signatures_in(const std::string& symbols) {
    constexpr std::string_view begins = "signature{";
    std::set<std::string> found;
    for (std::size_t at = symbols.find(begins); at != std::string::npos; at = symbols.find(begins, at + 1))
        found.insert(symbols.substr(at, symbols.find('}', at) + 1 - at));
    return found;
}

/// What this machine takes, under its present load, for something that everybody has compiled: about 6 s, whichever of
/// the compilers does it.
double yardstick_seconds(const compiler& with, const scratch_folder& folder) {
    folder.put("yardstick.cpp", "#include <regex>\nbool found(const std::string& text, const std::string& pattern) "
                                "{ return std::regex_search(text, std::regex(pattern)); }\n");
    const std::string in = "cd " + folder.path().string() + " && ";
    const run_result built = run_command(in + with.command + " -std=c++20 -O2 -c yardstick.cpp", folder);
    REQUIRE(built.exit_code == 0);
    return built.cpu_seconds;
}

} // namespace

TEST_CASE("a quarter of a million weights and more compile within the budget") {
    const scratch_folder folder;
    put_model(folder, "lenet", lenet());
    put_model(folder, "wide", mlp({12, 20000, 1}));
    put_model(folder, "large", mlp({1024, 1024}));
    put_model(folder, "deep", chain(280)); // more than the 256 that clang folds over
    const std::vector<compiler> all = compilers();
    REQUIRE(!all.empty());
    const double yardstick = yardstick_seconds(all.front(), folder);
    for (const compiler& each : all)
        for (const std::string name : {"lenet", "wide", "large", "deep"}) {
            CAPTURE(each.name);
            CAPTURE(name);
            if (!each.makes_programs && name != "lenet") continue; // the limits are the front ends' of the first two
            const run_result built = run_command("cd " + folder.path().string() + " && " + each.command + strict_flags +
                                                     own_headers + "-O2 -c " + name + ".cpp",
                                                 folder);
            CHECK(built.text == "");
            REQUIRE(built.exit_code == 0);
            MESSAGE(each.name << " " << name << ": " << built.cpu_seconds << " s (yardstick " << yardstick << " s), "
                              << built.megabytes << " MB");
            CHECK(built.cpu_seconds < 5 * yardstick);
            CHECK(built.megabytes < 1500);
        }
}

TEST_CASE("flash holds the kernels and the constants, nothing of the graph") {
    if (!installed("arm-none-eabi-g++")) return ctq::test::skip("flash", "arm-none-eabi-g++ is not installed");
    const scratch_folder folder;
    put_model(folder, "depthwise", depthwise());
    folder.put("small.cpp", inference_of("depthwise", "ctq::executor<depthwise::model, ctq::policy::small>", "_small"));
    const std::string in = "cd " + folder.path().string() + " && ";
    const auto compile = [&](const std::string& name, const std::string& level) {
        REQUIRE(run_command(in + "arm-none-eabi-g++ -mcpu=cortex-m4 -mthumb -fno-threadsafe-statics" + strict_flags +
                                own_headers + level + " -c " + name + ".cpp",
                            folder)
                    .exit_code == 0);
    };
    const auto float_calls_of = [&](const std::string& name) {
        return soft_float_calls(in + "arm-none-eabi-nm " + name + ".o", folder);
    };
    folder.put("product.cpp", "float product(float a, float b) { return a * b; }\n");
    compile("product", "-Os");
    REQUIRE(float_calls_of("product") == "__aeabi_fmul\n"); // so that none below means none
    for (const std::string image : {"depthwise", "small"})
        for (const std::string level : {"-Os", "-O2"}) {
            CAPTURE(image);
            CAPTURE(level);
            compile(image, level);
            const std::string symbols = run_command(in + "arm-none-eabi-nm -C " + image + ".o", folder).text;
            REQUIRE(symbols.find("depthwise::weights::") != std::string::npos);
            for (const std::string_view unwanted :
                 {"model::values", "model::nodes", "value_constants", "model_plan", "guard variable", "_GLOBAL__sub",
                  "__cxa", "golden", "node_constants", "memcpy"}) {
                // Where layers share code, what tells them apart, a node's attributes, is data.
                if (image == "small" && (unwanted == "node_constants" || unwanted == "memcpy")) continue;
                CAPTURE(unwanted);
                CHECK(symbols.find(unwanted) == std::string::npos);
            }
            CHECK(float_calls_of(image) == "");
            CHECK(content_of(folder / (image + ".o")).find("layer one") == std::string::npos);
            const std::string sections = run_command(in + "arm-none-eabi-size -A " + image + ".o", folder).text;
            CHECK(sections.find("init_array") == std::string::npos);
        }
}

TEST_CASE("a network of 8-bit integers links no code for another signature, under small too") {
    const scratch_folder folder;
    const std::string in = "cd " + folder.path().string() + " && ";
    folder.put("depthwise.hpp", emitted_header(depthwise(), {.name = "depthwise"}).header);
    folder.put("branches.hpp", emitted_header(branches(), {.name = "branches"}).header);
    const std::string small = ", ctq::policy::small>";
    const auto check = [&](const std::string& program, const std::string& level) {
        CAPTURE(program);
        CAPTURE(level);
        folder.put("program.cpp", program);
        for (const compiler& each : compilers()) {
            CAPTURE(each.name);
            const std::string compile = each.command + strict_flags + own_headers + level + " -c program.cpp";
            REQUIRE(run_command(in + compile, folder).text == "");
            const std::string symbols = run_command(in + "nm -C program.o", folder).text;
            const std::set<std::string> found = signatures_in(symbols);
            CHECK(found.size() <= 1);
            if (level == "-O0") CHECK(found.size() == 1); // nothing is inlined
            for (const char* of_16_bits : {"softmax_int16", "logistic_int16", "interpolated_table"})
                CHECK(symbols.find(of_16_bits) == std::string::npos);
        }
    };
    const std::string depthwise_twice = inference_of("depthwise", "depthwise::executor") +
                                        inference_of("depthwise", "ctq::executor<depthwise::model" + small, "_small");
    check(depthwise_twice, "-O0");
    check(depthwise_twice, "-Os");
    check(inference_of_branches("branches::executor") +
              inference_of_branches("ctq::executor<branches::model" + small, "_small"),
          "-O0");
}

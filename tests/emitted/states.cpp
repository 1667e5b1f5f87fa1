// A header of a network with states: over a sequence of calls, with a reset in the middle, it gives the tool's results.
#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <emitted/networks.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

/// int8 inputs of so many calls, the same everywhere.
std::vector<std::vector<constant>> inputs_of(const graph& source, int calls) {
    std::vector<std::vector<constant>> all(static_cast<std::size_t>(calls));
    std::uint32_t state = 5;
    for (auto& call : all)
        for (const port& input : source.inputs) {
            std::vector<std::int8_t> elements(source.value_at(input.value).facts.elements());
            for (std::int8_t& each : elements) {
                state = state * 1664525U + 1013904223U;
                each = static_cast<std::int8_t>(state >> 24);
            }
            call.emplace_back(std::move(elements));
        }
    return all;
}

/// "{{{1, 2}, {3}}, ...}": for each call the elements of each tensor.
std::string text_of(const std::vector<std::vector<constant>>& calls) {
    std::string out;
    for (const auto& call : calls) {
        out += "{";
        for (const constant& each : call) {
            out += "{";
            for (const std::int8_t integer : each.as<std::int8_t>()) out += std::to_string(integer) + ", ";
            out += "}, ";
        }
        out += "},\n";
    }
    return "{" + out + "}";
}

/// A program that runs executors of `name`.hpp over calls; `arguments`: those of run_quantized, for call i.
std::string program_of(const std::string& name, const std::string& arguments, const std::string& results) {
    return "#include \"" + name + R"(.hpp"
#include <vector>
using calls = std::vector<std::vector<std::vector<std::int8_t>>>;
)" + results +
           R"(
template <class Net> bool goes_on(Net& net) {
    calls made = wanted;
    for (std::size_t i = 0; i < wanted.size(); ++i) net.run_quantized()" +
           arguments + R"();
    return made == wanted;
}
template <class Policy, class Architecture> bool check() {
    ctq::executor<)" +
           name + R"(::model, Policy, Architecture> net;
    if (!goes_on(net) || goes_on(net)) return false; // the second time it begins where it stood
    net.reset();
    return goes_on(net) && )" +
           name + R"(::selftest(net);
}
int main() {
    if (!)" +
           name +
           R"(::selftest()) return 1;
    if (!check<ctq::policy::fast, ctq::kernels::native>()) return 2;
    if (!check<ctq::policy::small, ctq::kernels::native>()) return 3;
    return check<ctq::policy::fast, ctq::kernels::scalar>() ? 0 : 4;
}
)";
}

void check_programs(const scratch_folder& folder) {
    for (const compiler& each : compilers()) {
        CAPTURE(each.name);
        if (!each.makes_programs) continue;
        for (const std::string machine : {"", "-march=native "}) {
            const run_result built =
                run_command("cd " + folder.path().string() + " && " + each.command + strict_flags + own_headers +
                                "-O1 main.cpp " + machine + "-o program && ./program",
                            folder);
            CHECK(built.text == "");
            CHECK(built.exit_code == 0);
        }
    }
}

} // namespace

TEST_CASE("states: a recurrent network goes on from call to call, and begins anew after reset()") {
    const scratch_folder folder;
    const graph source = recurrent();
    const auto made = emitted_header(source, {.name = "rnn"});
    CHECK(made.header.find("ctq::state(\"h\", ") != std::string::npos);
    CHECK(made.header.find("net.reset();") != std::string::npos);
    CHECK(made.header.find("// forgets what earlier runs left: h, the sum") != std::string::npos);
    folder.put("rnn.hpp", made.header);
    const auto inputs = inputs_of(source, 6);
    folder.put("main.cpp", program_of("rnn", "given[i][0], made[i][0], made[i][1]",
                                      "const calls given " + text_of(inputs) + ";\nconst calls wanted " +
                                          text_of(outputs_of_calls(source, inputs)) + ";\n"));
    check_programs(folder);
}

TEST_CASE("states: a network without inputs") {
    const scratch_folder folder;
    const graph source = counter();
    folder.put("counts.hpp", emitted_header(source, {.name = "counts"}).header);
    folder.put("main.cpp",
               program_of("counts", "made[i][0]",
                          "const calls wanted " + text_of(outputs_of_calls(source, inputs_of(source, 4))) + ";\n"));
    check_programs(folder);
}

TEST_CASE("states: their initial values stay in the header where weights go to a file") {
    const graph source = recurrent();
    const auto made = emitted_header(source, {.name = "rnn", .weights_file = "rnn.weights", .least_in_file = 1});
    CHECK(made.weights.size() > 0);
    CHECK(made.header.find("inline constexpr std::int8_t h_initial[] = ") != std::string::npos);
}

TEST_CASE("states: a model without them says nothing of them") {
    const std::string header = emitted_header(mlp({4, 3}), {.name = "kws"}).header;
    CHECK(header.find("state(") == std::string::npos);
    CHECK(header.find("reset") == std::string::npos);
}

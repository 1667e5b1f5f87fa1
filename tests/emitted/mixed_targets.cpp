// One model in two translation units, one of them compiled for more instructions than an old processor has: the linker
// must not take that one's copy of a function for both, in whichever order they are linked.
#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <emitted/networks.hpp>
#include <skip.hpp>

#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

/// The functions and variables of which the linker keeps one copy for the whole program, as nm shows them.
std::set<std::string> merged_symbols(const std::string& nm_lines) {
    std::set<std::string> found;
    std::istringstream lines(nm_lines);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t kind = line.find_first_not_of(' ', line.find(' ', line.find_first_not_of(' ')));
        if (kind != std::string::npos && std::string_view("WVu").find(line[kind]) != std::string_view::npos)
            found.insert(line.substr(kind + 2));
    }
    return found;
}

std::string unit(const std::string& name) {
    return "#include \"branches.hpp\"\n#include \"depthwise.hpp\"\n"
           "int check_" +
           name + "();\nint check_" + name +
           "() {\n"
           "    static ctq::executor<depthwise::model, ctq::policy::small> shared;\n"
           "    return branches::selftest() && depthwise::selftest() && depthwise::selftest(shared) ? 0 : 1;\n}\n";
}

constexpr const char* main_of_both = R"(
int check_plain();
int check_wide();
int main(int arguments, char**) { return arguments > 1 ? check_wide() : check_plain(); }
)";

/// What ctq calls the instructions that a compiler may use with these flags.
std::string target_of(const scratch_folder& folder, const std::string& compiler_with_flags) {
    folder.put("target.cpp", "#include <ctq/core/target.hpp>\ntarget: CTQ_TARGET\n");
    return run_command("cd " + folder.path().string() + " && " + compiler_with_flags + own_headers +
                           "-E target.cpp | grep ^target:",
                       folder)
        .text;
}

#if defined(__x86_64__)
const std::string old_processor = "qemu-x86_64 -cpu Nehalem ";
const std::vector<std::string> all_wide_flags{"-march=haswell ", "-march=native "};
#else
const std::string old_processor;
const std::vector<std::string> all_wide_flags{"-march=native "};
#endif

} // namespace

TEST_CASE("two translation units for different instructions share no function and no variable that holds code") {
    const scratch_folder folder;
    folder.put("branches.hpp", emitted_header(branches(), {.name = "branches"}).header);
    folder.put("depthwise.hpp", emitted_header(depthwise(), {.name = "depthwise"}).header);
    folder.put("plain.cpp", unit("plain"));
    folder.put("wide.cpp", unit("wide"));
    folder.put("main.cpp", main_of_both);
    const std::string in = "cd " + folder.path().string() + " && ";
    for (const compiler& each : compilers()) {
        if (!each.makes_programs) continue;
        CAPTURE(each.name);
        const std::string compile = in + each.command + strict_flags + own_headers + "-O1 -c ";
        REQUIRE(run_command(compile + "main.cpp", folder).exit_code == 0);
        REQUIRE(run_command(compile + "plain.cpp", folder).text == "");
        const auto plain = merged_symbols(run_command(in + "nm -C plain.o", folder).text);
        CHECK(!plain.empty());

        for (const std::string& wide_flags : all_wide_flags) {
            CAPTURE(wide_flags);
            REQUIRE(run_command(compile + wide_flags + "wide.cpp", folder).text == "");
            const std::string target = target_of(folder, each.command + wide_flags);
            REQUIRE(target.starts_with("target: "));
            if (target != target_of(folder, each.command)) {
                const auto wide = merged_symbols(run_command(in + "nm -C wide.o", folder).text);
                for (const std::string& symbol : plain) {
                    CAPTURE(symbol);
                    if (symbol.find("::weights::") == std::string::npos && symbol.find("ctq::") != std::string::npos)
                        CHECK(wide.count(symbol) == 0);
                }
            } else { // an old machine: the two units may share what they like, and -march=haswell alone is the test
                REQUIRE(wide_flags == "-march=native ");
                MESSAGE(each.name << ": -march=native allows no more than the compiler does of its own accord");
            }
            for (const std::string objects : {"plain.o wide.o", "wide.o plain.o"}) {
                CAPTURE(objects);
                REQUIRE(run_command(in + each.command + "main.o " + objects + " -o program", folder).exit_code == 0);
                if (wide_flags == "-march=native ") CHECK(run_command(in + "./program wide", folder).exit_code == 0);
                if (!old_processor.empty() && !installed("qemu-x86_64")) {
                    skip(each.name.c_str(), "linked, but qemu-x86_64 is not installed");
                    continue;
                }
                const run_result ran = run_command(in + old_processor + "./program", folder);
                CHECK(ran.text == "");
                CHECK(ran.exit_code == 0);
            }
        }
    }
}

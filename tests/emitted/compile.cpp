// Emitted headers compile with all four compilers, strictly, with ctq's headers or with the single header alone,
// several in one program; and what comes out computes what the tool computed.
#include <doctest/doctest.h>
#include <emitted/build.hpp>
#include <emitted/networks.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

/// A header in a folder, and lines of a program that includes it.
struct checked_program {
    std::string includes, checks;

    void add(const scratch_folder& folder, const std::string& name, const graph& source,
             decltype(emitted_header)& emit = emitted_header) {
        const host::emit::emitted made = emit(source, {.name = name, .source = "folder/" + name + ".onnx"});
        CHECK(made.weights.empty());
        folder.put(name + ".hpp", made.header);
        const std::size_t ram = report_of(source).ram_bytes;
        includes += "#include \"" + name + ".hpp\"\n";
        includes += "static_assert(ctq::executor<" + name +
                    "::model, ctq::policy::fast, ctq::kernels::scalar>::ram_bytes == " + std::to_string(ram) + ");\n";
        checks += "    if (!" + name + "::selftest()) return " + std::to_string(++count_) + ";\n";
        checks += "    static ctq::executor<" + name + "::model, ctq::policy::small> small_" + name + ";\n";
        checks += "    if (!" + name + "::selftest(small_" + name + ")) return " + std::to_string(++count_) + ";\n";
    }

    std::string text() const { return includes + "int check();\nint check() {\n" + checks + "    return 0;\n}\n"; }

  private:
    int count_ = 0;
};

checked_program all_networks(const scratch_folder& folder) {
    checked_program p;
    p.add(folder, "lenet", lenet());
    p.add(folder, "depthwise", depthwise());
    p.add(folder, "branches", branches());
    p.add(folder, "island", island());
    p.add(folder, "picked", picked());
    p.add(folder, "hostile", hostile_names());
    p.add(folder, "doubled", double_rounded(), emitted_double_rounding);
    p.add(folder, "mixed", two_roundings(), emitted_two_roundings);
    p.add(folder, "four_rules", of_four_rules(), emitted_four_rules);
    p.add(folder, "int16", of_int16(), emitted_int16x8);
    p.add(folder, "measured", of_dynamic(), emitted_dynamic);
    p.add(folder, "recurrent", recurrent());
    p.add(folder, "counter", counter());
    p.add(folder, "typed_ports", typed_ports());
    p.add(folder, "sequences", sequences());
    return p;
}

} // namespace

TEST_CASE("every compiler takes every header, and each program reproduces the tool's results") {
    const scratch_folder folder;
    const checked_program p = all_networks(folder);
    folder.put("check.cpp", p.text());
    folder.put("other.cpp", p.includes + "int other();\nint other() { return 0; }\n");
    folder.put("main.cpp", "int check();\nint other();\nint main() { return check() + other(); }\n");
    for (const compiler& each : compilers()) {
        CAPTURE(each.name);
        const std::string in = "cd " + folder.path().string() + " && ";
        const std::string compile = each.command + strict_flags + own_headers;
        const run_result built = run_command(in + compile + "-O2 -c check.cpp", folder);
        CHECK(built.text == "");
        REQUIRE(built.exit_code == 0);
        if (!each.makes_programs) continue;
        const run_result linked =
            run_command(in + compile + "-O0 other.cpp main.cpp check.o -o program && ./program", folder);
        CHECK(linked.text == "");
        CHECK(linked.exit_code == 0);
    }
}

TEST_CASE("the single header beside a model is enough") {
    const scratch_folder folder;
    checked_program p;
    p.add(folder, "depthwise", depthwise());
    p.add(folder, "branches", branches());
    folder.put("check.cpp", p.text() + "int main() { return check(); }\n");
    const std::string in = "cd " + folder.path().string() + " && ";
    REQUIRE(run_command(in + "mkdir -p path/ctq && " CTQ_SOURCE_DIR "/script/amalgamate -o path/ctq/ctq.hpp", folder)
                .exit_code == 0);
    for (const compiler& each : compilers()) {
        CAPTURE(each.name);
        const std::string compile = each.command + strict_flags;
        const std::string rest = each.makes_programs ? "check.cpp -o program && ./program" : "-c check.cpp";
        const run_result on_path = run_command(in + "rm -f ctq.hpp && " + compile + "-I path " + rest, folder);
        CHECK(on_path.text == "");
        CHECK(on_path.exit_code == 0);
        const run_result beside = run_command(in + "cp path/ctq/ctq.hpp . && " + compile + rest, folder);
        CHECK(beside.text == "");
        CHECK(beside.exit_code == 0);
    }
}

TEST_CASE("of the single header a model takes its operators alone; who includes it whole has all, before and after") {
    const scratch_folder folder;
    checked_program p;
    p.add(folder, "mlp", mlp({4, 3}));
    const std::string whole = "#define CTQ_FIRMWARE_ONLY\n#include \"ctq.hpp\"\n";
    const std::string other = "ctq::op::gru other;\n", end = "int main() { return check(); }\n";
    folder.put("alone.cpp", p.includes + other + "int main() {}\n");
    folder.put("before.cpp", whole + other + p.text() + end);
    folder.put("after.cpp", p.text() + whole + other + end);
    const std::string in =
        "cd " + folder.path().string() + " && cp " CTQ_SOURCE_DIR "/single_include/ctq/ctq.hpp . && ";
    const std::string compile = in + "g++ -std=c++20 ";
    const run_result alone = run_command(compile + "-fsyntax-only alone.cpp", folder);
    CHECK(alone.text.find("\u2018gru\u2019 in namespace") != std::string::npos);
    for (const std::string source : {"before.cpp", "after.cpp"}) {
        const run_result made = run_command(compile + source + " -o program && ./program", folder);
        CHECK(made.text == "");
        CHECK(made.exit_code == 0);
    }
}

TEST_CASE("a wrong use of a header is said in one line") {
    const scratch_folder folder;
    const std::string header = emitted_header(mlp({4, 3}), {.name = "kws"}).header;
    const std::string with_own_operators = emitted_header(island(), {.name = "kws"}).header;
    const auto changed = [](std::string text, std::string_view from, std::string_view to) {
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    struct misuse {
        std::string header, flags, wanted;
    };
    const std::vector<misuse> all{
        {header, "-std=c++17" + own_headers, "ctq: kws.hpp: C++20 is required"},
        {header, "-std=c++20", "ctq: kws.hpp: ctq's headers are required"},
        {changed(header, "CTQ_VERSION_MINOR != ", "CTQ_VERSION_MINOR != 99"), "-std=c++20" + own_headers,
         "ctq: kws.hpp: made for ctq"},
        {changed(with_own_operators, "CTQ_VERSION_MINOR != ", "CTQ_VERSION_MINOR != 99"),
         "-std=c++20 -I " CTQ_SOURCE_DIR "/include", "ctq: kws.hpp: made for ctq"},
        {changed(header, "weight_bytes = ", "weight_bytes = 1"), "-std=c++20" + own_headers,
         "ctq: kws.hpp: the constants were edited by hand"},
    };
    for (const compiler& each : compilers()) {
        if (!each.makes_programs) continue;
        for (const misuse& m : all) {
            CAPTURE(each.name);
            CAPTURE(m.wanted);
            folder.put("kws.hpp", m.header);
            const bool alone = m.flags == "-std=c++20";
            folder.put("use.cpp", "#include \"kws.hpp\"\n");
            const run_result built = run_command("cd " + folder.path().string() + " && " + each.command +
                                                     " -fsyntax-only " + m.flags + " use.cpp",
                                                 folder);
            CHECK(built.exit_code != 0);
            const std::size_t error = built.text.find("error:");
            REQUIRE(error != std::string::npos);
            CHECK(built.text.substr(error, built.text.find('\n', error) - error).find(m.wanted) != std::string::npos);
            if (!alone) CHECK(built.text.find("error:", error + 1) == std::string::npos);
        }
    }
}

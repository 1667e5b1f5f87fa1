#include "../onnx_builder.hpp"
#include "../scratch.hpp"

#include <ctq/host/onnx/read.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;
namespace fs = std::filesystem;

namespace {

// A model of one external tensor of two floats, in the folder; returns its path.
std::string put_model(const ctq::test::scratch_folder& folder, const build::names& entries) {
    build::graph_parts parts = build::dense();
    parts.initializers.push_back(build::external_tensor("e", {2}, entries));
    return folder.put("m.onnx", build::model(build::graph(parts)).str());
}

ctq::test::outcome reading_external(const ctq::test::scratch_folder& folder, const build::names& entries) {
    const std::string path = put_model(folder, entries);
    return ctq::test::outcome_of([&] { static_cast<void>(onnx::read(path)); });
}

const std::string two_floats = "\0\0\x80\x3F\0\0\0\xC0"s;

} // namespace

TEST_CASE("external_data: legal references are read") {
    const ctq::test::scratch_folder folder;
    folder.put("w.bin", two_floats + two_floats);
    fs::create_directory(folder / "sub");
    folder.put("sub/w.bin", two_floats);
    folder.put("odd.bin", "abc" + two_floats + "d");
    const std::vector<build::names> references = {{"location", "w.bin", "length", "8"},
                                                  {"location", "w.bin"},
                                                  {"location", "odd.bin", "offset", "3", "length", "8"},
                                                  {"location", "odd.bin", "offset", "3"},
                                                  {"location", "./w.bin", "offset", "8", "length", "8"},
                                                  {"location", "sub/w.bin", "offset", "0", "checksum", "00"}};
    for (const build::names& entries : references) {
        const onnx::model m = onnx::read(put_model(folder, entries));
        CHECK(m.graph.initializers.back().floats == std::vector<float>{1, -2});
        CHECK(m.graph.initializers.back().external);
        CHECK(m.warnings.empty());
    }
}

TEST_CASE("external_data: everything that could reach outside the folder is refused") {
    const ctq::test::scratch_folder folder;
    fs::create_directory(folder / "sub");
    fs::create_directory(folder / "real");
    folder.put("w.bin", two_floats);
    folder.put("real/w.bin", two_floats);
    folder.put("first", two_floats);
    fs::create_symlink("w.bin", folder / "link.bin");
    fs::create_symlink("real", folder / "link");
    fs::create_hard_link(folder / "first", folder / "second");
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    struct row {
        std::string location;
        const char* text;
    };
    const row rows[] = {{"../w.bin", "leaves the model's folder"},
                        {"sub/../../w.bin", "leaves the model's folder"},
                        {"sub/../w.bin", "leaves the model's folder"},
                        {folder / "w.bin", "is not a relative path"},
                        {"C:\\w.bin", "is not a relative path"},
                        {"C:w.bin", "is not a relative path"},
                        {"sub\\w.bin", "is not a relative path"},
                        {"", "the location is empty"},
                        {".", "names no file"},
                        {std::string("w.bin\0x", 7), "NUL"},
                        {"none.bin", "cannot be opened: No such file"},
                        {"link.bin", "'link.bin' is a symbolic link"},
                        {"link/w.bin", "'link' is a symbolic link"},
                        {"second", "is a hard link (2 names)"},
                        {"m.onnx", "is the model file itself"},
                        {"sub", "is a directory"},
                        {"fifo", "is a FIFO"},
                        {"w.bin/x", "Not a directory"}};
    for (const row& r : rows) {
        const auto result = reading_external(folder, {"location", r.location, "length", "8"});
        CHECK_MESSAGE(result.number() == 3, r.location);
        CHECK_MESSAGE(result.says(r.text), result.text);
        CHECK(result.says("m.onnx: initializer 'e': external data '"));
    }
}

TEST_CASE("external_data: offsets and lengths are checked against the file and the shape") {
    const ctq::test::scratch_folder folder;
    folder.put("w.bin", two_floats + two_floats);
    struct row {
        const char* offset;
        const char* length;
        const char* text;
    };
    const row rows[] = {{"-1", "8", "offset '-1' is not a number of bytes"},
                        {"0x8", "8", "offset '0x8' is not"},
                        {"", "8", "offset '' is not"},
                        {" 8", "8", "offset ' 8' is not"},
                        {"99999999999999999999", "8", "is not a number of bytes"},
                        {"17", "8", "offset 17 lies behind the file's 16 bytes"},
                        {"11", "8", "offset 11 and 8 bytes reach behind the file's 16 bytes"},
                        {"12", "8", "offset 12 and 8 bytes reach behind the file's 16 bytes"},
                        {"0", "-1", "length '-1' is not"},
                        {"0", "1152921504606846976", "length 1152921504606846976 differs from the 8 bytes"},
                        {"8", "18446744073709551615", "length 18446744073709551615 differs"},
                        {"0", "7", "length 7 differs from the 8 bytes"}};
    for (const row& r : rows) {
        const auto result = reading_external(folder, {"location", "w.bin", "offset", r.offset, "length", r.length});
        CHECK_MESSAGE(result.number() == 3, r.text);
        CHECK_MESSAGE(result.says(r.text), result.text);
    }
}

TEST_CASE("external_data: keys") {
    const ctq::test::scratch_folder folder;
    folder.put("w.bin", two_floats);
    const onnx::model m = onnx::read(put_model(folder, {"location", "w.bin", "__class__", "x"}));
    REQUIRE(m.warnings.size() == 1);
    CHECK(m.warnings[0].find("key '__class__' is not known and is ignored") != std::string::npos);
    CHECK(reading_external(folder, {"location", "w.bin", "location", "w.bin"}).says("key 'location' is given twice"));
    build::names many{"location", "w.bin"};
    for (int i = 0; i < 40; ++i) many.insert(many.end(), {message("k", i), "v"});
    CHECK(reading_external(folder, many).says("more than 32 entries"));
    CHECK(reading_external(folder, {}).says("the location is empty"));
}

TEST_CASE("external_data: elements in both places are refused; huge shapes allocate nothing") {
    const ctq::test::scratch_folder folder;
    folder.put("w.bin", two_floats);
    build::graph_parts parts = build::dense();
    parts.initializers.push_back(build::external_tensor("e", {2}, {"location", "w.bin"}).floats(4, {1, 2}));
    parts.initializers.push_back(build::external_tensor("h", {1 << 30, 1 << 29}, {"location", "w.bin"}));
    const std::string path = folder.put("m.onnx", build::model(build::graph(parts)).str());
    const auto result = ctq::test::outcome_of([&] { static_cast<void>(onnx::read(path)); });
    CHECK(result.number() == 3);
    CHECK(result.says("initializer 'e': has elements in the model and in an external file"));
    CHECK(result.says("initializer 'h'"));
}

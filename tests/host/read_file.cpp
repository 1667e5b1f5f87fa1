#include "scratch.hpp"

#include <ctq/host/read_file.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

using namespace ctq::host;
using ctq::test::outcome_of;
using ctq::test::scratch_folder;

namespace {

ctq::test::outcome reading_file(const std::string& path, std::uint64_t limit = default_file_limit) {
    return outcome_of([&] { static_cast<void>(read_file(path, limit)); });
}

} // namespace

TEST_CASE("read_file: reads all bytes of a regular file") {
    const scratch_folder folder;
    std::string bytes(300'000, 'a');
    bytes[1000] = '\0';
    CHECK(read_file(folder.put("f", bytes)) == bytes);
    CHECK(read_file(folder.put("empty", "")).empty());
}

TEST_CASE("read_file: everything else is refused with its reason, and at once") {
    const scratch_folder folder;
    REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
    struct row {
        std::string path;
        const char* text;
    };
    const row rows[] = {{folder.path().string(), "is a directory"},
                        {folder / "fifo", "is a FIFO"},
                        {"/dev/zero", "is a device"},
                        {"/dev/null", "is a device"},
                        {folder / "none", "cannot be opened: No such file"},
                        {"", "is empty; give a path"},
                        {std::string("a\0b", 3), "a\\x00b: has a NUL"},
                        {folder / std::string(300, 'n'), "File name too long"}};
    for (const row& r : rows) {
        const auto result = reading_file(r.path);
        CHECK_MESSAGE(result.number() == 3, r.path);
        CHECK_MESSAGE(result.says(r.text), result.text);
    }
}

TEST_CASE("read_file: an unreadable file is refused") {
    const scratch_folder folder;
    const std::string path = folder.put("secret", "x");
    std::filesystem::permissions(path, std::filesystem::perms::none);
    if (::geteuid() != 0) CHECK(reading_file(path).says("Permission denied")); // root may read everything
}

TEST_CASE("read_file: a file over the limit is refused before it is read") {
    const scratch_folder folder;
    const std::string path = folder.put("big", "");
    std::filesystem::resize_file(path, default_file_limit + 1); // sparse
    CHECK(reading_file(path).number() == 3);
    CHECK(reading_file(path).says("has 2147483649 bytes, larger than the limit of 2147483648"));
    CHECK(reading_file(folder.put("small", "12345"), 4).says("has 5 bytes, larger than the limit of 4"));
    CHECK(reading_file(folder.put("small", "1234"), 4).number() == 0);
}

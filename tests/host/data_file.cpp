#include "gzip_builder.hpp"
#include "scratch.hpp"
#include "zip_builder.hpp"

#include <ctq/host/data_file.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
using ctq::test::outcome_of;
using ctq::test::scratch_folder;
using ctq::test::zip_archive;

namespace {

std::string npy_of_one(float value) {
    return npy::format<float>(std::vector<std::int64_t>{1}, std::vector<float>{value});
}

ctq::test::outcome reading_one(const std::string& path, std::uint64_t limit = default_file_limit) {
    return outcome_of([&] { static_cast<void>(read_array(path, limit)); });
}

} // namespace

TEST_CASE("data_file: one array of a .npy, a .npz of one or an IDX file, plain or .gz") {
    const scratch_folder folder;
    const std::string idx_bytes = "\0\0\x08\1\0\0\0\1\7"s;
    for (const std::string& bytes : {npy_of_one(7), zip_archive({{"any.npy", npy_of_one(7)}}), idx_bytes}) {
        CHECK(read_array(folder.put("data", bytes)).values() == std::vector<float>{7});
        CHECK(read_array(folder.put("data", ctq::test::gzip(bytes))).values() == std::vector<float>{7});
    }
}

TEST_CASE("data_file: the arrays of a .npz have names, others have none") {
    const scratch_folder folder;
    data_file archive(folder.put("x.npz", zip_archive({{"a.npy", npy_of_one(1)}, {"b.npy", npy_of_one(2), 8}})));
    CHECK(archive.is_archive());
    CHECK(archive.size() == 2);
    CHECK(archive.name(1) == "b");
    CHECK(archive.find("b") == std::optional<std::size_t>(1));
    CHECK_FALSE(archive.find("c"));
    CHECK(archive.place(1) == folder / "x.npz" + ": array 'b'");
    CHECK(archive.read(1).values() == std::vector<float>{2});
    CHECK(archive.read(0).values() == std::vector<float>{1});
    const data_file alone(folder.put("x.npy", npy_of_one(1)));
    CHECK_FALSE(alone.is_archive());
    CHECK(alone.size() == 1);
    CHECK(alone.name(0).empty());
    CHECK(alone.place(0) == folder / "x.npy");
}

TEST_CASE("data_file: what has not one array, and what has none") {
    const scratch_folder folder;
    std::vector<ctq::test::zip_member> members;
    for (int i = 0; i < 12; ++i) members.push_back({std::to_string(i) + ".npy", npy_of_one(1)});
    const std::string list =
        "holds 12 arrays: '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ... and 2 more; one is";
    CHECK(reading_one(folder.put("x", zip_archive(members))).says(list));
    CHECK(reading_one(folder.put("x", "")).says("is empty; a .npy, .npz or IDX file is expected"));
    CHECK(reading_one(folder.put("x", "hello")).says("is no .npy, .npz or IDX file (plain or .gz)"));
    CHECK(reading_one(folder.put("x", zip_archive({{"a.npy", "hello"}}))).says("x: array 'a': is not a .npy file"));
    CHECK(reading_one(folder.put("x", zip_archive({}))).number() == 3);
    const std::string bomb = zip_archive({{"a.npy", std::string(100000, '\0'), 8}});
    CHECK(reading_one(folder.put("x", bomb), 10000).says("larger than the 10000 that are left of the limit"));
}

#include "scratch.hpp"
#include "zip_builder.hpp"

#include <ctq/host/npz.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
using ctq::test::outcome_of;
using ctq::test::zip_archive;
using ctq::test::zip_member;

namespace {

std::string npy_of_floats(const std::vector<float>& values) {
    const std::vector<std::int64_t> shape{static_cast<std::int64_t>(values.size())};
    return npy::format<float>(shape, values);
}

/// The arrays of an archive of vectors, each with its name before it.
std::string npz_contents(const std::string& bytes, std::uint64_t limit = default_file_limit) {
    npz::archive archive(bytes, "x.npz", limit);
    std::string text;
    for (std::size_t i = 0; i < archive.names().size(); ++i) {
        text += (text.empty() ? "" : " ") + archive.names()[i];
        for (const float each : archive.read(i).values()) text += "," + message(each);
    }
    return text;
}

ctq::test::outcome reading_npz(const std::string& bytes, std::uint64_t limit = default_file_limit) {
    return outcome_of([&] { static_cast<void>(npz_contents(bytes, limit)); });
}

void npz_refused(const std::vector<zip_member>& members, std::string_view fragment) {
    const auto outcome = reading_npz(zip_archive(members));
    CAPTURE(outcome.text);
    CHECK(outcome.number() == 3);
    CHECK(outcome.says(fragment));
    CHECK_FALSE(outcome.says("\n"));
}

} // namespace

TEST_CASE("npz: arrays by name, stored or deflated, with sizes of four bytes or eight") {
    const std::string a = npy_of_floats({1, 2.5F}), b = npy_of_floats({-3});
    for (const unsigned method : {0U, 8U})
        for (const bool zip64 : {false, true})
            CHECK(npz_contents(zip_archive({{"a.npy", a, method, 0, zip64}, {"b.npy", b}})) == "a,1,2.5 b,-3");
    CHECK(npz_contents(zip_archive({{"model/in:0.npy", a}, {"\xC3\xBC.npy.npy", b}})) ==
          "model/in:0,1,2.5 \xC3\xBC.npy,-3");
    CHECK(npz::is_npz(zip_archive({{"a.npy", a}})));
    CHECK_FALSE(npz::is_npz(a));
}

TEST_CASE("npz: sizes that stand after the data, as a stream is written") {
    const std::string a = npy_of_floats({1, 2.5F});
    std::string bytes = zip_archive({{"a.npy", a, 8, 8}});
    bytes.replace(14, 12, std::string(12, '\0')); // check sum and sizes of the local header
    CHECK(npz_contents(bytes) == "a,1,2.5");
}

TEST_CASE("npz: what is no archive of arrays") {
    npz_refused({}, "x.npz: is a zip archive without an array");
    CHECK(npz::is_npz(zip_archive({})));
    const std::string a = npy_of_floats({1});
    npz_refused({{"a.npy", a}, {"readme.txt", "hello"}},
                "holds 'readme.txt', which is no NAME.npy; give an archive of arrays");
    npz_refused({{"folder/", ""}}, "holds 'folder/', which is no NAME.npy");
    npz_refused({{"", a}}, "holds '', which is no NAME.npy");
    npz_refused({{".npy", a}}, "holds '.npy', which is no NAME.npy");
    npz_refused({{"a.npy\0.txt"s, a}, {"a.npy", a}}, "which is no NAME.npy");
    npz_refused({{"a.npy", a}, {"a.npy", a}}, "holds two arrays 'a'; save each once");
    npz_refused({{"../../a.npy", a}}, "holds '../../a.npy', a path out of its folder");
    npz_refused({{"b/../../a.npy", a}}, "a path out of its folder");
    npz_refused({{"/a.npy", a}}, "a path out of its folder");
    npz_refused({{"a\n.npy", a, 1}}, "x.npz: array 'a\\x0a': is compressed by method 1");
    npz_refused({{"a.npy", ""}}, "array 'a': is empty");
    npz_refused({{"a.npy", "hello world"}}, "array 'a': is not a .npy file");
    npz_refused({{"a.npy", zip_archive({{"a.npy", a}})}}, "array 'a': is not a .npy file");
    npz_refused({{"a.npy", a.substr(0, a.size() - 1)}}, "array 'a': is truncated: shape (1,) of float32 needs 4 bytes");
    npz_refused(std::vector<zip_member>(1001, {"a.npy", a}), "holds 1001 arrays; at most 1000 are supported");
}

TEST_CASE("npz: members that cannot be read, and what is said of them that is not true") {
    const std::string a = npy_of_floats({1, 2, 3}), zeros = npy_of_floats(std::vector<float>(100000));
    npz_refused({{"a.npy", a, 0, 1}}, "array 'a': is encrypted; save it without a password");
    npz_refused({{"a.npy", a, 12}}, "is compressed by method 12 of zip; stored and deflated arrays are supported");
    for (const unsigned method : {0U, 8U}) {
        zip_member member{"a.npy", a, method};
        member.checksum = 1;
        npz_refused({member}, "array 'a': is corrupt: CRC error");
    }
    for (const bool zip64 : {false, true}) {
        const std::uint64_t huge = zip64 ? std::uint64_t{1} << 63U : 0xFFFFFFFEU;
        zip_member member{"a.npy", a, 0, 0, zip64};
        member.size = huge;
        npz_refused({member}, "is corrupt: the archive says " + std::to_string(huge) + " bytes in 140 of 2");
        member.method = 8;
        npz_refused({member}, "is corrupt: the archive says " + std::to_string(huge) + " bytes in ");
        member.stored = huge;
        npz_refused({member}, "bytes in " + std::to_string(huge) + " of ");
    }
    zip_member other{"a.npy", zeros, 8};
    other.size = zeros.size() - 1;
    npz_refused({other}, "is corrupt: the archive says 400127 bytes, more are there");
    other.size = zeros.size() + 1;
    npz_refused({other}, "is corrupt: ");
    zip_member cut{"a.npy", a, 8};
    cut.compressed = ctq::test::deflated(a, ctq::test::raw_deflate).substr(0, 40);
    npz_refused({cut}, "is corrupt: ");
    cut.compressed = "no deflate stream at all, and yet as long as one of them might well be";
    npz_refused({cut}, "is corrupt: ");
}

TEST_CASE("npz: the limit is for all arrays together, and one member cannot be far larger than its bytes") {
    const std::string a = npy_of_floats({1, 2, 3}), zeros = npy_of_floats(std::vector<float>(1000000));
    const std::string two = zip_archive({{"a.npy", a}, {"b.npy", a, 8}});
    CHECK(reading_npz(two, 2 * a.size()).number() == 0);
    CHECK(reading_npz(two, 2 * a.size() - 1)
              .says("array 'b': has 140 bytes, larger than the 139 that are left of the limit"));
    const std::string bomb = zip_archive({{"a.npy", zeros, 8}});
    CHECK(bomb.size() < 5000);
    CHECK(reading_npz(bomb).number() == 0);
    CHECK(reading_npz(bomb, 100000).says("has 4000128 bytes, larger than the 100000"));
}

TEST_CASE("npz: a directory is read only if it is of arrays by its size, and few times") {
    using ctq::test::detail::little_endian;
    const std::string a = npy_of_floats({1, 2}), good = zip_archive({{"a.npy", a}});
    const std::string end = good.substr(good.size() - 22), body = good.substr(0, good.size() - 22);
    const auto second_end = [&](std::uint64_t directory_size) { // and what leads to it
        return "PK\6\6" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) + little_endian(0, 8) +
               little_endian(1, 8) + little_endian(1, 8) + little_endian(directory_size, 8) + end.substr(16, 4) +
               little_endian(0, 4) + "PK\6\7" + little_endian(0, 4) + little_endian(body.size(), 8) +
               little_endian(1, 4);
    };
    std::string open_end = end;
    open_end.replace(12, 4, "\xFF\xFF\xFF\xFF");
    const std::uint64_t true_size = load<std::uint32_t>(end.data() + 12);
    CHECK(npz_contents(body + second_end(true_size) + end) == "a,1,2");
    CHECK(npz_contents(body + second_end(true_size) + open_end) == "a,1,2");
    CHECK(npz_contents(good + "a comment that nobody counted") == "a,1,2");
    const auto says = [](const std::string& bytes, std::string_view fragment) {
        const auto outcome = reading_npz(bytes);
        CAPTURE(outcome.text);
        CHECK(outcome.number() == 3);
        CHECK(outcome.says(fragment));
    };
    const std::string too_large = "is a zip archive whose directory has 1048577 bytes; at most 1048576 are supported";
    for (const std::string& each : {end, open_end}) says(body + second_end(1048577) + each, too_large);
    std::string large_end = end;
    large_end.replace(12, 4, little_endian(1048577, 4));
    says(body + large_end, too_large);
    says(body + large_end + end, too_large);
    says(body + second_end(true_size) + large_end, too_large);
    std::string ends = body;
    for (int i = 0; i < 16; ++i) ends += end;
    CHECK(npz_contents(ends) == "a,1,2");
    says(ends + end, "is a corrupt zip archive: it ends more than 16 times");
    says(zip_archive(std::vector<zip_member>(30000, {"a.npy", ""})),
         "is a zip archive whose directory has 1530000 bytes");
}

TEST_CASE("npz: an archive cut anywhere, or with any byte changed, is refused or reads as arrays") {
    const std::string whole = zip_archive({{"a.npy", npy_of_floats({1, 2}), 8}, {"b.npy", npy_of_floats({3})}});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK(reading_npz(whole.substr(0, size)).number() == 3);
    }
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const char change : {'\x01', '\x80', '\xFF'}) {
            std::string bytes = whole;
            bytes[i] = static_cast<char>(bytes[i] ^ change);
            CAPTURE(i);
            const int code = reading_npz(bytes).number();
            CHECK((code == 0 || code == 3));
        }
}

TEST_CASE("npz: what is written is read again, and is the same every day") {
    const std::vector<float> total{1, 2}, many(100000, 4), scores{3};
    const auto file_of = [](const std::vector<float>& values) {
        return npy::parts_of<float>(std::vector{static_cast<std::int64_t>(values.size())}, values);
    };
    const std::vector<npz::member> members{{"total", file_of(total)},
                                           {"none", file_of({})},
                                           {"scores/\xC3\xBC", file_of(scores)},
                                           {"many", file_of(many)}};
    std::string bytes;
    npz::write(members, [&](std::string_view piece) { bytes += piece; });
    const std::string text = npz_contents(bytes);
    CHECK(text.starts_with("total,1,2 none scores/\xC3\xBC,3 many,4,4,"));
    CHECK(std::count(text.begin(), text.end(), '4') == 100000);
    CHECK(bytes.substr(10, 4) == "\0\0\x21\0"s); // midnight, 1980-01-01
    CHECK(bytes.find(npy_of_floats({1, 2})) != std::string::npos);
}

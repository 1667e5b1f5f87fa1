#include "gzip_builder.hpp"
#include "scratch.hpp"

#include <ctq/host/idx.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
using ctq::test::outcome_of;

namespace {

std::string file(char type, const std::vector<std::uint32_t>& dims, const std::string& elements) {
    std::string out = "\0\0"s + type + static_cast<char>(dims.size());
    for (const std::uint32_t dim : dims) {
        for (unsigned shift = 32; shift != 0;) out += static_cast<char>((dim >> (shift -= 8U)) & 0xFFU);
    }
    return out + elements;
}

ctq::test::outcome parsing_idx(std::string bytes) {
    return outcome_of([&] { static_cast<void>(idx::parse(std::move(bytes), "x-idx")); });
}

} // namespace

TEST_CASE("idx: every element type of the format, big-endian") {
    struct row {
        char type;
        std::string elements;
        std::vector<float> values;
    };
    const row rows[] = {{'\x08', "\x05\xFF", {5, 255}},
                        {'\x09', "\x05\xFF", {5, -1}},
                        {'\x0B', "\xFF\xFE\0\x03"s, {-2, 3}},
                        {'\x0C', "\xFF\xFF\xFF\xFE\0\0\1\0"s, {-2, 256}},
                        {'\x0D', "\x3F\x80\0\0\xC0\0\0\0"s, {1, -2}},
                        {'\x0E', "\x3F\xF0\0\0\0\0\0\0\xC0\0\0\0\0\0\0\0"s, {1, -2}}};
    for (const row& r : rows) CHECK(idx::parse(file(r.type, {2}, r.elements), "x").values() == r.values);
    CHECK(idx::parse(file('\x08', {2, 1, 3}, "abcdef"), "x").shape == std::vector<std::int64_t>{2, 1, 3});
}

TEST_CASE("idx: malformed files") {
    struct row {
        std::string bytes;
        const char* text;
    };
    const row rows[] = {
        {"", "is empty"},
        {"\0\0\x08"s, "3 bytes are too few"},
        {"\1\0\x08\1"s, "is not an IDX file"},
        {file('\x0A', {1}, "a"), "unknown IDX element type 10"},
        {file('\x08', {}, ""), "without dimensions"},
        {"\0\0\x08\3\0\0\0\1"s, "3 dimensions need a header of 16 bytes, 8 are there"},
        {file('\x08', {3}, "ab"), "is truncated: shape (3,) of uint8 needs 3 bytes, 2 are there"},
        {file('\x08', {1}, "ab"), "has 1 bytes after the 1"},
        {file('\x0E', {0xFFFFFFFF, 0xFFFFFFFF}, "12345678"), "more elements than fit in memory"},
        {file('\x0C', std::vector<std::uint32_t>(255, 0xFFFFFFFF), ""), "more elements than fit in memory"},
    };
    for (const row& r : rows) {
        const auto result = parsing_idx(r.bytes);
        CHECK_MESSAGE(result.number() == 3, r.text);
        CHECK_MESSAGE(result.says(r.text), result.text);
    }
    const std::string good = file('\x0B', {2, 2}, "12345678");
    for (std::size_t k = 0; k < good.size(); ++k) CHECK(parsing_idx(good.substr(0, k)).number() == 3);
}

TEST_CASE("idx: files, plain or .gz") {
    const ctq::test::scratch_folder folder;
    const std::string bytes = file('\x08', {2, 2}, "abcd");
    CHECK(idx::read(folder.put("plain", bytes)).bytes == "abcd");
    CHECK(idx::read(folder.put("packed.gz", ctq::test::gzip(bytes))).bytes == "abcd");
    CHECK(idx::is_idx(bytes));
    CHECK_FALSE(idx::is_idx("\x93NUMPY"));
}

#include "scratch.hpp"

#include <ctq/host/npy.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
using ctq::test::outcome_of;

namespace {

std::string with_header(std::string_view header, std::string_view elements, char major = 1) {
    std::string out = "\x93NUMPY"s + major + '\0';
    for (int i = 0; i < (major == 1 ? 2 : 4); ++i) out += static_cast<char>((header.size() >> (8 * i)) & 0xFFU);
    return out + std::string(header) + std::string(elements);
}

std::string file(std::string_view descr, std::string_view order, std::string_view shape, std::string_view elements,
                 char major = 1) {
    return with_header(message("{'descr': '", descr, "', 'fortran_order': ", order, ", 'shape': ", shape, ", }   \n"),
                       elements, major);
}

ctq::test::outcome parsing_npy(std::string bytes) {
    return outcome_of([&] { static_cast<void>(npy::parse(std::move(bytes), "x.npy")); });
}

} // namespace

TEST_CASE("npy: legal files of every element type and version") {
    struct row {
        std::string bytes;
        std::vector<float> values;
    };
    const row rows[] = {{file("<f4", "False", "(2,)", "\0\0\x80\x3F\0\0\0\xC0"s), {1, -2}},
                        {file(">f4", "False", "(1,)", "\x3F\x80\0\0"s), {1}},
                        {file("<f8", "False", "(1,)", "\0\0\0\0\0\0\xF0\x3F"s), {1}},
                        {file(">f8", "False", "(1,)", "\x3F\xF0\0\0\0\0\0\0"s), {1}},
                        {file("<f2", "False", "(1,)", "\0\x3C"s), {1}},
                        {file(">f2", "False", "(2,)", "\x3C\0\xC0\0"s), {1, -2}},
                        {file("<u2", "False", "(1,)", "\xFF\xFF"s), {65535}},
                        {file("<u4", "False", "(1,)", "\0\0\0\x80"s), {2147483648.0F}},
                        {file(">u8", "False", "(1,)", "\0\0\0\0\0\0\0\x05"s), {5}},
                        {file("|i1", "False", "(2,)", "\xFF\x7F"s), {-1, 127}},
                        {file("|u1", "False", "(2,)", "\xFF\x7F"s), {255, 127}},
                        {file("<i2", "False", "(1,)", "\xFE\xFF"s), {-2}},
                        {file(">i2", "False", "(1,)", "\xFF\xFE"s), {-2}},
                        {file("<i4", "False", "(1,)", "\x05\0\0\0"s), {5}},
                        {file(">i4", "False", "(1,)", "\0\0\0\x05"s), {5}},
                        {file("<i8", "False", "(1,)", "\x06\0\0\0\0\0\0\0"s), {6}},
                        {file(">i8", "False", "(1,)", "\0\0\0\0\0\0\0\x06"s), {6}},
                        {file("|b1", "False", "(2,)", "\1\0"s), {1, 0}},
                        {file("|u1", "False", "()", "\x09"s), {9}},
                        {file("|u1", "False", "(0,)", ""), {}},
                        {file("|u1", "False", "(0, 4611686018427387904)", ""), {}},
                        {file("|u1", "False", "(1L, 2L)", "\1\2"), {1, 2}},
                        {file("|u1", "False", "(2,)", "\1\2", 2), {1, 2}},
                        {file("|u1", "False", "(2,)", "\1\2", 3), {1, 2}},
                        {with_header("{\"shape\":(1,),\"descr\":\"|u1\",\"fortran_order\":False}", "\7"), {7}}};
    for (const row& r : rows) CHECK(npy::parse(r.bytes, "x.npy").values() == r.values);
}

TEST_CASE("npy: headers whose length byte is 128 or more") {
    for (const std::size_t length : {118U, 182U, 246U, 255U, 256U, 1000U}) {
        std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }";
        header.append(length - header.size() - 1, ' ');
        CHECK(npy::parse(with_header(header + '\n', "\x2A"), "x.npy").values() == std::vector<float>{42});
    }
}

TEST_CASE("npy: Fortran order becomes row-major") {
    const ctq::host::array a = npy::parse(file("|u1", "True", "(2, 3)", "\1\4\2\5\3\6"), "x.npy");
    CHECK(a.shape == std::vector<std::int64_t>{2, 3});
    CHECK(a.values() == std::vector<float>{1, 2, 3, 4, 5, 6});
    std::string elements; // element (i, j, k) is 12 i + 4 j + k, column-major in the file
    for (int k = 0; k < 4; ++k)
        for (int j = 0; j < 3; ++j)
            for (int i = 0; i < 2; ++i) elements += {static_cast<char>(12 * i + 4 * j + k), '\0'};
    const std::vector<float> values = npy::parse(file("<i2", "True", "(2, 3, 4)", elements), "x.npy").values();
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(values[i] == static_cast<float>(i));
}

TEST_CASE("npy: everything malformed is refused with the reason and the numbers") {
    struct row {
        std::string bytes;
        const char* text;
    };
    const std::string good = file("<f4", "False", "(2,)", std::string(8, '\0'));
    const row rows[] = {
        {"", "is empty"},
        {"\x93NU", "is not a .npy file"},
        {"\x92NUMPY\1\0\0\0"s, "is not a .npy file"},
        {"\x93NUMPY\1\0"s, "8 bytes are too few"},
        {"\x93NUMPY\2\0\1\0"s, "10 bytes are too few"},
        {"\x93NUMPY\x09\0\0\0"s, "version 9.0; 1.0, 2.0 and 3.0 are supported"},
        {"\x93NUMPY\0\0\0\0"s, "version 0.0"},
        {with_header("", ""), "'{' expected"},
        {"\x93NUMPY\1\0\xFF\x7F{}"s, "its header has 32767 bytes, 2 are left"},
        {"\x93NUMPY\2\0\xFF\xFF\xFF\xFF{}"s, "its header has 4294967295 bytes, 2 are left"},
        {with_header(std::string(70'000, ' '), "", 2), "a header of 70000 bytes (limit 65536)"},
        {with_header("{'descr': '" + std::string(1'000'000, 'f') + "'}", "", 2), "limit 65536"},
        {with_header("{'fortran_order': False, 'shape': (1,)}", ""), "key 'descr' is missing"},
        {with_header("{'descr': '<f4', 'shape': (1,)}", ""), "key 'fortran_order' is missing"},
        {with_header("{'descr': '<f4', 'fortran_order': False}", ""), "key 'shape' is missing"},
        {with_header("{'descr': '<f4', 'descr': '<f4'}", ""), "key 'descr' given twice"},
        {with_header("{'shape': (1,), 'shape': (1,)}", ""), "key 'shape' given twice"},
        {with_header("{'extra': '<f4'}", ""), "unknown key 'extra'"},
        {with_header("{'descr': '<f4", ""), "a string without end"},
        {with_header("{'descr': 4}", ""), "a string expected"},
        {with_header("{'descr' '<f4'}", ""), "':' expected"},
        {with_header("{'fortran_order': 1}", ""), "True or False expected"},
        {with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x", ""), "more text"},
        {file("|O", "False", "(1,)", ""), "element type '|O' is not supported"},
        {file("<c8", "False", "(1,)", ""), "'<c8' is not supported"},
        {file("<U5", "False", "(1,)", ""), "'<U5' is not supported"},
        {file("f4", "False", "(1,)", ""), "'f4' is not supported"},
        {file("|f4", "False", "(1,)", "1234"), "'|f4' is not supported"},
        {file("<f16", "False", "(1,)", ""), "'<f16' is not supported"},
        {file("", "False", "(1,)", ""), "element type '' is not supported"},
        {with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", ""), "structured"},
        {file("<f4", "False", "(4611686018427387904,)", "12345678"), "more elements than fit in memory"},
        {file("<f4", "False", "(4294967296, 4294967296)", "12345678"), "more elements than fit in memory"},
        {file("<f4", "False", "(1099511627776,)", "12345678"), "needs 4398046511104 bytes, 8 are there"},
        {file("<f4", "False", "(-1,)", ""), "dimension -1 is negative"},
        {file("<f4", "False", "('a',)", ""), "a whole number expected in shape"},
        {file("<f4", "False", "(1e23,)", ""), "',' expected in shape"},
        {file("<f4", "False", "(99999999999999999999999,)", ""), "a dimension over"},
        {file("<f4", "False", "(2)", std::string(8, '\0')), "a number, not a tuple"},
        {file("<f4", "False", "2", std::string(8, '\0')), "'(' expected"},
        {file("<f4", "False", "(1, 2", ""), "expected in shape"},
        {file("|u1", "False", "(" + std::string(130, '1') + ",)", ""), "a dimension over"},
        {good.substr(0, good.size() - 1), "needs 8 bytes, 7 are there"},
        {file("<u8", "False", "(1,)", std::string(8, '\xFF')), "holds 18446744073709551615; integers up to"},
        {good + "!!", "has 2 bytes after the 8 of its shape (2,)"}};
    for (const row& r : rows) {
        const auto result = parsing_npy(r.bytes);
        CHECK_MESSAGE(result.number() == 3, r.text);
        CHECK_MESSAGE(result.says(r.text), result.text);
        CHECK(result.text.starts_with("x.npy: "));
    }
    std::string high_rank = "(";
    for (int i = 0; i < 65; ++i) high_rank += "1,";
    CHECK(parsing_npy(file("|u1", "False", high_rank + ")", "1")).says("more than 64 dimensions"));
}

TEST_CASE("npy: cut at every byte it is malformed; with any bit flipped it never does worse") {
    const std::string good = file("<f4", "True", "(2, 3)", std::string(24, 'x'));
    for (std::size_t k = 0; k < good.size(); ++k) CHECK(parsing_npy(good.substr(0, k)).number() == 3);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string flipped = good;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        const int code = parsing_npy(flipped).number();
        CHECK((code == 0 || code == 3));
    }
}

TEST_CASE("npy: what is written is read back, padded to 64 bytes as NumPy does") {
    const ctq::test::scratch_folder folder;
    const std::vector<std::int64_t> shape{2, 3};
    const std::vector<float> floats{1, -2, 3.5F, 0, 1e-30F, 6};
    npy::write<float>(folder / "f.npy", shape, floats);
    const ctq::host::array back = npy::read(folder / "f.npy");
    CHECK(back.shape == shape);
    CHECK(back.type == ctq::dtype::float32);
    CHECK(back.values() == floats);
    const std::vector<std::int8_t> bytes{-128, 127, 0};
    const std::string written = npy::format<std::int8_t>(std::vector<std::int64_t>{3}, bytes);
    CHECK((written.size() - 3) % 64 == 0);
    CHECK(written.substr(0, 10) == "\x93NUMPY\1\0\x76\0"s);
    CHECK(written.substr(10, 58) == "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), } ");
    CHECK(npy::parse(written, "x.npy").values() == std::vector<float>{-128, 127, 0});
    CHECK(npy::parse(npy::format<float>({}, std::vector<float>{7}), "x.npy").values() == std::vector<float>{7});
}

TEST_CASE("npy: a file's elements are written from where they are") {
    const std::vector<std::int16_t> values{1, -2, 300};
    const npy::parts file = npy::parts_of<std::int16_t>(std::vector<std::int64_t>{3}, values);
    if constexpr (std::endian::native == std::endian::little)
        CHECK(static_cast<const void*>(file.elements.data()) == static_cast<const void*>(values.data()));
    CHECK(file.head + std::string(file.elements) == npy::format<std::int16_t>(std::vector<std::int64_t>{3}, values));
}

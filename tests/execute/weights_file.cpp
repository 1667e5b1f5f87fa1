#include <ctq/execute/weights_file.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

using namespace ctq;

TEST_CASE("crc32 is the one of zlib and PNG") {
    const auto of = [](std::string_view text) { return crc32(std::as_bytes(std::span(text.data(), text.size()))); };
    CHECK(of("") == 0);
    CHECK(of("123456789") == 0xCBF43926U);
    CHECK(of("The quick brown fox jumps over the lazy dog") == 0x414FA339U);
    constexpr std::array<std::byte, 1> one{std::byte{'a'}};
    static_assert(crc32(one) == 0xE8B7BE43U);
}

TEST_CASE("any change of any byte is seen") {
    std::vector<std::byte> bytes(300, std::byte{7});
    const weights_file file{bytes.size(), crc32(bytes), true};
    CHECK(check(file, bytes) == weights_status::ready);
    for (std::byte& each : bytes)
        for (int bit = 0; bit < 8; ++bit) {
            each ^= std::byte{1} << bit;
            CHECK(check(file, bytes) == weights_status::damaged);
            each ^= std::byte{1} << bit;
        }
    CHECK(check(file, std::span(bytes).first(299)) == weights_status::wrong_size);
    CHECK(check(file, {}) == weights_status::wrong_size);
}

#include <ctq/host/engine/aligned_buffer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>

using ctq::host::aligned_buffer;

TEST_CASE("zeroed, aligned, with 64 bytes to read behind it") {
    for (const std::size_t bytes : {0U, 1U, 64U, 1000U}) {
        const aligned_buffer buffer(bytes);
        CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % aligned_buffer::alignment == 0);
        CHECK(std::all_of(buffer.data(), buffer.data() + bytes + 64, [](std::byte b) { return b == std::byte{0}; }));
    }
    CHECK(aligned_buffer::rounded_up(0) == 0);
    CHECK(aligned_buffer::rounded_up(1) == 64);
    CHECK(aligned_buffer::rounded_up(64) == 64);
}

#include <ctq/host/bytes.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

using namespace ctq::host;

TEST_CASE("bytes: loads in either order at any alignment") {
    const char bytes[] = "\xFF\x01\x02\x03\x84\x05\x06\x07\x88";
    CHECK(load<std::uint8_t>(bytes) == 255);
    CHECK(load<std::int8_t>(bytes) == -1);
    CHECK(load<std::uint16_t>(bytes + 1) == 0x0201);
    CHECK(load<std::uint16_t, true>(bytes + 1) == 0x0102);
    CHECK(load<std::int32_t>(bytes + 1) == static_cast<std::int32_t>(0x84030201U));
    CHECK(load<std::uint32_t, true>(bytes + 1) == 0x01020384U);
    CHECK(load<std::uint64_t>(bytes + 1) == 0x8807060584030201U);
    CHECK(load<std::uint64_t, true>(bytes + 1) == 0x0102038405060788U);
    CHECK(load<float>("\0\0\x80\x3F") == 1.0F);
    CHECK(load<double, true>("\x3F\xF0\0\0\0\0\0\0") == 1.0);
}

TEST_CASE("bytes: every half is the number that its definition says") {
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        const std::uint32_t exponent = (bits >> 10U) & 31U;
        const float fraction = static_cast<float>(bits & 1023U);
        const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
        const float value = from_float16(static_cast<std::uint16_t>(bits));
        if (exponent == 31) {
            CHECK((fraction != 0 ? std::isnan(value) : value == sign * std::numeric_limits<float>::infinity()));
        } else {
            const float expected = exponent == 0 ? std::ldexp(fraction, -24)
                                                 : std::ldexp(1024 + fraction, static_cast<int>(exponent) - 25);
            CHECK(value == sign * expected);
            CHECK(std::signbit(value) == (sign < 0));
        }
    }
}

TEST_CASE("bytes: the nearest half of every half, of what lies beside the middle of two, and in it") {
    const auto half = [](std::uint32_t bits) { return from_float16(static_cast<std::uint16_t>(bits)); };
    for (std::uint32_t bits = 0; bits < 0x7C00U; ++bits) {
        const float here = half(bits), next = bits == 0x7BFFU ? 65536.0F : half(bits + 1);
        const float middle = (here + next) / 2, up = bits == 0x7BFFU ? half(0x7C00U) : next;
        CHECK(nearest_float16(here) == here);
        CHECK(nearest_float16(middle) == (bits % 2 == 0 ? here : up));
        CHECK(nearest_float16(std::nextafter(middle, 0.0F)) == here);
        CHECK(nearest_float16(-std::nextafter(middle, 1e9F)) == -up);
    }
    CHECK(std::signbit(nearest_float16(-1e-30F)));
    CHECK(nearest_float16(3e38F) == std::numeric_limits<float>::infinity());
    CHECK(std::isnan(nearest_float16(std::nanf(""))));
}

TEST_CASE("bytes: the nearest bfloat16") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    CHECK(nearest_bfloat16(1) == 1);
    CHECK(nearest_bfloat16(1 + 0x1p-8F) == 1);
    CHECK(nearest_bfloat16(1 + 0x3p-8F) == 1 + 0x1p-6F);
    CHECK(nearest_bfloat16(-1 - 0x1.01p-8F) == -1 - 0x1p-7F);
    CHECK(nearest_bfloat16(std::numeric_limits<float>::max()) == infinity);
    CHECK(nearest_bfloat16(-infinity) == -infinity);
    CHECK(std::isnan(nearest_bfloat16(std::nanf(""))));
}

TEST_CASE("bytes: bfloat16 and double") {
    CHECK(from_bfloat16(0x3F80) == 1.0F);
    CHECK(from_bfloat16(0xC040) == -3.0F);
    CHECK(from_double(0.1) == 0.1F);
    CHECK(from_double(1e39) == std::numeric_limits<float>::infinity());
    CHECK(from_double(-1e39) == -std::numeric_limits<float>::infinity());
    CHECK(std::isnan(from_double(std::numeric_limits<double>::quiet_NaN())));
}

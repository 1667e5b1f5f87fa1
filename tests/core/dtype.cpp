#include <ctq/core/dtype.hpp>

#include <doctest/doctest.h>

#include <array>
#include <type_traits>

using ctq::dtype;

static_assert(ctq::dtype_of<float> == dtype::float32 && ctq::dtype_of<std::int8_t> == dtype::int8);
static_assert(ctq::dtype_of<std::uint8_t> == dtype::uint8 && ctq::dtype_of<std::int16_t> == dtype::int16);
static_assert(ctq::dtype_of<std::int32_t> == dtype::int32);
static_assert(!ctq::is_integer(dtype::float32) && ctq::is_integer(dtype::uint8));

static_assert(ctq::dtype_of<ctq::boolean> == dtype::boolean && ctq::dtype_of<ctq::int4_pair> == dtype::int4);
static_assert(ctq::dtype_of<std::uint16_t> == dtype::uint16 && ctq::dtype_of<std::int64_t> == dtype::int64);
static_assert(!ctq::is_integer(dtype::boolean) && ctq::is_integer(dtype::int4) && ctq::is_integer(dtype::int64));
static_assert(ctq::entries_of(dtype::int4, 5) == 3 && ctq::entries_of(dtype::int8, 5) == 5);
static_assert(ctq::bytes_of(dtype::int4, 5) == 3 && ctq::bytes_of(dtype::int64, 5) == 40);

TEST_CASE("dtype: the C++ type, its size and its name belong together") {
    constexpr std::array names{"float32", "int8", "uint8", "int16", "int32", "boolean", "int4", "uint16", "int64"};
    static_assert(names.size() == ctq::dtype_count);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto type = static_cast<dtype>(i);
        CHECK(ctq::name_of(type) == names[i]);
        const bool agrees = ctq::with_element_type(type, [&](auto element) {
            using stored = decltype(element);
            return ctq::dtype_of<stored> == type &&
                   ctq::bytes_of(type, 2) == sizeof(stored) * (type == dtype::int4 ? 1 : 2);
        });
        CHECK(agrees);
    }
}

TEST_CASE("dtype: two integers of 4 bits in a byte, the first in the low half") {
    for (std::int32_t low = -8; low < 8; ++low)
        for (std::int32_t high = -8; high < 8; ++high) {
            ctq::int4_pair pair{0xFF};
            pair.set(0, low);
            pair.set(1, high);
            CHECK(pair[0] == low);
            CHECK(pair[1] == high);
            CHECK(pair.bits == ((high & 15) << 4 | (low & 15)));
        }
}

#include "scratch.hpp"

#include <ctq/host/array.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::host;

TEST_CASE("array: every element type is read in its width") {
    struct row {
        ctq::dtype type;
        std::string bytes;
        std::vector<float> values;
    };
    const auto native = [](auto... values) {
        std::string out;
        (out.append(reinterpret_cast<const char*>(&values), sizeof values), ...);
        return out;
    };
    using e = ctq::dtype;
    const row rows[] = {{e::boolean, native(std::uint8_t{1}, std::uint8_t{0}), {1, 0}},
                        {e::int8, native(std::int8_t{-128}), {-128}},
                        {e::uint8, native(std::uint8_t{255}), {255}},
                        {e::int16, native(std::int16_t{-32768}), {-32768}},
                        {e::uint16, native(std::uint16_t{65535}), {65535}},
                        {e::int32, native(std::int32_t{-5}), {-5}},
                        {e::int64, native(std::int64_t{-7}, std::int64_t{8}), {-7, 8}},
                        {e::float32, native(2.5F), {2.5F}}};
    for (const row& r : rows) {
        array a;
        a.type = r.type;
        a.bytes = r.bytes;
        CHECK_MESSAGE(a.values() == r.values, name_of(r.type));
        CHECK(a.size() == r.values.size());
    }
}

TEST_CASE("array: products of shapes do not overflow") {
    std::uint64_t product = 0;
    CHECK(detail::checked_product({}, 100, product));
    CHECK(product == 1);
    CHECK(detail::checked_product({2, 50}, 100, product));
    CHECK(product == 100);
    CHECK_FALSE(detail::checked_product({101}, 100, product));
    CHECK_FALSE(detail::checked_product({std::int64_t{1} << 32, std::int64_t{1} << 32}, ~std::uint64_t{0}, product));
    CHECK(detail::checked_product({std::int64_t{1} << 62, 0, std::int64_t{1} << 62}, 100, product));
    CHECK(product == 0);
}

TEST_CASE("array: shapes are told as Python tells them") {
    CHECK(detail::text_of({}) == "()");
    CHECK(detail::text_of({3}) == "(3,)");
    CHECK(detail::text_of({3, 4}) == "(3, 4)");
}

#include <ctq/host/source/source_type.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace source = ctq::host::source;
using source::foreign_type;

namespace {

template <class T> std::vector<T> conformed(std::vector<T> elements, foreign_type type) {
    ctq::constant made(std::move(elements));
    conform(made, type);
    return made.as<T>();
}

} // namespace

TEST_CASE("source_type: the integers that float32 holds") {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    for (const std::int64_t held :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 24, (std::int64_t{1} << 24) + 2, least, -(least / 2)})
        CHECK(source::is_float32(held));
    for (const std::int64_t other : {(std::int64_t{1} << 24) + 1, -(std::int64_t{1} << 25) - 2, -(least + 1)})
        CHECK_FALSE(source::is_float32(other));
}

TEST_CASE("source_type: what was computed in a wider type becomes what the foreign one holds") {
    CHECK(conformed<float>({2049, 0.1F}, foreign_type::float16) == std::vector<float>{2048, 0x1.998p-4F});
    CHECK(conformed<float>({257, 259}, foreign_type::bfloat16) == std::vector<float>{256, 260});
    CHECK(conformed<float>({2049}, foreign_type::float64) == std::vector<float>{2049});
    CHECK(conformed<float>({2049}, foreign_type::none) == std::vector<float>{2049});
    using list = std::vector<std::int64_t>;
    CHECK(conformed<std::int64_t>({-1, 1LL << 32, 7}, foreign_type::uint32) == list{4294967295, 0, 7});
    CHECK(conformed<std::int64_t>({7, 0}, foreign_type::uint64) == list{7, 0});
    CHECK_THROWS_AS(conformed<std::int64_t>({7, -1}, foreign_type::uint64), source::node_fault);
}

TEST_CASE("source_type: names as files have them") {
    CHECK(name_of(foreign_type::float16) == "FLOAT16");
    CHECK(name_of(foreign_type::uint64) == "UINT64");
}

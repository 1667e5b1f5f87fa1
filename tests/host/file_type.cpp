#include "scratch.hpp"

#include <ctq/host/file_type.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

using namespace ctq::host;
using ctq::dtype;

namespace {

template <class Value> std::string bytes_of(const std::vector<Value>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value)};
}

/// The elements that a file of this type with these elements is read as.
template <class Kept, class Stored> std::vector<Kept> read(const file_type& type, const std::vector<Stored>& stored) {
    CHECK(type.width == sizeof(Stored));
    CHECK(type.read_as == ctq::dtype_of<Kept>);
    const std::string bytes = type.convert(bytes_of(stored), "x");
    std::vector<Kept> out(bytes.size() / sizeof(Kept));
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
}

} // namespace

TEST_CASE("file_type: a type of ctq's own is kept") {
    CHECK(file_types::boolean.read_as == dtype::boolean);
    CHECK(file_types::int8.read_as == dtype::int8);
    CHECK(file_types::uint16.read_as == dtype::uint16);
    CHECK(file_types::int64.read_as == dtype::int64);
    CHECK(file_types::float32.read_as == dtype::float32);
    CHECK(file_types::int32.width == 4);
    CHECK(file_types::int32.name == "int32");
    CHECK((file_types::int32.convert == nullptr));
}

TEST_CASE("file_type: other types become one of ctq's") {
    constexpr auto infinity = std::numeric_limits<float>::infinity();
    CHECK(read<float>(file_types::float16, std::vector<std::uint16_t>{0x3E00, 0x8001, 0xFC00}) ==
          std::vector<float>{1.5F, -0x1p-24F, -infinity});
    CHECK(read<float>(file_types::float64, std::vector<double>{0.1, -1e300, 0x1p-149}) ==
          std::vector<float>{0.1F, -infinity, 0x1p-149F});
    CHECK(read<std::int64_t>(file_types::uint32, std::vector<std::uint32_t>{4'000'000'000, 0}) ==
          std::vector<std::int64_t>{4'000'000'000, 0});
    CHECK(read<std::int64_t>(file_types::uint64, std::vector<std::uint64_t>{std::uint64_t{1} << 62U}) ==
          std::vector<std::int64_t>{std::int64_t{1} << 62U});
    CHECK(read<float>(file_types::float16, std::vector<std::uint16_t>{}).empty());
    const auto refused = ctq::test::outcome_of([] {
        static_cast<void>(
            file_types::uint64.convert(bytes_of(std::vector<std::uint64_t>{std::uint64_t{1} << 63U}), "x.npy"));
    });
    CHECK(refused.number() == 3);
    CHECK(refused.says("x.npy: holds 9223372036854775808; integers up to 2^63 - 1 are supported"));
}

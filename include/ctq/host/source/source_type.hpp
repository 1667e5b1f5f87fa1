#pragma once
// source_type: element types that sources have and ctq has not, and how truly elements of ctq's stand for theirs.
// room: host | runs on: host | heap: yes

#include <ctq/graph/constant.hpp>
#include <ctq/host/bytes.hpp>
#include <ctq/host/source/node_fault.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::source {

/// A type that is read as another: reals as float32, integers as int64. `none`: one that ctq has.
enum class foreign_type : std::uint8_t { none, float16, bfloat16, float64, uint32, uint64 };

constexpr std::string_view name_of(foreign_type type) {
    constexpr std::string_view names[] = {"none", "FLOAT16", "BFLOAT16", "DOUBLE", "UINT32", "UINT64"};
    return names[static_cast<std::size_t>(type)];
}

/// How elements stand for those of the source: they are the same, or the nearest that there are; or they were computed
/// of such, or with fewer digits than in the source.
enum class fidelity : std::uint8_t { exact, nearest, computed };

/// What a value of the graph is in the source.
struct source_type {
    foreign_type type = foreign_type::none;
    fidelity elements = fidelity::exact;

    friend constexpr bool operator==(const source_type&, const source_type&) = default;
};

/// True for an integer that float32 holds.
constexpr bool is_float32(std::int64_t integer) {
    const auto bits = static_cast<std::uint64_t>(integer), size = integer < 0 ? 0 - bits : bits;
    return size == 0 || size >> std::countr_zero(size) < 1U << std::numeric_limits<float>::digits;
}

/// Makes of what was computed in ctq's type what the foreign one would hold: reals are rounded to fewer digits,
/// integers taken modulo 2^32. (64-bit reals stay as they are.) Throws node_fault for integers that int64 does not
/// hold.
inline void conform(constant& made, foreign_type type) {
    const auto each = [&]<class T>(T, auto become) {
        for (T& element : made.as<T>()) element = become(element);
    };
    if (type == foreign_type::float16) each(0.0F, nearest_float16);
    if (type == foreign_type::bfloat16) each(0.0F, nearest_bfloat16);
    if (type == foreign_type::uint32) each(std::int64_t{}, [](std::int64_t i) { return i & 0xFFFFFFFF; });
    if (type == foreign_type::uint64 && std::ranges::any_of(made.as<std::int64_t>(), [](auto i) { return i < 0; }))
        throw node_fault{exit_code::unsupported,
                         "makes of constants of type UINT64 one above 2^63 - 1, which is not supported; use INT64"};
}

} // namespace ctq::inline CTQ_TARGET::host::source

#pragma once
// file_type: the types of numbers in .npy and IDX files, and which ctq::dtype each is read as.
// room: host | runs on: host | heap: yes

#include <ctq/core/dtype.hpp>
#include <ctq/host/bytes.hpp>
#include <ctq/host/failure.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host {

/// How a file stores a number. What ctq::dtype holds stays as it is; half precision becomes float32, float64 is rounded
/// to it, and the larger unsigned integers become int64, all at once when the file is read.
struct file_type {
    std::string_view name;
    std::size_t width; ///< bytes of an element in the file
    dtype read_as;
    /// Elements as `read_as` from elements as in the file, both in the machine's byte order; null where these are the
    /// same. Throws `failure` (malformed), naming `path`, for a number that `read_as` cannot hold.
    std::string (*convert)(const std::string& bytes, std::string_view path) = nullptr;
};

namespace detail {

template <class Stored, class Convert> std::string each_converted(const std::string& bytes, Convert convert) {
    using kept = decltype(convert(Stored{}));
    std::string out(bytes.size() / sizeof(Stored) * sizeof(kept), '\0');
    for (std::size_t i = 0; i < bytes.size() / sizeof(Stored); ++i) {
        Stored stored;
        std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
        const kept value = convert(stored);
        std::memcpy(out.data() + i * sizeof(kept), &value, sizeof(kept));
    }
    return out;
}

inline std::string from_float16s(const std::string& bytes, std::string_view) {
    return each_converted<std::uint16_t>(bytes, from_float16);
}

inline std::string from_float64s(const std::string& bytes, std::string_view) {
    return each_converted<double>(bytes, from_double);
}

inline std::string from_uint32s(const std::string& bytes, std::string_view) {
    return each_converted<std::uint32_t>(bytes, [](std::uint32_t value) { return std::int64_t{value}; });
}

inline std::string from_uint64s(const std::string& bytes, std::string_view path) {
    return each_converted<std::uint64_t>(bytes, [path](std::uint64_t value) {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            fail_malformed(path, "holds ", value, "; integers up to 2^63 - 1 are supported: save as float32");
        return static_cast<std::int64_t>(value);
    });
}

template <class Stored> constexpr file_type unchanged{name_of(dtype_of<Stored>), sizeof(Stored), dtype_of<Stored>};

} // namespace detail

namespace file_types {

constexpr file_type boolean = detail::unchanged<ctq::boolean>;
constexpr file_type int8 = detail::unchanged<std::int8_t>;
constexpr file_type uint8 = detail::unchanged<std::uint8_t>;
constexpr file_type int16 = detail::unchanged<std::int16_t>;
constexpr file_type uint16 = detail::unchanged<std::uint16_t>;
constexpr file_type int32 = detail::unchanged<std::int32_t>;
constexpr file_type uint32{"uint32", 4, dtype::int64, detail::from_uint32s};
constexpr file_type int64 = detail::unchanged<std::int64_t>;
constexpr file_type uint64{"uint64", 8, dtype::int64, detail::from_uint64s};
constexpr file_type float16{"float16", 2, dtype::float32, detail::from_float16s};
constexpr file_type float32 = detail::unchanged<float>;
constexpr file_type float64{"float64", 8, dtype::float32, detail::from_float64s};

} // namespace file_types
} // namespace ctq::inline CTQ_TARGET::host

#pragma once
// A dense array as a data file holds it: shape, element type, and the elements in their own width.
// room: host | runs on: host | heap: yes

#include <ctq/host/bytes.hpp>
#include <ctq/host/failure.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// Row-major elements of one type, in the machine's own byte order.
struct array {
    enum class element { boolean, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64 };

    std::vector<std::int64_t> shape;
    element type = element::float32;
    std::string bytes;

    /// Bytes per element.
    [[nodiscard]] static constexpr std::size_t width(element type) {
        switch (type) {
        case element::boolean:
        case element::int8:
        case element::uint8:
            return 1;
        case element::int16:
        case element::uint16:
        case element::float16:
            return 2;
        case element::int32:
        case element::uint32:
        case element::float32:
            return 4;
        default:
            return 8;
        }
    }

    /// "uint8", "float32", ...
    [[nodiscard]] static constexpr std::string_view name(element type) {
        constexpr std::string_view names[] = {"bool",   "int8",  "uint8",  "int16",   "uint16",  "int32",
                                              "uint32", "int64", "uint64", "float16", "float32", "float64"};
        return names[static_cast<std::size_t>(type)];
    }

    [[nodiscard]] static constexpr bool is_real(element type) {
        return type == element::float16 || type == element::float32 || type == element::float64;
    }

    [[nodiscard]] std::size_t size() const { return bytes.size() / width(type); }

    /// A function from index to element, read as `Value`, whose width must be the array's.
    template <typename Value> [[nodiscard]] auto at() const {
        return [data = bytes.data()](std::size_t i) {
            Value value;
            std::memcpy(&value, data + i * sizeof(Value), sizeof(Value));
            return value;
        };
    }

    /// Calls `use(typed)` with a function from index to element; so that a loop asks for the type once.
    template <typename Use> decltype(auto) visit(Use use) const {
        switch (type) {
        case element::boolean:
        case element::uint8:
            return use(at<std::uint8_t>());
        case element::int8:
            return use(at<std::int8_t>());
        case element::int16:
            return use(at<std::int16_t>());
        case element::uint16:
            return use(at<std::uint16_t>());
        case element::int32:
            return use(at<std::int32_t>());
        case element::uint32:
            return use(at<std::uint32_t>());
        case element::int64:
            return use(at<std::int64_t>());
        case element::uint64:
            return use(at<std::uint64_t>());
        case element::float32:
            return use(at<float>());
        case element::float64:
            return use(at<double>());
        case element::float16:
            break;
        }
        return use([this](std::size_t i) { return from_float16(at<std::uint16_t>()(i)); });
    }

    /// All elements as float; doubles beyond float's range become infinite.
    [[nodiscard]] std::vector<float> values() const {
        std::vector<float> out(size());
        visit([&](auto element_at) {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = to_float(element_at(i));
        });
        return out;
    }

    template <typename Value> [[nodiscard]] static float to_float(Value value) {
        if constexpr (std::is_same_v<Value, double>)
            return from_double(value);
        else
            return static_cast<float>(value);
    }
};

namespace detail {

// The product of a shape, or nothing when it passes `limit`; no dimension may be negative.
inline bool checked_product(const std::vector<std::int64_t>& shape, std::uint64_t limit, std::uint64_t& product) {
    product = 1;
    for (const std::int64_t dim : shape) {
        if (dim == 0) {
            product = 0;
            return true;
        }
    }
    for (const std::int64_t dim : shape) {
        const auto size = static_cast<std::uint64_t>(dim);
        if (product > limit / size) return false;
        product *= size;
    }
    return product <= limit;
}

// "(60000, 28, 28)"
inline std::string text_of(const std::vector<std::int64_t>& shape) {
    std::string out = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) out += message(i == 0 ? "" : ", ", shape[i]);
    return out + (shape.size() == 1 ? ",)" : ")");
}

// Turns elements of the other byte order round, in place.
inline void swap_bytes(std::string& bytes, std::size_t width) {
    for (std::size_t i = 0; i + width <= bytes.size(); i += width) {
        for (std::size_t k = 0; k < width / 2; ++k) std::swap(bytes[i + k], bytes[i + width - 1 - k]);
    }
}

// Elements of `big` or little endian order as this machine keeps them.
inline void to_native(std::string& bytes, std::size_t width, bool big) {
    if (width > 1 && big != (std::endian::native == std::endian::big)) swap_bytes(bytes, width);
}

// Checks that `bytes` after `begin` are exactly the elements of a shape, and cuts them out of the file.
inline array cut_elements(std::string&& file, std::size_t begin, std::vector<std::int64_t> shape, array::element type,
                          std::string_view path) {
    const std::uint64_t width = array::width(type);
    std::uint64_t count = 0;
    if (!checked_product(shape, std::numeric_limits<std::uint64_t>::max() / width, count))
        fail_malformed(path, "shape ", text_of(shape), " has more elements than fit in memory");
    const std::uint64_t there = file.size() - begin;
    if (there < count * width)
        fail_malformed(path, "is truncated: shape ", text_of(shape), " of ", array::name(type), " needs ",
                       count * width, " bytes, ", there, " are there");
    if (there > count * width)
        fail_malformed(path, "has ", there - count * width, " bytes after the ", count * width, " of its shape ",
                       text_of(shape));
    file.erase(0, begin);
    array out;
    out.shape = std::move(shape);
    out.type = type;
    out.bytes = std::move(file);
    return out;
}

} // namespace detail
} // namespace ctq::inline CTQ_TARGET::host

#pragma once
// A dense array from a data file: shape, element type, and the elements in their own width.
// room: host | runs on: host | heap: yes

#include <ctq/core/dtype.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/file_type.hpp>

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
    std::vector<std::int64_t> shape;
    dtype type = dtype::float32;
    std::string bytes;

    /// Bytes per element.
    [[nodiscard]] std::size_t width() const { return bytes_of(type, 1); }
    [[nodiscard]] std::size_t size() const { return bytes.size() / width(); }

    /// A function from index to element, read as `Value`, whose width must be the array's.
    template <typename Value> [[nodiscard]] auto at() const {
        return [data = bytes.data()](std::size_t i) {
            Value value;
            std::memcpy(&value, data + i * sizeof(Value), sizeof(Value));
            return value;
        };
    }

    /// Calls `use(typed)` with a function from index to element; so that a loop asks for the type once.
    template <typename Use> void visit(Use use) const {
        with_element_type(type, [&](auto element) {
            if constexpr (std::is_arithmetic_v<decltype(element)>)
                use(at<decltype(element)>());
            else
                use(at<std::uint8_t>()); // booleans; no file holds int4
        });
    }

    /// All elements as float.
    [[nodiscard]] std::vector<float> values() const {
        std::vector<float> out(size());
        visit([&](auto element_at) {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(element_at(i));
        });
        return out;
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

// Checks that the bytes after `begin` are exactly the elements of a shape, of big or little endian order, and cuts them
// out of the file.
inline array cut_elements(std::string&& file, std::size_t begin, std::vector<std::int64_t> shape, const file_type& type,
                          bool big, std::string_view path) {
    const std::uint64_t width = type.width;
    std::uint64_t count = 0;
    if (!checked_product(shape, std::numeric_limits<std::uint64_t>::max() / width, count))
        fail_malformed(path, "shape ", text_of(shape), " has more elements than fit in memory");
    const std::uint64_t there = file.size() - begin;
    if (there < count * width)
        fail_malformed(path, "is truncated: shape ", text_of(shape), " of ", type.name, " needs ", count * width,
                       " bytes, ", there, " are there");
    if (there > count * width)
        fail_malformed(path, "has ", there - count * width, " bytes after the ", count * width, " of its shape ",
                       text_of(shape));
    file.erase(0, begin);
    to_native(file, type.width, big);
    if (type.convert != nullptr) file = type.convert(file, path);
    return {std::move(shape), type.read_as, std::move(file)};
}

} // namespace detail
} // namespace ctq::inline CTQ_TARGET::host

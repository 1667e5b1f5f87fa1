#pragma once
// IDX files, the format of MNIST and its kin (-images-idx3-ubyte, -labels-idx1-ubyte). All numbers are big-endian.
// room: host | runs on: host | heap: yes

#include <ctq/host/array.hpp>
#include <ctq/host/bytes.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/gzip.hpp>
#include <ctq/host/read_file.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::idx {

/// Whether `bytes` begin as an IDX file does: two zero bytes, an element type, a rank.
[[nodiscard]] inline bool is_idx(std::string_view bytes) {
    return bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] >= 0x08 && bytes[2] <= 0x0E;
}

namespace detail {

inline const file_type& file_type_of(unsigned char code, std::string_view path) {
    switch (code) {
    case 0x08:
        return file_types::uint8;
    case 0x09:
        return file_types::int8;
    case 0x0B:
        return file_types::int16;
    case 0x0C:
        return file_types::int32;
    case 0x0D:
        return file_types::float32;
    case 0x0E:
        return file_types::float64;
    default:
        fail_malformed(path, "has the unknown IDX element type ", unsigned{code});
    }
}

} // namespace detail

/// The array in the bytes of an IDX file; `path` is for messages. Throws `failure` (malformed) for a wrong beginning
/// and for a size that is not exactly what its dimensions need. Takes the bytes over: memory is the file's size, and
/// half of it once more for doubles.
[[nodiscard]] inline array parse(std::string bytes, std::string_view path) {
    if (bytes.empty()) fail_malformed(path, "is empty; an IDX file is expected");
    if (bytes.size() < 4) fail_malformed(path, "is truncated: ", bytes.size(), " bytes are too few for an IDX header");
    if (bytes[0] != 0 || bytes[1] != 0) fail_malformed(path, "is not an IDX file: its first two bytes are not 0");
    const file_type& type = detail::file_type_of(static_cast<unsigned char>(bytes[2]), path);
    const std::size_t rank = static_cast<unsigned char>(bytes[3]);
    if (rank == 0) fail_malformed(path, "is an IDX file without dimensions");
    const std::size_t header = 4 + 4 * rank;
    if (bytes.size() < header)
        fail_malformed(path, "is truncated: ", rank, " dimensions need a header of ", header, " bytes, ", bytes.size(),
                       " are there");
    std::vector<std::int64_t> shape;
    for (std::size_t i = 0; i < rank; ++i) shape.push_back(load<std::uint32_t, true>(bytes.data() + 4 + 4 * i));
    return host::detail::cut_elements(std::move(bytes), header, std::move(shape), type, true, path);
}

/// The array in an IDX file, which may be a .gz. Throws as read_file_or_gzip() and parse() do.
[[nodiscard]] inline array read(const std::string& path, std::uint64_t limit = default_file_limit) {
    return parse(read_file_or_gzip(path, limit), path);
}

} // namespace ctq::inline CTQ_TARGET::host::idx

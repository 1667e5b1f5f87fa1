#pragma once
// Makes .gz bytes for tests.

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace ctq::test {

/// `text` compressed, in the framing that `window_bits` asks zlib for.
inline std::string deflated(std::string_view text, int window_bits) {
    z_stream stream{};
    if (::deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("deflateInit2");
    std::string out(::deflateBound(&stream, static_cast<uLong>(text.size())) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("deflate");
    return out;
}

/// As a gzip file of one member.
inline std::string gzip(std::string_view text) {
    return deflated(text, 15 + 16);
}

} // namespace ctq::test

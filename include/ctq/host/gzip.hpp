#pragma once
// Decompression of .gz bytes with a limit on what comes out.
// room: host | runs on: host | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/read_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host {

/// Whether `bytes` begin as a gzip file does.
[[nodiscard]] inline bool is_gzip(std::string_view bytes) {
    return bytes.substr(0, 2) == "\x1f\x8b";
}

namespace detail {

class inflater {
    z_stream stream_{};
    std::string_view input_;
    std::string_view path_;
    std::uint64_t limit_;
    std::string output_;

    static constexpr std::size_t first_chunk = std::size_t{64} << 10U;

    void feed() {
        const std::size_t count = std::min<std::size_t>(input_.size(), std::numeric_limits<uInt>::max());
        // zlib's interface is older than const; it does not write through next_in.
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input_.data()));
        stream_.avail_in = static_cast<uInt>(count);
        input_.remove_prefix(count);
    }

    void grow() {
        // One byte above the limit shows that there is more than the limit without storing it.
        const std::uint64_t doubled = std::max<std::uint64_t>(first_chunk, 2 * std::uint64_t{output_.size()});
        output_.resize(static_cast<std::size_t>(std::min(doubled, limit_ + 1)));
    }

    // One step of zlib into the free end of the output; returns zlib's status.
    int step(std::size_t& filled) {
        if (filled == output_.size()) grow();
        const std::size_t room = std::min<std::size_t>(output_.size() - filled, std::numeric_limits<uInt>::max());
        stream_.next_out = reinterpret_cast<Bytef*>(output_.data() + filled);
        stream_.avail_out = static_cast<uInt>(room);
        const int status = ::inflate(&stream_, Z_NO_FLUSH);
        filled += room - stream_.avail_out;
        if (filled > limit_) fail_malformed(path_, "inflates to more than the limit of ", limit_, " bytes");
        return status;
    }

    [[nodiscard]] std::uint64_t unread() const { return std::uint64_t{stream_.avail_in} + input_.size(); }

  public:
    inflater(std::string_view bytes, std::string_view path, std::uint64_t limit)
        : input_(bytes), path_(path), limit_(limit) {
        if (::inflateInit2(&stream_, 15 + 16) != Z_OK)
            throw failure(exit_code::internal, "zlib could not be started; please report");
    }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;
    ~inflater() { ::inflateEnd(&stream_); }

    [[nodiscard]] std::string run() {
        std::size_t filled = 0;
        for (;;) {
            if (stream_.avail_in == 0) feed();
            const int status = step(filled);
            if (status == Z_STREAM_END && unread() == 0) break;
            if (status == Z_STREAM_END) {
                ::inflateReset(&stream_); // a gzip file may hold several members one after the other
            } else if (status == Z_BUF_ERROR && unread() == 0) {
                fail_malformed(path_, "is a truncated gzip file: it ends after ", filled, " inflated bytes");
            } else if (status != Z_OK && status != Z_BUF_ERROR) {
                fail_malformed(path_, "is a corrupt gzip file: ", stream_.msg != nullptr ? stream_.msg : "no detail");
            }
        }
        output_.resize(filled);
        return std::move(output_);
    }
};

} // namespace detail

/// What the gzip file `bytes` holds; `path` is for messages. Throws `failure` (malformed) when it is truncated, corrupt
/// or inflates to more than `limit` bytes. Memory: at most twice the result and never more than `limit` + 1.
[[nodiscard]] inline std::string inflate_gzip(std::string_view bytes, std::string_view path,
                                              std::uint64_t limit = default_file_limit) {
    return detail::inflater(bytes, path, limit).run();
}

/// The bytes of a file; inflated when they are a gzip file.
[[nodiscard]] inline std::string read_file_or_gzip(const std::string& path, std::uint64_t limit = default_file_limit) {
    std::string bytes = read_file(path, limit);
    return is_gzip(bytes) ? inflate_gzip(bytes, path, limit) : std::move(bytes);
}

} // namespace ctq::inline CTQ_TARGET::host

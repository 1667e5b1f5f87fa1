#pragma once
// read_file: whole files and parts of open ones, read so that nothing can hang. Writing: atomic_write.hpp.
// room: host | runs on: host (POSIX) | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/file_descriptor.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host {

/// The largest file that is read unless the caller says otherwise: 2 GiB.
inline constexpr std::uint64_t default_file_limit = std::uint64_t{2} << 30U;

namespace detail {

inline const char* kind_of_file(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a FIFO";
    if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
    return S_ISSOCK(mode) ? "a socket" : "not a regular file";
}

// The size of an open regular file; throws for anything else and for a file over the limit.
inline std::uint64_t checked_size(const file_descriptor& file, std::string_view path, std::uint64_t limit) {
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) fail_malformed(path, "cannot be read: ", system_text(errno));
    if (!S_ISREG(status.st_mode)) fail_malformed(path, "is ", kind_of_file(status.st_mode), "; give a regular file");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > limit) fail_malformed(path, "has ", size, " bytes, larger than the limit of ", limit);
    return size;
}

// Up to `count` bytes from `offset`; fewer when the file ends. Throws on an I/O error.
inline std::size_t read_at(const file_descriptor& file, std::string_view path, char* out, std::size_t count,
                           std::uint64_t offset) {
    std::size_t done = 0;
    while (done < count) {
        const ssize_t step = ::pread(file.number(), out + done, count - done, static_cast<off_t>(offset + done));
        if (step < 0 && errno == EINTR) continue;
        if (step < 0) fail_malformed(path, "cannot be read: ", system_text(errno));
        if (step == 0) break;
        done += static_cast<std::size_t>(step);
    }
    return done;
}

} // namespace detail

/// `count` bytes of an open file from `offset`; `path` is for messages. Throws `failure` (malformed) when the file ends
/// earlier.
[[nodiscard]] inline std::string read_range(const file_descriptor& file, std::string_view path, std::uint64_t offset,
                                            std::uint64_t count) {
    std::string bytes;
    try {
        bytes.resize(static_cast<std::size_t>(count));
    } catch (const std::exception&) {
        fail_malformed(path, "needs ", count, " bytes of memory, more than there is");
    }
    const std::size_t done = detail::read_at(file, path, bytes.data(), bytes.size(), offset);
    if (done != bytes.size())
        fail_malformed(path, "ended after ", done, " of ", count, " bytes; it changed while it was read");
    return bytes;
}

/// The whole of a regular file. Never blocks: a directory, FIFO, device, unreadable file or one over `limit` bytes
/// throws `failure` (malformed) that names the reason. Memory: the file's size.
[[nodiscard]] inline std::string read_file(const std::string& path, std::uint64_t limit = default_file_limit) {
    if (path.empty()) throw failure(exit_code::malformed, "the name of an input file is empty; give a path");
    if (path.find('\0') != std::string::npos) fail_malformed(path, "has a NUL character in its name");
    // O_NONBLOCK: opening a FIFO without a writer would wait for ever otherwise.
    const file_descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
    if (!file) fail_malformed(path, "cannot be opened: ", detail::system_text(errno));
    return read_range(file, path, 0, detail::checked_size(file, path, limit));
}

} // namespace ctq::inline CTQ_TARGET::host

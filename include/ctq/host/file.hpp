#pragma once
// Whole files in and out: reads that cannot hang, writes that leave the old file or the new one and nothing between.
// room: host | runs on: host (POSIX) | heap: yes

#include <ctq/host/failure.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace ctq::inline CTQ_TARGET::host {

/// The largest file that is read unless the caller says otherwise: 2 GiB.
inline constexpr std::uint64_t default_file_limit = std::uint64_t{2} << 30U;

/// A POSIX file descriptor that closes itself.
class file_descriptor {
    int number_ = -1;

  public:
    file_descriptor() = default;
    explicit file_descriptor(int number) : number_(number) {}
    file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    file_descriptor& operator=(file_descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    file_descriptor(const file_descriptor&) = delete;
    file_descriptor& operator=(const file_descriptor&) = delete;
    ~file_descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

    /// Closes now and says whether that succeeded: a full disk may show only here.
    [[nodiscard]] bool close() { return ::close(std::exchange(number_, -1)) == 0; }
};

namespace detail {

inline std::string system_text(int error) {
    return std::generic_category().message(error);
}

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

namespace detail {

// Names of unfinished files, in memory that a signal handler may read. A slot is taken while `used` is not 0.
struct temporary_slot {
    volatile std::sig_atomic_t used = 0;
    char path[4096] = {};
};
inline temporary_slot temporaries[16];

inline temporary_slot* remember_temporary(const std::string& path) {
    for (temporary_slot& slot : temporaries) {
        if (slot.used != 0 || path.size() >= sizeof slot.path) continue;
        std::memcpy(slot.path, path.c_str(), path.size() + 1);
        slot.used = 1;
        return &slot;
    }
    return nullptr;
}

extern "C" inline void ctq_remove_temporaries_and_exit(int signal) {
    for (const temporary_slot& slot : temporaries) {
        if (slot.used != 0) ::unlink(slot.path);
    }
    ::_exit(128 + signal);
}

// A file beside the target that disappears unless it is renamed onto it.
class temporary_file {
    std::string path_;
    file_descriptor file_;
    temporary_slot* slot_ = nullptr;

    [[noreturn]] static void refuse(std::string_view target, int error) {
        throw failure(exit_code::cannot_write,
                      message(printable_path(target), ": cannot be written: ", system_text(error)));
    }

    static std::filesystem::path folder_of(const std::string& target) {
        const std::filesystem::path folder = std::filesystem::path(target).parent_path();
        return folder.empty() ? "." : folder;
    }

    // True where the bytes are on the disk, or where the file system cannot say so.
    static bool synchronized(const file_descriptor& file) {
        return ::fsync(file.number()) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS;
    }

    // Short, so that the longest legal name of a target still has a temporary beside it.
    static std::string name_beside(const std::string& target, unsigned attempt) {
        const std::string name = message(".ctq-", static_cast<long>(::getpid()), "-", attempt, ".part");
        return (folder_of(target) / name).string();
    }

  public:
    // With the permissions `mode`, of which the umask takes away; keep_mode() gives them back.
    explicit temporary_file(const std::string& target, mode_t mode = 0666) {
        for (unsigned attempt = 0; attempt < 100 && !file_; ++attempt) {
            path_ = name_beside(target, attempt);
            slot_ = remember_temporary(path_);
            file_ = file_descriptor{::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
            if (file_) return;
            const int error = errno;
            forget();
            if (error != EEXIST) refuse(target, error);
        }
        refuse(target, EEXIST);
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() {
        if (path_.empty()) return;
        ::unlink(path_.c_str());
        forget();
    }

    void write(std::string_view target, std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t step = ::write(file_.number(), bytes.data(), bytes.size());
            if (step < 0 && errno == EINTR) continue;
            if (step < 0) refuse(target, errno);
            bytes.remove_prefix(static_cast<std::size_t>(step));
        }
    }

    void keep_mode(std::string_view target, mode_t mode) const {
        if (::fchmod(file_.number(), mode) != 0) refuse(target, errno);
    }

    // The bytes reach the disk before the name does, so that no crash leaves an empty file; then the name does. (A
    // folder that may not be read cannot be asked for that.)
    void rename_to(const std::string& target) {
        if (!synchronized(file_)) refuse(target, errno);
        if (!file_.close()) refuse(target, errno);
        if (::rename(path_.c_str(), target.c_str()) != 0) refuse(target, errno);
        forget();
        path_.clear();
        const file_descriptor folder{::open(folder_of(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (folder && !synchronized(folder)) refuse(target, errno);
    }

  private:
    void forget() {
        if (slot_ != nullptr) slot_->used = 0;
        slot_ = nullptr;
    }
};

inline void write_to_stream(const std::string& path, std::string_view bytes) {
    std::FILE* stream = std::fopen(path.c_str(), "wb");
    const bool written = stream != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), stream) == bytes.size();
    const bool closed = stream != nullptr && std::fclose(stream) == 0;
    if (!written || !closed)
        throw failure(exit_code::cannot_write,
                      message(printable_path(path), ": cannot be written: ", system_text(errno)));
}

// What `path` is in the end: symbolic links followed, the last of which may point to nothing yet.
inline std::string target_of_links(const std::string& path) {
    std::filesystem::path at = path;
    std::error_code error;
    for (int links = 0; links < 40; ++links) {
        if (!std::filesystem::is_symlink(at, error)) return at.string();
        at = at.parent_path() / std::filesystem::read_symlink(at, error);
    }
    throw failure(exit_code::cannot_write, message(printable_path(path), ": cannot be written: ", system_text(ELOOP)));
}

} // namespace detail

/// Replaces `path` by `bytes`, or leaves it as it was, whatever happens: the bytes go to a temporary file in the same
/// folder, reach the disk, and the file is renamed. A file that is replaced gives its permissions to the new one. A
/// symbolic link stays and its target is replaced, or made where there is none yet, as a shell's `>` does; a device
/// (/dev/stdout) is written to. Throws `failure` (cannot_write); the temporary file is removed then, and by
/// remove_temporaries_on_signals() too.
inline void atomic_write(const std::string& path, std::string_view bytes) {
    const auto refuse = [&](std::string_view why) {
        throw failure(exit_code::cannot_write, message(printable_path(path), ": cannot be written: ", why));
    };
    if (path.empty() || path.find('\0') != std::string::npos) refuse("the name is empty or holds a NUL character");
    struct stat status {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) refuse("it is a directory; give a file name");
    if (exists && !S_ISREG(status.st_mode)) return detail::write_to_stream(path, bytes);
    const std::string resolved = detail::target_of_links(path);
    const mode_t mode = exists ? status.st_mode & 0777U : 0666U;
    detail::temporary_file temporary(resolved, mode);
    temporary.write(path, bytes);
    if (exists) temporary.keep_mode(path, mode);
    temporary.rename_to(resolved);
}

/// From now on SIGINT, SIGTERM and SIGHUP remove every unfinished file of atomic_write and end the process with 128 +
/// the signal's number (SIGINT: 130). Call once, from main.
inline void remove_temporaries_on_signals() {
    struct sigaction action {};
    action.sa_handler = detail::ctq_remove_temporaries_and_exit;
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

} // namespace ctq::inline CTQ_TARGET::host

#pragma once
// atomic_write: a whole file out, which leaves the old file or the new one and nothing between, after a signal too.
// room: host | runs on: host (POSIX) | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/file_descriptor.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace ctq::inline CTQ_TARGET::host {

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
/// the signal's number (SIGINT: 130); a file that grows beyond the process's limit is a fault of writing, as on a full
/// disk. Call once, from main.
inline void remove_temporaries_on_signals() {
    struct sigaction action {};
    action.sa_handler = detail::ctq_remove_temporaries_and_exit;
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
    ::signal(SIGXFSZ, SIG_IGN);
}

} // namespace ctq::inline CTQ_TARGET::host

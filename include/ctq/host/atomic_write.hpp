#pragma once
// atomic_write: whole files out, which leave the old ones or the new ones and nothing between, after a signal too: one
// file, or several that appear together.
// room: host | runs on: host (POSIX) | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/file_descriptor.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

namespace detail {

[[noreturn]] inline void refuse_to_write(std::string_view path, std::string_view why) {
    throw failure(exit_code::cannot_write, message(printable_path(path), ": cannot be written: ", why));
}
[[noreturn]] inline void refuse_to_write(std::string_view path, int error) {
    refuse_to_write(path, system_text(error));
}

// The name of an unfinished file, which a signal handler may read while it is `used`. Slots are taken again, and never
// freed: the handler walks through them at any time.
struct temporary_slot {
    temporary_slot* next;
    std::string path{};
    std::atomic<bool> used = false;
};
inline std::atomic<temporary_slot*> temporaries = nullptr;
static_assert(std::atomic<temporary_slot*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free,
              "a signal handler reads them");

inline temporary_slot* remember_temporary(const std::string& path) {
    temporary_slot* slot = temporaries;
    while (slot != nullptr && slot->used) slot = slot->next;
    if (slot == nullptr) {
        slot = new temporary_slot{temporaries};
        temporaries = slot;
    }
    slot->path = path;
    slot->used = true;
    return slot;
}

extern "C" inline void ctq_remove_temporaries_and_exit(int signal) {
    for (const temporary_slot* slot = temporaries; slot != nullptr; slot = slot->next) {
        if (slot->used) ::unlink(slot->path.c_str());
    }
    ::_exit(128 + signal);
}

inline constexpr int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};

// While it lives, those signals wait: what happens meanwhile happens whole.
class signals_held {
    sigset_t before_{};

  public:
    signals_held() {
        sigset_t held;
        sigemptyset(&held);
        for (const int signal : ending_signals) sigaddset(&held, signal);
        ::sigprocmask(SIG_BLOCK, &held, &before_);
    }
    signals_held(const signals_held&) = delete;
    signals_held& operator=(const signals_held&) = delete;
    ~signals_held() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
};

inline std::filesystem::path folder_of(const std::string& target) {
    const std::filesystem::path folder = std::filesystem::path(target).parent_path();
    return folder.empty() ? "." : folder;
}

// A file beside a target that disappears unless it is renamed onto it.
class temporary_name {
    std::string path_;
    temporary_slot* slot_ = nullptr;

    explicit temporary_name(std::string path) : path_(std::move(path)), slot_(remember_temporary(path_)) {}

    // Short, so that the longest legal name of a target still has a temporary beside it.
    static std::string name_beside(const std::string& target) {
        static std::atomic<unsigned> made = 0;
        return (folder_of(target) / message(".ctq-", static_cast<long>(::getpid()), "-", made++, ".part")).string();
    }

    void forget() {
        if (slot_ != nullptr) slot_->used = false;
        slot_ = nullptr;
    }

  public:
    temporary_name(temporary_name&& other) noexcept
        : path_(std::move(other.path_)), slot_(std::exchange(other.slot_, nullptr)) {}
    temporary_name& operator=(temporary_name&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(slot_, other.slot_);
        return *this;
    }
    ~temporary_name() {
        if (slot_ != nullptr) ::unlink(path_.c_str());
        forget();
    }

    // The file that `make(path)` makes, which says whether it did, and refuses a name that is taken with EEXIST; else
    // errno tells why there is none.
    template <class Make> static std::optional<temporary_name> beside(const std::string& target, Make make) {
        for (int attempt = 0; attempt < 100; ++attempt) {
            temporary_name made(name_beside(target));
            if (make(made.path_.c_str())) return made;
            const int error = errno;
            made.forget();
            errno = error;
            if (error != EEXIST) break;
        }
        return std::nullopt;
    }

    [[nodiscard]] bool rename_to(const std::string& target) {
        if (::rename(path_.c_str(), target.c_str()) != 0) return false;
        forget();
        return true;
    }
};

// What `path` is in the end: symbolic links followed, the last of which may point to nothing yet.
inline std::string target_of_links(const std::string& path) {
    std::filesystem::path at = path;
    std::error_code error;
    for (int links = 0; links < 40; ++links) {
        if (!std::filesystem::is_symlink(at, error)) return at.string();
        at = at.parent_path() / std::filesystem::read_symlink(at, error);
    }
    refuse_to_write(path, ELOOP);
}

// True where the bytes are on the disk, or where the file system cannot say so.
inline bool synchronized(const file_descriptor& file) {
    return ::fsync(file.number()) == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS;
}

// One file on its way: beside its target until it appears. A device has nothing beside it: its bytes are gone at once.
class unfinished_file {
    std::string path_;   // as it was given
    std::string target_; // what is replaced
    bool replaces_ = false;
    file_descriptor file_;
    std::optional<temporary_name> made_, old_;

    void open_device() {
        file_ = file_descriptor{::open(path_.c_str(), O_WRONLY | O_CLOEXEC)};
        if (!file_) refuse_to_write(path_, errno);
    }

    void open_beside(mode_t mode) {
        target_ = target_of_links(path_);
        made_ = temporary_name::beside(target_, [&](const char* path) {
            file_ = file_descriptor{::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
            return static_cast<bool>(file_);
        });
        if (!made_) refuse_to_write(target_, errno);
        // What the umask took away of the permissions of the file that is replaced.
        if (replaces_ && ::fchmod(file_.number(), mode) != 0) refuse_to_write(path_, errno);
    }

  public:
    explicit unfinished_file(const std::string& path) : path_(path) {
        if (path.empty() || path.find('\0') != std::string::npos)
            refuse_to_write(path, "the name is empty or holds a NUL character");
        struct stat status {};
        replaces_ = ::stat(path.c_str(), &status) == 0;
        if (replaces_ && S_ISDIR(status.st_mode)) refuse_to_write(path, "it is a directory; give a file name");
        if (replaces_ && !S_ISREG(status.st_mode))
            open_device();
        else
            open_beside(replaces_ ? status.st_mode & 0777U : 0666U);
    }

    void write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t step = ::write(file_.number(), bytes.data(), bytes.size());
            if (step < 0 && errno == EINTR) continue;
            if (step < 0) refuse_to_write(path_, errno);
            bytes.remove_prefix(static_cast<std::size_t>(step));
        }
    }

    // The bytes reach the disk before the name does, so that no crash leaves an empty file.
    void close() {
        if (made_ && !synchronized(file_)) refuse_to_write(path_, errno);
        if (!file_.close()) refuse_to_write(path_, errno);
    }

    // Keeps the file that is replaced under a name of its own, where the file system has such, for take_back().
    void keep_old() {
        if (made_ && replaces_)
            old_ =
                temporary_name::beside(target_, [&](const char* path) { return ::link(target_.c_str(), path) == 0; });
    }

    void appear() {
        if (made_ && !made_->rename_to(target_)) refuse_to_write(path_, errno);
    }

    // After appear(): as it was before.
    void take_back() {
        if (old_)
            static_cast<void>(old_->rename_to(target_));
        else if (made_ && !replaces_)
            ::unlink(target_.c_str());
    }

    // The name reaches the disk. (A folder that may not be read cannot be asked for that.)
    void synchronize_folder() const {
        if (!made_) return;
        const file_descriptor folder{::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (folder && !synchronized(folder)) refuse_to_write(path_, errno);
    }
};

} // namespace detail

/// Files that appear together, in the order in which they were begun, or not at all, whatever happens: the bytes go to
/// temporary files in the same folders, reach the disk, and the files are renamed. A file that is replaced gives its
/// permissions to the new one. A symbolic link stays and its target is replaced, or made where there is none yet, as a
/// shell's `>` does; a device (/dev/stdout) is written to at once. All throw `failure` (cannot_write); the temporary
/// files are removed unless commit() has returned, and by remove_temporaries_on_signals() too.
class atomic_files {
    std::vector<detail::unfinished_file> files_;

  public:
    /// Begins a file, and ends the one before.
    void begin(const std::string& path) {
        if (!files_.empty()) files_.back().close();
        files_.emplace_back(path);
    }

    /// More bytes of the file that was begun last.
    void write(std::string_view bytes) { files_.back().write(bytes); }

    /// The files appear. Once.
    void commit() {
        if (files_.empty()) return;
        files_.back().close();
        const detail::signals_held held;
        if (files_.size() > 1) // one alone needs no way back
            for (detail::unfinished_file& file : files_) file.keep_old();
        for (std::size_t i = 0; i < files_.size(); ++i) {
            try {
                files_[i].appear();
            } catch (const failure&) {
                while (i-- > 0) files_[i].take_back();
                throw;
            }
        }
        for (const detail::unfinished_file& file : files_) file.synchronize_folder();
    }
};

/// Replaces `path` by `bytes`, or leaves it as it was: as atomic_files does.
inline void atomic_write(const std::string& path, std::string_view bytes) {
    atomic_files files;
    files.begin(path);
    files.write(bytes);
    files.commit();
}

/// From now on SIGINT, SIGTERM and SIGHUP remove every unfinished file and end the process with 128 + the signal's
/// number (SIGINT: 130); a file that grows beyond the process's limit is a fault of writing, as on a full disk. Call
/// once, from main.
inline void remove_temporaries_on_signals() {
    struct sigaction action {};
    action.sa_handler = detail::ctq_remove_temporaries_and_exit;
    sigemptyset(&action.sa_mask);
    for (const int signal : detail::ending_signals) ::sigaction(signal, &action, nullptr);
    ::signal(SIGXFSZ, SIG_IGN);
}

} // namespace ctq::inline CTQ_TARGET::host

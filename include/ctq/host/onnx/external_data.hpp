#pragma once
// Weights that lie in a file beside the model: found below the model's folder only, never through a link.
// room: host | runs on: host (POSIX) | heap: yes

#include <ctq/host/failure.hpp>
#include <ctq/host/file_descriptor.hpp>
#include <ctq/host/onnx/session.hpp>
#include <ctq/host/read_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::detail {

struct external_entry {
    std::string_view key;
    std::string_view value;
};

// The `external_data` entries of one tensor, understood and read. Every refusal throws `failure` (malformed).
class external_data {
    session* session_;
    std::string where_; // "initializer 'w'"
    std::string location_;
    std::uint64_t offset_ = 0;
    std::optional<std::uint64_t> length_;

    template <typename... Parts> [[noreturn]] void refuse(const Parts&... what) const {
        fail_malformed(session_->path, where_, ": external data ", in_quotes(location_), ": ", what...);
    }

    [[nodiscard]] std::uint64_t number(std::string_view key, std::string_view text) const {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size())
            refuse(key, " ", in_quotes(text), " is not a number of bytes");
        return value;
    }

    void take(const external_entry& entry) {
        if (entry.key == "offset") {
            offset_ = number(entry.key, entry.value);
        } else if (entry.key == "length") {
            length_ = number(entry.key, entry.value);
        } else if (entry.key != "location" && entry.key != "checksum" && entry.key != "basepath") {
            session_->warn(where_, ": external data key ", in_quotes(entry.key), " is not known and is ignored");
        }
    }

    // The location's folders and file name. "." is dropped; anything that could leave the model's folder is refused.
    [[nodiscard]] std::vector<std::string> components() const {
        if (location_.empty()) refuse("the location is empty");
        if (location_.find('\0') != std::string::npos) refuse("the location holds a NUL character");
        const bool drive = location_.size() >= 2 && location_[1] == ':';
        if (location_.front() == '/' || drive || location_.find('\\') != std::string::npos)
            refuse("the location is not a relative path with '/'; put the file beside the model");
        std::vector<std::string> parts;
        for (std::size_t begin = 0; begin <= location_.size();) {
            const std::size_t end = std::min(location_.find('/', begin), location_.size());
            std::string part = location_.substr(begin, end - begin);
            if (part == "..") refuse("the location leaves the model's folder; put the file beside the model");
            if (!part.empty() && part != ".") parts.push_back(std::move(part));
            begin = end + 1;
        }
        if (parts.empty()) refuse("the location names no file");
        return parts;
    }

    [[noreturn]] void refuse_open(int folder, const std::string& part, int error) const {
        struct stat status {};
        if (::fstatat(folder, part.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode))
            refuse(in_quotes(part), " is a symbolic link; copy the file itself to the model's folder");
        refuse("cannot be opened: ", host::detail::system_text(error));
    }

    // Opens folder by folder, following no link, so that nothing outside the model's folder can be reached.
    [[nodiscard]] file_descriptor open() const {
        const std::vector<std::string> parts = components();
        const std::string base = session_->folder.empty() ? "." : session_->folder;
        file_descriptor place{::open(base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!place) refuse("the model's folder cannot be opened: ", host::detail::system_text(errno));
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const int kind = i + 1 < parts.size() ? O_DIRECTORY : O_NONBLOCK | O_NOCTTY;
            file_descriptor next{::openat(place.number(), parts[i].c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind)};
            if (!next) refuse_open(place.number(), parts[i], errno);
            place = std::move(next);
        }
        return place;
    }

    // The size of the open file, once it is known to be a plain file of its own.
    [[nodiscard]] std::uint64_t size_of(const file_descriptor& file) const {
        struct stat status {};
        struct stat model {};
        if (::fstat(file.number(), &status) != 0) refuse("cannot be read: ", host::detail::system_text(errno));
        if (!S_ISREG(status.st_mode)) refuse("is ", host::detail::kind_of_file(status.st_mode), ", not a regular file");
        const bool is_model = ::stat(session_->path.c_str(), &model) == 0 && model.st_dev == status.st_dev &&
                              model.st_ino == status.st_ino;
        if (is_model) refuse("is the model file itself");
        if (status.st_nlink > 1)
            refuse("is a hard link (", static_cast<std::uint64_t>(status.st_nlink), " names); copy it");
        return static_cast<std::uint64_t>(status.st_size);
    }

  public:
    external_data(const std::vector<external_entry>& entries, std::string where, session& owner)
        : session_(&owner), where_(std::move(where)) {
        for (const external_entry& entry : entries) {
            const auto same = [&](const external_entry& other) { return other.key == entry.key; };
            if (std::count_if(entries.begin(), entries.end(), same) > 1)
                refuse("key ", in_quotes(entry.key), " is given twice");
            if (entry.key == "location") location_ = std::string(entry.value);
        }
        for (const external_entry& entry : entries) take(entry);
    }

    /// The tensor's `expected` bytes, which may begin at any offset.
    [[nodiscard]] std::string read(std::uint64_t expected) const {
        const file_descriptor file = open();
        const std::uint64_t size = size_of(file);
        if (offset_ > size) refuse("offset ", offset_, " lies behind the file's ", size, " bytes");
        if (length_ && *length_ != expected)
            refuse("length ", *length_, " differs from the ", expected, " bytes that the shape needs");
        if (size - offset_ < expected)
            refuse("offset ", offset_, " and ", expected, " bytes reach behind the file's ", size, " bytes");
        return read_range(file, message(session_->folder, "/", location_), offset_, expected);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::detail

#pragma once
// file_descriptor: an open file that closes itself, and the system's word for what went wrong with one.
// room: host | runs on: host (POSIX) | heap: yes (texts)

#include <ctq/core/target.hpp>

#include <unistd.h>

#include <string>
#include <system_error>
#include <utility>

namespace ctq::inline CTQ_TARGET::host {

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

} // namespace detail

} // namespace ctq::inline CTQ_TARGET::host

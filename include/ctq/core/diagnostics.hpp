#pragma once
// The one way in which code that firmware includes reports a fault.
// room: core | runs on: all | heap: no | exceptions: only where the host has them

#include <ctq/core/target.hpp>

#if defined(__cpp_exceptions)
#include <cstddef>
#include <exception>
#endif

namespace ctq::inline CTQ_TARGET {

#if defined(__cpp_exceptions)
/// A model, an attribute or a shape that breaks a rule. The host tool adds file and node and prints one line.
/// std::runtime_error would make every translation unit of a model read <string>: a tenth of what it takes to compile.
class model_error : public std::exception {
    char text_[1024] = {};

  public:
    /// Copies `text`; what is longer than 1023 characters is cut.
    explicit model_error(const char* text) noexcept {
        for (std::size_t i = 0; i + 1 < sizeof(text_) && text[i] != '\0'; ++i) text_[i] = text[i];
    }
    [[nodiscard]] const char* what() const noexcept override { return text_; }
};
#endif

/// Reports `what` and does not return. It is not constexpr: during constant evaluation the call itself is the
/// compiler's error, and the text stands in the line that the compiler shows. On a host it throws `model_error`;
/// built without exceptions it stops the program.
[[noreturn]] inline void fail([[maybe_unused]] const char* what) {
#if defined(__cpp_exceptions)
    throw model_error(what);
#else
    __builtin_trap();
#endif
}

/// Calls fail() unless `holds`.
constexpr void require(bool holds, const char* what) {
    if (!holds) fail(what);
}

} // namespace ctq::inline CTQ_TARGET

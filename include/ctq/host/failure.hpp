#pragma once
// What the host tool throws when it cannot go on: an exit code and the faults that explain it, one line each.
// room: host | runs on: host | heap: yes

#include <ctq/host/text.hpp>

#include <cstddef>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// The tool's exit codes.
enum class exit_code : int {
    done = 0,
    gate_failed = 1,
    usage = 2,
    malformed = 3,
    unsupported = 4,
    cannot_write = 5,
    internal = 70
};

/// Faults gathered while a file is checked: the text of the first `kept`, the number of all.
/// A malformed file outranks an unsupported one.
class fault_list {
    std::vector<std::string> lines_;
    std::size_t total_ = 0;
    exit_code code_ = exit_code::done;

  public:
    static constexpr std::size_t kept = 20;

    void add(exit_code code, std::string line) {
        const bool outranks =
            code_ == exit_code::done || (code_ == exit_code::unsupported && code == exit_code::malformed);
        if (outranks) code_ = code;
        ++total_;
        if (lines_.size() < kept) lines_.push_back(std::move(line));
    }

    [[nodiscard]] bool empty() const { return total_ == 0; }
    [[nodiscard]] std::size_t total() const { return total_; }
    [[nodiscard]] exit_code code() const { return code_; }
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

    /// Every line after `prefix`, and "<prefix>...and N more" when not all were kept.
    [[nodiscard]] std::string text(std::string_view prefix = "") const {
        std::string out;
        for (const std::string& line : lines_) out += message(out.empty() ? "" : "\n", prefix, line);
        if (total_ > lines_.size())
            out += message("\n", prefix, "\xE2\x80\xA6", "and ", total_ - lines_.size(), " more");
        return out;
    }

    /// Throws `failure` with all faults, if there are any.
    void throw_if_any() const;
};

/// An error with an exit code. what() holds the lines without the "ctq: error: " prefix; print() writes them with it.
struct failure : std::runtime_error {
    exit_code code;
    fault_list faults;

    failure(exit_code code_given, std::string line) : failure(code_given, single(code_given, std::move(line))) {}
    failure(exit_code code_given, fault_list list)
        : std::runtime_error(list.text()), code(code_given), faults(std::move(list)) {}

    /// One line per fault, each "ctq: error: FILE: ...".
    void print(std::ostream& out) const { out << faults.text("ctq: error: ") << '\n'; }

  private:
    static fault_list single(exit_code code_given, std::string line) {
        fault_list list;
        list.add(code_given, std::move(line));
        return list;
    }
};

inline void fault_list::throw_if_any() const {
    if (!empty()) throw failure(code_, *this);
}

/// Throws "FILE: what" with the code for a malformed input.
template <typename... Parts> [[noreturn]] void fail_malformed(std::string_view path, const Parts&... what) {
    throw failure(exit_code::malformed, message(printable_path(path), ": ", what...));
}

/// Throws the failure of a wrong choice: of options, names or types.
template <typename... Parts> [[noreturn]] void fail_usage(const Parts&... what) {
    throw failure(exit_code::usage, message(what...));
}

} // namespace ctq::inline CTQ_TARGET::host

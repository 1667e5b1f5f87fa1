#pragma once
// progress: a bar on stderr while work lasts; only on a terminal, and only once a second has passed.
// room: host | runs on: host | heap: yes (the label)

#include <ctq/host/text.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace ctq::inline CTQ_TARGET::host {

/// The bar as text: "calibrate [#####.....] 50 %, 500 of 1000, 3 s left". `seconds`: since the start.
[[nodiscard]] inline std::string progress_line(std::string_view label, std::size_t done, std::size_t total,
                                               double seconds) {
    constexpr std::size_t width = 30;
    const std::size_t of = std::max<std::size_t>(total, 1), reached = std::min(done, of);
    const std::size_t filled = width * reached / of;
    const std::string line = fmt::format("{} [{:#<{}}{:.<{}}] {} %, {} of {}", label, "", filled, "", width - filled,
                                         100 * reached / of, reached, of);
    if (reached == 0 || reached == of) return line;
    const double left = seconds / static_cast<double>(reached) * static_cast<double>(of - reached);
    return message(line, ", ", static_cast<long>(left + 0.5), " s left");
}

/// Call it with the number of finished samples; the destructor wipes the bar. Not for several threads at once.
class progress {
    using clock = std::chrono::steady_clock;
    static constexpr std::chrono::milliseconds patience{1000}, interval{100};

    std::string label_;
    std::size_t total_ = 0;
    bool terminal_ = false;
    clock::time_point start_ = clock::now(), due_ = start_ + patience;
    std::size_t shown_ = 0; ///< characters on the line

  public:
    progress(std::string label, std::size_t total)
        : label_(std::move(label)), total_(total), terminal_(::isatty(STDERR_FILENO) == 1) {}
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    ~progress() {
        if (shown_ > 0) std::fputs(fmt::format("\r{:{}}\r", "", shown_).c_str(), stderr);
    }

    void operator()(std::size_t done) {
        if (!terminal_) return;
        const auto now = clock::now();
        if (now < due_) return;
        due_ = now + interval;
        const std::string line =
            progress_line(label_, done, total_, std::chrono::duration<double>(now - start_).count());
        std::fputs(fmt::format("\r{:<{}}", line, shown_).c_str(), stderr);
        std::fflush(stderr);
        shown_ = std::max(shown_, line.size());
    }
};

} // namespace ctq::inline CTQ_TARGET::host

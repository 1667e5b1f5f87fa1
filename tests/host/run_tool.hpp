#pragma once
// Runs the tool that was built, as a person would: arguments in, exit code and both streams out.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <host/scratch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::test {

/// How the tool ended: 128 + the signal's number if one killed it.
struct tool_result {
    int code = -1;
    std::string out, error;

    /// The exit code, nothing on stdout, and one line on stderr that begins as every fault does and says `fragment`.
    [[nodiscard]] bool fails(int expected, std::string_view fragment) const {
        const bool one_line = std::count(error.begin(), error.end(), '\n') == 1 && error.back() == '\n';
        return code == expected && out.empty() && one_line && error.rfind("ctq: error: ", 0) == 0 &&
               error.find(fragment) != std::string::npos;
    }
    [[nodiscard]] bool says(std::string_view fragment) const { return out.find(fragment) != std::string::npos; }
};

using words = std::vector<std::string>;

/// A text that the shell takes as one word.
inline std::string shell_word(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// The tool's command line for a shell.
inline std::string tool_command(const words& arguments) {
    std::string command = shell_word(CTQ_TOOL_PATH);
    for (const std::string& each : arguments) command += " " + shell_word(each);
    return command;
}

/// Runs a tool with a registry of the test's own, in this process: `main` is its cli<...>.
inline tool_result run_in_process(int (*main)(int, char**), words arguments) {
    arguments.insert(arguments.begin(), "ctq");
    std::vector<char*> argv;
    for (std::string& each : arguments) argv.push_back(each.data());
    std::ostringstream out, error;
    std::streambuf *const real_out = std::cout.rdbuf(out.rdbuf()), *const real_error = std::cerr.rdbuf(error.rdbuf());
    const int code = main(static_cast<int>(argv.size()), argv.data());
    std::cout.rdbuf(real_out);
    std::cerr.rdbuf(real_error);
    return {code, out.str(), error.str()};
}

/// A running shell command with its streams in files. End the command's shell words with `exec` for signals.
class shell_process {
    scratch_folder streams_;
    pid_t child_;

  public:
    explicit shell_process(const std::string& command) : child_(::fork()) {
        if (child_ != 0) return;
        for (const auto& [number, name] : {std::pair(1, "out"), std::pair(2, "error")}) {
            const int file = ::open((streams_ / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            ::dup2(file, number);
        }
        ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }

    [[nodiscard]] pid_t id() const { return child_; }

    tool_result wait() {
        int status = 0;
        ::waitpid(child_, &status, 0);
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return {code, content_of(streams_ / "out"), content_of(streams_ / "error")};
    }
};

/// Runs a shell command to its end.
inline tool_result run_shell(const std::string& command) {
    return shell_process(command).wait();
}

/// Runs the tool to its end.
inline tool_result run_tool(const words& arguments) {
    return run_shell("exec " + tool_command(arguments));
}

/// A file of tests/data/models.
inline std::string test_model(const std::string& file) {
    return CTQ_TEST_DATA "/models/" + file;
}

/// Whether such a model has one input and one output, as most have: files of one name each.
inline bool has_one_input(const std::string& stem) {
    return std::filesystem::exists(test_model(stem + ".input.npy"));
}

/// No unfinished file of the tool lies in the folder.
inline bool no_leftovers(const std::filesystem::path& folder) {
    for (const auto& each : std::filesystem::directory_iterator(folder))
        if (each.path().filename().string().rfind(".ctq-", 0) == 0) return false;
    return true;
}

} // namespace ctq::test

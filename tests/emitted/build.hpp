#pragma once
// Compiling emitted headers: the four compilers that they are promised to, and programs run with their costs measured.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <host/scratch.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace ctq::test {

/// How a program ended, what it said on both streams, and what it and its children took.
struct run_result {
    int exit_code = -1;
    std::string text;
    double cpu_seconds = 0;
    double megabytes = 0;
};

/// Runs a shell command. CPU time, not the clock: other tests run beside this one.
inline run_result run_command(const std::string& command, const scratch_folder& folder) {
    const std::string log = folder / "log.txt";
    const pid_t child = ::fork();
    if (child == 0) {
        const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, 1);
        ::dup2(file, 2);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        ::_exit(127);
    }
    int status = 0;
    struct rusage used {};
    ::wait4(child, &status, 0, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(log),
            seconds(used.ru_utime) + seconds(used.ru_stime), static_cast<double>(used.ru_maxrss) / 1024};
}

/// A compiler that emitted headers are promised to.
struct compiler {
    std::string name, command;
    bool makes_programs; ///< for this machine
};

inline bool installed(const std::string& program) {
    std::istringstream path(std::getenv("PATH"));
    for (std::string folder; std::getline(path, folder, ':');)
        if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
    return false;
}

/// newlib's C++ headers for Arm, which RISC-V borrows: Debian has none for riscv64-unknown-elf.
inline std::string borrowed_headers() {
    const std::filesystem::path all = "/usr/include/newlib/c++";
    if (!std::filesystem::exists(all)) return "";
    const std::string headers = std::filesystem::directory_iterator(all)->path().string();
    return "-nostdinc++ -isystem " + headers + " -isystem " + headers + "/arm-none-eabi";
}

/// The compilers of this list that are installed.
inline std::vector<compiler> compilers() {
    std::vector<compiler> found;
    const auto add = [&](const std::string& program, const std::string& flags, bool host) {
        if (installed(program))
            found.push_back({program, program + " " + flags, host});
        else
            MESSAGE(program << " is not installed");
    };
    add("g++", "", true);
    add("clang++-19", "", true);
    add("arm-none-eabi-g++", "-mcpu=cortex-m4 -mthumb", false);
    add("riscv64-unknown-elf-g++", "-march=rv32imac -mabi=ilp32 --specs=picolibc.specs " + borrowed_headers(), false);
    return found;
}

inline const std::string strict_flags = " -std=c++20 -fno-exceptions -fno-rtti -Wall -Wextra -Wpedantic -Werror ";
/// Where ctq's headers are, and those of the tests' own operators and rules.
inline const std::string own_headers =
    " -I " CTQ_SOURCE_DIR "/include -I " CTQ_SOURCE_DIR "/tests -I " CTQ_SOURCE_DIR "/examples/custom_rule ";

} // namespace ctq::test

#pragma once
// What the tests of file readers share: a folder that disappears, and what a call throws.

#include <ctq/host/failure.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace ctq::test {

/// A new empty folder, removed with all that is in it.
class scratch_folder {
    std::filesystem::path path_;

  public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "ctq-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).string(); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes a file and gives its path.
    std::string put(std::string_view name, std::string_view bytes) const {
        const std::string file = *this / name;
        std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return file;
    }
};

inline std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// How a call ended: the exit code, and the text of a failure.
struct outcome {
    host::exit_code code = host::exit_code::done;
    std::string text;

    [[nodiscard]] int number() const { return static_cast<int>(code); }
    [[nodiscard]] bool says(std::string_view fragment) const { return text.find(fragment) != std::string::npos; }
};

template <typename Call> outcome outcome_of(Call call) {
    try {
        call();
        return {};
    } catch (const host::failure& error) {
        return {error.code, error.what()};
    }
}

} // namespace ctq::test

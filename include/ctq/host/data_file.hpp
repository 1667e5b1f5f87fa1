#pragma once
// data_file: the arrays of a .npy, .npz or IDX file, plain or .gz, told apart by content.
// room: host | runs on: host | heap: yes

#include <ctq/host/array.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/gzip.hpp>
#include <ctq/host/idx.hpp>
#include <ctq/host/npy.hpp>
#include <ctq/host/npz.hpp>
#include <ctq/host/read_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// A file in memory whose arrays are read when asked for: those of a .npz, each by its name, or the one array, without
/// a name, of a .npy or IDX file.
class data_file {
    std::string path_;
    std::string bytes_; // unless it is an archive
    std::optional<npz::archive> archive_;

  public:
    /// Throws `failure` (malformed) as read_file(), inflate_gzip() and npz::archive do; `limit` bounds the file, what a
    /// .gz inflates to, and all arrays of a .npz that are read.
    explicit data_file(const std::string& path, std::uint64_t limit = default_file_limit)
        : path_(path), bytes_(read_file_or_gzip(path, limit)) {
        if (npz::is_npz(bytes_)) archive_.emplace(std::move(bytes_), path_, limit);
    }

    [[nodiscard]] const std::string& path() const { return path_; }

    [[nodiscard]] bool is_archive() const { return archive_.has_value(); }

    [[nodiscard]] std::size_t size() const { return is_archive() ? archive_->names().size() : 1; }

    /// Empty for the array of a .npy or IDX file.
    [[nodiscard]] std::string_view name(std::size_t index) const {
        return is_archive() ? archive_->names()[index] : std::string_view{};
    }

    /// What messages call an array.
    [[nodiscard]] std::string place(std::size_t index) const { return is_archive() ? archive_->place(index) : path_; }

    /// The array of this name, if it is there.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view wanted) const {
        for (std::size_t i = 0; i < size(); ++i)
            if (name(i) == wanted) return i;
        return std::nullopt;
    }

    /// "'a', 'b', ... and 4 more"
    [[nodiscard]] std::string names_text() const {
        constexpr std::size_t shown = 10;
        std::string text;
        for (std::size_t i = 0; i < std::min(shown, size()); ++i)
            text += message(i == 0 ? "" : ", ", in_quotes(name(i)));
        return size() > shown ? message(text, ", ... and ", size() - shown, " more") : text;
    }

    /// An array, once. Throws `failure` (malformed) for what is not one.
    [[nodiscard]] array read(std::size_t index) {
        if (is_archive()) return archive_->read(index);
        if (bytes_.empty()) fail_malformed(path_, "is empty; a .npy, .npz or IDX file is expected");
        if (npy::is_npy(bytes_)) return npy::parse(std::move(bytes_), path_);
        if (idx::is_idx(bytes_)) return idx::parse(std::move(bytes_), path_);
        fail_malformed(path_, "is no .npy, .npz or IDX file (plain or .gz); save the samples with numpy.save");
    }
};

/// The one array of a file. Throws `failure` (malformed) as data_file does and when a .npz holds several.
[[nodiscard]] inline array read_array(const std::string& path, std::uint64_t limit = default_file_limit) {
    data_file file(path, limit);
    if (file.size() > 1)
        fail_malformed(path, "holds ", file.size(), " arrays: ", file.names_text(), "; one is expected: save it alone");
    return file.read(0);
}

} // namespace ctq::inline CTQ_TARGET::host

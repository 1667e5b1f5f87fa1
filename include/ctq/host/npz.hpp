#pragma once
// NumPy's .npz archives, zip files of NAME.npy members: a reader that believes nothing, and a writer.
// room: host | runs on: host | heap: yes

#include <ctq/host/array.hpp>
#include <ctq/host/bytes.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/npy.hpp>
#include <ctq/host/read_file.hpp>

#include <zip.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::npz {

/// Whether `bytes` begin as a zip archive does, an empty one too.
[[nodiscard]] inline bool is_npz(std::string_view bytes) {
    return bytes.substr(0, 4) == "PK\x03\x04" || bytes.substr(0, 4) == "PK\x05\x06";
}

namespace detail {

inline constexpr std::string_view ending = ".npy";

// What an archive may hold; a model has fewer inputs.
inline constexpr std::uint64_t most_arrays = 1000;

// What the directory of so many members may take, each with a name of a few hundred bytes.
inline constexpr std::uint64_t most_directory_bytes = std::uint64_t{1} << 20U;

// What may look like an archive's end: the end itself, and what members or a comment hold by chance.
inline constexpr std::size_t most_ends = 16;

// Deflate makes at most 258 bytes of two bits.
inline constexpr std::uint64_t most_bytes_of_a_deflated_byte = 1032;

struct closer {
    void operator()(zip_t* archive) const { ::zip_discard(archive); }
    void operator()(zip_file_t* member) const { ::zip_fclose(member); }
    void operator()(zip_source_t* source) const { ::zip_source_free(source); }
};
using archive_handle = std::unique_ptr<zip_t, closer>;
using member_handle = std::unique_ptr<zip_file_t, closer>;
using source_handle = std::unique_ptr<zip_source_t, closer>;

class error {
    zip_error_t error_{};

  public:
    error() { ::zip_error_init(&error_); }
    error(const error&) = delete;
    error& operator=(const error&) = delete;
    ~error() { ::zip_error_fini(&error_); }

    [[nodiscard]] zip_error_t* get() { return &error_; }
};

// The bytes of the directory that the end at `end` tells of: the most, where a second end of eight-byte numbers says
// otherwise.
inline std::uint64_t directory_size(std::string_view bytes, std::size_t end) {
    const auto number = [&](auto kind, std::uint64_t at) {
        using value = decltype(kind);
        return at <= bytes.size() && bytes.size() - at >= sizeof(value) ? load<value>(bytes.data() + at) : value{0};
    };
    const std::uint64_t size = number(std::uint32_t{}, end + 12);
    constexpr std::size_t locator_size = 20;
    if (end < locator_size || bytes.substr(end - locator_size, 4) != "PK\x06\x07") return size;
    const std::uint64_t other_end = number(std::uint64_t{}, end - locator_size + 8);
    const std::uint64_t other = other_end < bytes.size() ? number(std::uint64_t{}, other_end + 40) : std::uint64_t{0};
    return size == 0xFFFFFFFFU ? other : std::max(size, other);
}

// libzip reads the whole directory of all that looks like an end within the last 64 KiB, however many they are.
inline void check_ends(std::string_view bytes, std::string_view path) {
    constexpr std::size_t farthest = 65535 + 22 + 20; // a comment, the end, what leads to the second one
    std::size_t ends = 0;
    for (std::size_t at = bytes.size() - std::min(bytes.size(), farthest);; ++at) {
        at = bytes.find("PK\x05\x06", at);
        if (at == std::string_view::npos) return;
        if (++ends > most_ends)
            fail_malformed(path, "is a corrupt zip archive: it ends more than ", most_ends, " times");
        if (directory_size(bytes, at) > most_directory_bytes)
            fail_malformed(path, "is a zip archive whose directory has ", directory_size(bytes, at), " bytes; at most ",
                           most_directory_bytes, " are supported");
    }
}

// An archive in memory that `bytes`, which must stay, are the content of; null with an error.
inline archive_handle open_archive(std::span<const char> bytes, int flags, error& why) {
    source_handle source(::zip_source_buffer_create(bytes.data(), bytes.size(), 0, why.get()));
    if (!source) return nullptr;
    archive_handle archive(::zip_open_from_source(source.get(), flags, why.get()));
    if (archive) static_cast<void>(source.release()); // the archive's now
    return archive;
}

// Whether a name begins at the root or goes up: of such a file nobody means well.
inline bool leaves_its_folder(std::string_view name) {
    return name.front() == '/' || message("/", name, "/").find("/../") != std::string::npos;
}

} // namespace detail

/// The arrays of an archive, each read when asked for. Nothing is allocated on the archive's word: no member may be
/// larger than its compressed bytes allow, nor all that are read than the limit. Memory: the file's size.
class archive {
    std::string bytes_;
    std::string path_;
    std::uint64_t left_; // of the limit
    detail::archive_handle zip_;
    std::vector<std::string> names_;

  public:
    /// Takes the bytes of a file over; `path` is for messages, `limit` for the bytes of all arrays that are read.
    /// Throws `failure` (malformed) for what is no archive, and unless each member is a file NAME.npy with a name of
    /// its own.
    explicit archive(std::string bytes, std::string_view path, std::uint64_t limit = default_file_limit)
        : bytes_(std::move(bytes)), path_(path), left_(limit) {
        detail::check_ends(bytes_, path);
        detail::error why;
        zip_ = detail::open_archive(bytes_, ZIP_RDONLY, why);
        if (!zip_) fail_malformed(path, "is a corrupt or truncated zip archive: ", ::zip_error_strerror(why.get()));
        read_names();
    }
    archive(const archive&) = delete;
    archive& operator=(const archive&) = delete;

    /// The arrays' names, without ".npy", in the archive's order; at least one.
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

    /// What messages call an array.
    [[nodiscard]] std::string place(std::size_t index) const {
        return message(path_, ": array ", in_quotes(names_[index]));
    }

    /// The array names()[index]. Throws `failure` (malformed): encrypted, compressed otherwise than by deflate,
    /// corrupt, not of the size that the archive says, above the limit, or not what npy::parse() takes.
    [[nodiscard]] array read(std::size_t index) {
        const std::string where = place(index);
        const std::uint64_t size = checked_size(index, where);
        left_ -= size;
        return npy::parse(inflated(index, static_cast<std::size_t>(size), where), where);
    }

  private:
    void read_names() {
        const auto count = static_cast<std::uint64_t>(::zip_get_num_entries(zip_.get(), 0));
        if (count == 0) fail_malformed(path_, "is a zip archive without an array");
        if (count > detail::most_arrays)
            fail_malformed(path_, "holds ", count, " arrays; at most ", detail::most_arrays, " are supported");
        std::set<std::string_view> seen;
        names_.reserve(static_cast<std::size_t>(count)); // `seen` looks into them
        for (std::uint64_t i = 0; i < count; ++i) {
            const char* name = ::zip_get_name(zip_.get(), i, ZIP_FL_ENC_GUESS);
            names_.push_back(checked_name(name == nullptr ? "" : name));
            if (!seen.insert(names_.back()).second)
                fail_malformed(path_, "holds two arrays ", in_quotes(names_.back()), "; save each once");
        }
    }

    [[nodiscard]] std::string checked_name(std::string_view file) const {
        if (file.size() <= detail::ending.size() || !file.ends_with(detail::ending))
            fail_malformed(path_, "holds ", in_quotes(file),
                           ", which is no NAME.npy; give an archive of arrays alone, as numpy.savez writes it");
        if (detail::leaves_its_folder(file))
            fail_malformed(path_, "holds ", in_quotes(file), ", a path out of its folder; save the array by a name");
        file.remove_suffix(detail::ending.size());
        return std::string(file);
    }

    [[nodiscard]] std::uint64_t checked_size(std::size_t index, std::string_view where) const {
        zip_stat_t said;
        constexpr zip_uint64_t needed =
            ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
        if (::zip_stat_index(zip_.get(), index, 0, &said) != 0 || (said.valid & needed) != needed)
            fail_malformed(where, "is corrupt: the archive does not say its size");
        if (said.encryption_method != ZIP_EM_NONE) fail_malformed(where, "is encrypted; save it without a password");
        if (said.comp_method != ZIP_CM_STORE && said.comp_method != ZIP_CM_DEFLATE)
            fail_malformed(where, "is compressed by method ", said.comp_method,
                           " of zip; stored and deflated arrays are supported: save it with numpy.savez");
        const std::uint64_t most = said.comp_method == ZIP_CM_STORE ? 1 : detail::most_bytes_of_a_deflated_byte;
        if (said.comp_size > bytes_.size() || said.size > most * said.comp_size)
            fail_malformed(where, "is corrupt: the archive says ", said.size, " bytes in ", said.comp_size, " of ",
                           bytes_.size());
        if (said.size > left_)
            fail_malformed(where, "has ", said.size, " bytes, larger than the ", left_, " that are left of the limit");
        return said.size;
    }

    // Reads to the end, one byte beyond the size: only there are size and check sum compared.
    [[nodiscard]] std::string inflated(std::size_t index, std::size_t size, std::string_view where) {
        const detail::member_handle member(::zip_fopen_index(zip_.get(), index, 0));
        if (!member) fail_malformed(where, "is corrupt: ", ::zip_strerror(zip_.get()));
        std::string out(size + 1, '\0');
        std::size_t filled = 0;
        while (filled < out.size()) {
            const zip_int64_t step = ::zip_fread(member.get(), out.data() + filled, out.size() - filled);
            if (step < 0) fail_malformed(where, "is corrupt: ", ::zip_file_strerror(member.get()));
            if (step == 0) break;
            filled += static_cast<std::size_t>(step);
        }
        if (filled != size)
            fail_malformed(where, "is corrupt: the archive says ", size, " bytes, ", filled < size ? "fewer" : "more",
                           " are there");
        out.pop_back();
        return out;
    }
};

/// An array to write: its name, and its .npy file.
struct member {
    std::string name;
    npy::parts file;
};

namespace detail {

class writer {
    error why_;
    source_handle into_;
    archive_handle zip_;

    static void check(bool good, const char* why) {
        if (!good) throw failure(exit_code::internal, message("a zip archive could not be made: ", why));
    }
    void check(bool good) const { check(good, ::zip_strerror(zip_.get())); }

  public:
    writer() : into_(::zip_source_buffer_create(nullptr, 0, 0, why_.get())) {
        check(into_ != nullptr, ::zip_error_strerror(why_.get()));
        zip_.reset(::zip_open_from_source(into_.get(), ZIP_CREATE | ZIP_TRUNCATE, why_.get()));
        check(zip_ != nullptr, ::zip_error_strerror(why_.get()));
        ::zip_source_keep(into_.get()); // the archive's now; what was written is read from it in the end
    }

    /// The parts, which libzip does not change, must stay until finish().
    void add(const std::string& file, const npy::parts& parts) {
        constexpr zip_uint16_t first_day = 1U << 5U | 1U; // of 1980
        const auto fragment = [](std::string_view bytes) {
            const auto* const data = reinterpret_cast<const zip_uint8_t*>(bytes.data());
            return zip_buffer_fragment_t{const_cast<zip_uint8_t*>(data), bytes.size()};
        };
        const std::array fragments{fragment(parts.head), fragment(parts.elements)};
        const std::size_t count = parts.elements.empty() ? 1 : 2;
        source_handle from(::zip_source_buffer_fragment(zip_.get(), fragments.data(), count, 0));
        check(from != nullptr);
        const zip_int64_t added = ::zip_file_add(zip_.get(), file.c_str(), from.get(), ZIP_FL_ENC_GUESS);
        check(added >= 0);
        static_cast<void>(from.release()); // the archive's now
        const auto index = static_cast<zip_uint64_t>(added);
        check(::zip_set_file_compression(zip_.get(), index, ZIP_CM_STORE, 0) == 0);
        check(::zip_file_set_dostime(zip_.get(), index, 0, first_day, 0) == 0);
    }

    /// Calls write(bytes) with the archive, piece by piece.
    template <class Write> void finish(Write write) {
        check(::zip_close(zip_.get()) == 0);
        static_cast<void>(zip_.release()); // closing frees it
        zip_stat_t made;
        const auto check_source = [&](bool good) {
            check(good, ::zip_error_strerror(::zip_source_error(into_.get())));
        };
        check_source(::zip_source_stat(into_.get(), &made) == 0 && ::zip_source_open(into_.get()) == 0);
        std::string piece(std::size_t{1} << 16U, '\0');
        for (zip_uint64_t left = made.size; left != 0;) {
            const zip_int64_t read = ::zip_source_read(into_.get(), piece.data(), piece.size());
            check_source(read > 0);
            write(std::string_view(piece.data(), static_cast<std::size_t>(read)));
            left -= static_cast<zip_uint64_t>(read);
        }
        ::zip_source_close(into_.get());
    }
};

} // namespace detail

/// Calls write(bytes) with an archive of these arrays, at least one, not compressed, piece by piece; the same bytes on
/// every machine and every day. The names must differ and hold no NUL character. Memory: the archive.
template <class Write> void write(std::span<const member> members, Write write) {
    detail::writer archive;
    for (const member& each : members) archive.add(message(each.name, detail::ending), each.file);
    archive.finish(write);
}

} // namespace ctq::inline CTQ_TARGET::host::npz

#pragma once
// NumPy's .npy files, format versions 1 to 3: a reader that believes nothing, and a writer of version 1.0.
// room: host | runs on: host | heap: yes

#include <ctq/host/array.hpp>
#include <ctq/host/atomic_write.hpp>
#include <ctq/host/bytes.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/read_file.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::npy {

inline constexpr std::string_view magic = "\x93NUMPY";

/// Whether `bytes` begin as a .npy file does.
[[nodiscard]] inline bool is_npy(std::string_view bytes) {
    return bytes.substr(0, magic.size()) == magic;
}

namespace detail {

inline constexpr std::size_t longest_header = 64 * 1024;
inline constexpr std::size_t highest_rank = 64;

struct header {
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::int64_t>> shape;
};

// The header is a Python dictionary of three fixed keys; this reads that and no other Python.
class header_parser {
    std::string_view text_;
    std::string_view path_;
    std::size_t at_ = 0;
    header out_;

    template <typename... Parts> [[noreturn]] void refuse(const Parts&... what) const {
        fail_malformed(path_, "is not a valid .npy file: header, character ", at_, ": ", what...);
    }

    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
    }

    [[nodiscard]] bool accept(char wanted) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    void expect(char wanted) {
        if (!accept(wanted)) refuse("'", std::string(1, wanted), "' expected");
    }

    [[nodiscard]] bool accept_word(std::string_view word) {
        skip_space();
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }

    [[nodiscard]] std::string quoted_string() {
        skip_space();
        if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) refuse("a string expected");
        const char quote = text_[at_];
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) refuse("a string without end");
        std::string out(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return out;
    }

    [[nodiscard]] bool boolean() {
        if (accept_word("True")) return true;
        if (!accept_word("False")) refuse("True or False expected for fortran_order");
        return false;
    }

    [[nodiscard]] std::int64_t dimension() {
        skip_space();
        std::int64_t value = 0;
        const char* begin = text_.data() + at_;
        const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
        if (error == std::errc::result_out_of_range) refuse("a dimension over 9223372036854775807");
        if (error != std::errc{}) refuse("a whole number expected in shape");
        if (value < 0) refuse("dimension ", value, " is negative");
        at_ += static_cast<std::size_t>(end - begin);
        if (at_ < text_.size() && text_[at_] == 'L') ++at_; // written by Python 2
        return value;
    }

    // A tuple; "(3)" without a comma is a number in Python, not a shape.
    [[nodiscard]] std::vector<std::int64_t> shape() {
        std::vector<std::int64_t> out;
        expect('(');
        bool comma = true;
        while (!accept(')')) {
            if (!comma) refuse("',' expected in shape");
            if (out.size() >= highest_rank) refuse("more than ", highest_rank, " dimensions");
            out.push_back(dimension());
            comma = accept(',');
        }
        if (out.size() == 1 && !comma) refuse("shape is a number, not a tuple");
        return out;
    }

    [[nodiscard]] std::string descr() {
        skip_space();
        if (at_ < text_.size() && text_[at_] == '[')
            refuse("structured element types are not supported; save plain numbers");
        return quoted_string();
    }

    template <typename Value> void set(std::optional<Value>& member, const std::string& key, Value value) const {
        if (member) refuse("key ", in_quotes(key), " given twice");
        member = std::move(value);
    }

    void entry() {
        const std::string key = quoted_string();
        expect(':');
        if (key == "descr")
            set(out_.descr, key, descr());
        else if (key == "fortran_order")
            set(out_.fortran_order, key, boolean());
        else if (key == "shape")
            set(out_.shape, key, shape());
        else
            refuse("unknown key ", in_quotes(key));
    }

  public:
    header_parser(std::string_view text, std::string_view path) : text_(text), path_(path) {}

    [[nodiscard]] header parse() {
        expect('{');
        while (!accept('}')) {
            entry();
            if (accept(',')) continue;
            expect('}');
            break;
        }
        skip_space();
        if (at_ != text_.size()) refuse("more text after the dictionary");
        if (!out_.descr) refuse("key 'descr' is missing");
        if (!out_.fortran_order) refuse("key 'fortran_order' is missing");
        if (!out_.shape) refuse("key 'shape' is missing");
        return std::move(out_);
    }
};

struct type_code {
    std::string_view code;
    file_type type;
};

inline constexpr std::array<type_code, 12> type_codes{{{"b1", file_types::boolean},
                                                       {"i1", file_types::int8},
                                                       {"u1", file_types::uint8},
                                                       {"i2", file_types::int16},
                                                       {"u2", file_types::uint16},
                                                       {"i4", file_types::int32},
                                                       {"u4", file_types::uint32},
                                                       {"i8", file_types::int64},
                                                       {"u8", file_types::uint64},
                                                       {"f2", file_types::float16},
                                                       {"f4", file_types::float32},
                                                       {"f8", file_types::float64}}};

inline const file_type& file_type_of(std::string_view descr, std::string_view path) {
    for (const type_code& known : type_codes) {
        if (descr.empty() || descr.substr(1) != known.code) continue;
        const bool needs_no_order = known.type.width == 1;
        if (descr[0] == '<' || descr[0] == '>' || (descr[0] == '|' && needs_no_order)) return known.type;
    }
    fail_malformed(path, "element type ", in_quotes(descr),
                   " is not supported; save as float32, uint8 or another plain number type");
}

// Where the header text lies. Bytes 6 and 7 are the version; 1.0 has a length of two bytes, 2.0 and 3.0 of four.
struct header_place {
    std::size_t begin;
    std::size_t length;
};

inline header_place locate_header(std::string_view file, std::string_view path) {
    if (file.empty()) fail_malformed(path, "is empty; a .npy file is expected");
    if (!is_npy(file)) fail_malformed(path, "is not a .npy file: its first bytes are not \\x93NUMPY");
    if (file.size() < 10) fail_malformed(path, "is truncated: ", file.size(), " bytes are too few for a .npy header");
    const auto major = static_cast<unsigned char>(file[6]);
    const auto minor = static_cast<unsigned char>(file[7]);
    if (major < 1 || major > 3 || minor != 0)
        fail_malformed(path, "has .npy version ", unsigned{major}, ".", unsigned{minor},
                       "; 1.0, 2.0 and 3.0 are supported");
    const std::size_t begin = major == 1 ? 10 : 12;
    if (file.size() < begin)
        fail_malformed(path, "is truncated: ", file.size(), " bytes are too few for a .npy header");
    const std::size_t length = major == 1 ? load<std::uint16_t>(file.data() + 8) : load<std::uint32_t>(file.data() + 8);
    if (length > file.size() - begin)
        fail_malformed(path, "is truncated: its header has ", length, " bytes, ", file.size() - begin, " are left");
    if (length > longest_header)
        fail_malformed(path, "has a header of ", length, " bytes (limit ", longest_header, ")");
    return {begin, length};
}

// Elements in column-major order to row-major order.
inline void to_row_major(host::array& a) {
    const std::size_t rank = a.shape.size();
    const std::size_t width = a.width();
    std::vector<std::size_t> stride(rank, width);
    for (std::size_t i = 1; i < rank; ++i) stride[i] = stride[i - 1] * static_cast<std::size_t>(a.shape[i - 1]);
    std::vector<std::int64_t> index(rank, 0);
    std::string out(a.bytes.size(), '\0');
    std::size_t from = 0;
    for (std::size_t to = 0; to < out.size(); to += width) {
        std::memcpy(out.data() + to, a.bytes.data() + from, width);
        for (std::size_t axis = rank; axis-- > 0;) {
            from += stride[axis];
            if (++index[axis] < a.shape[axis]) break;
            from -= stride[axis] * static_cast<std::size_t>(a.shape[axis]);
            index[axis] = 0;
        }
    }
    a.bytes = std::move(out);
}

template <typename Value> inline constexpr std::string_view descr_of = "";
template <> inline constexpr std::string_view descr_of<float> = "<f4";
template <> inline constexpr std::string_view descr_of<std::int8_t> = "|i1";
template <> inline constexpr std::string_view descr_of<std::uint8_t> = "|u1";
template <> inline constexpr std::string_view descr_of<std::int16_t> = "<i2";
template <> inline constexpr std::string_view descr_of<std::uint16_t> = "<u2";
template <> inline constexpr std::string_view descr_of<boolean> = "|b1";
template <> inline constexpr std::string_view descr_of<std::int32_t> = "<i4";
template <> inline constexpr std::string_view descr_of<std::int64_t> = "<i8";

} // namespace detail

/// The array in the bytes of a .npy file; `path` is for messages. Plain numbers of 1 to 8 bytes, bool and half
/// precision, either byte order, Fortran order converted. Throws `failure` (malformed) for anything else, with the
/// numbers that do not fit; nothing is allocated on the header's word. Takes the bytes over: memory is the file's size,
/// and that of the result once more for Fortran order or a type that is converted (file_type.hpp).
[[nodiscard]] inline host::array parse(std::string bytes, std::string_view path) {
    const detail::header_place place = detail::locate_header(bytes, path);
    detail::header said =
        detail::header_parser(std::string_view(bytes).substr(place.begin, place.length), path).parse();
    const file_type& type = detail::file_type_of(*said.descr, path);
    host::array out = host::detail::cut_elements(std::move(bytes), place.begin + place.length, std::move(*said.shape),
                                                 type, said.descr->front() == '>', path);
    if (*said.fortran_order && out.shape.size() > 1 && !out.bytes.empty()) detail::to_row_major(out);
    return out;
}

/// The array in a .npy file. Throws as read_file() and parse() do.
[[nodiscard]] inline host::array read(const std::string& path, std::uint64_t limit = default_file_limit) {
    return parse(read_file(path, limit), path);
}

/// A file in two parts: the elements are large, and are written from where they are.
struct parts {
    std::string head;               ///< on a big-endian machine all of the file
    std::string_view elements = {}; ///< of the values that the file was made from, which must stay
};

/// A version 1.0 file, row-major, little-endian; the same on every machine. `values` must have the product of `shape`
/// elements. Value: float, boolean, (u)int8_t, (u)int16_t, int32_t or int64_t.
template <typename Value>
[[nodiscard]] parts parts_of(std::span<const std::int64_t> shape, std::span<const Value> values) {
    static_assert(!detail::descr_of<Value>.empty(),
                  "ctq: npy: elements of float, boolean, int8, uint8, int16, uint16, int32 or int64 are required; "
                  "convert the values");
    const std::vector<std::int64_t> dims(shape.begin(), shape.end());
    std::string header = message("{'descr': '", detail::descr_of<Value>,
                                 "', 'fortran_order': False, 'shape': ", host::detail::text_of(dims), ", }");
    const std::size_t unpadded = 10 + header.size() + 1;
    header.append((64 - unpadded % 64) % 64, ' ');
    header += '\n';
    std::string head(magic);
    head += {'\x01', '\x00', static_cast<char>(header.size() & 0xFFU), static_cast<char>(header.size() >> 8U)};
    head += header;
    const std::string_view elements(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    if constexpr (std::endian::native == std::endian::little) {
        return {std::move(head), elements};
    } else {
        std::string turned(elements);
        host::detail::to_native(turned, sizeof(Value), false);
        return {head + turned};
    }
}

/// The bytes of the same file.
template <typename Value>
[[nodiscard]] std::string format(std::span<const std::int64_t> shape, std::span<const Value> values) {
    parts file = parts_of<Value>(shape, values);
    file.head += file.elements;
    return std::move(file.head);
}

/// Writes a .npy file with atomic_files; throws as that does.
template <typename Value>
void write(const std::string& path, std::span<const std::int64_t> shape, std::span<const Value> values) {
    const parts file = parts_of<Value>(shape, values);
    atomic_files files;
    files.begin(path);
    files.write(file.head);
    files.write(file.elements);
    files.commit();
}

} // namespace ctq::inline CTQ_TARGET::host::npy

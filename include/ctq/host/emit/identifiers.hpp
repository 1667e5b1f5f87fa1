#pragma once
// identifiers: C++ names made from any names that a model file holds, each different from all others.
// room: host | runs on: host | heap: yes

#include <ctq/graph/name_set.hpp>
#include <ctq/host/failure.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::emit {

namespace detail {

/// Keywords, alternative spellings, macros in lower case that systems define, and names that the emitted code uses.
inline const std::set<std::string_view>& unusable_names() {
    static const std::set<std::string_view> names{
        "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch",
        "char", "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept",
        "const", "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do",
        "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend",
        "goto", "if", "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr",
        "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires",
        "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template",
        "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using",
        "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
        // macros
        "assert", "errno", "far", "i386", "interface", "linux", "near", "offsetof", "pascal", "small", "stderr",
        "stdin", "stdout", "unix",
        // what the emitted header says
        "ctq", "std", "posix"};
    return names;
}

/// Functions of the C library: a namespace of that name does not compile beside them.
inline const std::set<std::string_view>& library_names() {
    static const std::set<std::string_view> names{
        "abort",   "abs",    "accept", "access", "acos",    "alarm",  "asin",    "atan",   "atof", "atoi",   "bind",
        "bsearch", "calloc", "cbrt",   "ceil",   "clock",   "close",  "connect", "cos",    "cosh", "creat",  "div",
        "dup",     "erf",    "exit",   "exp",    "expm1",   "fdim",   "floor",   "fma",    "fmax", "fmin",   "fmod",
        "fork",    "free",   "frexp",  "gamma",  "getc",    "gets",   "hypot",   "index",  "j0",   "j1",     "jn",
        "kill",    "labs",   "ldexp",  "lgamma", "link",    "listen", "log",     "lseek",  "main", "malloc", "modf",
        "nan",     "nice",   "open",   "pause",  "perror",  "pipe",   "pow",     "printf", "putc", "puts",   "qsort",
        "raise",   "rand",   "random", "read",   "realloc", "recv",   "remove",  "rename", "rint", "rindex", "round",
        "scanf",   "select", "send",   "signal", "sin",     "sinh",   "sleep",   "socket", "sqrt", "stat",   "sync",
        "system",  "tan",    "tanh",   "time",   "times",   "trunc",  "ungetc",  "unlink", "wait", "write",  "y0",
        "y1",      "yn"};
    return names;
}

constexpr bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// FNV-1a of 32 bits, as eight hexadecimal digits.
inline std::string hash_text(std::string_view bytes) {
    std::uint32_t hash = 2166136261U;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    std::string out(8, '0');
    for (std::size_t i = 8; i-- > 0; hash >>= 4) out[i] = "0123456789abcdef"[hash & 15U];
    return out;
}

} // namespace detail

/// Bytes of an identifier beyond which it is cut and ends in a hash of the whole name.
inline constexpr std::size_t longest_identifier = 48;

/// An identifier that reads like `name`: lower case, so that it meets no macro, each run of other characters one
/// underscore; `prefix` where it would be empty, its first letter before a leading digit. Different names may give the
/// same one.
[[nodiscard]] inline std::string identifier_like(std::string_view name, std::string_view prefix = "node") {
    std::string out;
    for (const char c : name) {
        if (detail::is_letter_or_digit(c))
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
        if (out.size() > longest_identifier) break;
    }
    const bool cut = out.size() > longest_identifier;
    if (cut) out.resize(longest_identifier - 9);
    while (!out.empty() && out.back() == '_') out.pop_back();
    if (cut) out += "_" + detail::hash_text(name);
    if (out.empty()) return std::string(prefix);
    if (out[0] >= '0' && out[0] <= '9') out.insert(0, 1, prefix[0]);
    return detail::unusable_names().contains(out) ? out + "_" : out;
}

/// Hands out identifiers, no two alike.
class identifier_set {
  public:
    explicit identifier_set(std::initializer_list<std::string_view> reserved) {
        for (const std::string_view name : reserved) taken_.take(name);
    }

    /// One that reads like `name`; a number behind it where that is taken.
    [[nodiscard]] std::string add(std::string_view name) {
        return std::string(taken_.take_like(identifier_like(name)).view());
    }

  private:
    name_set taken_;
};

/// True when `name` can be the namespace of an emitted header, and collides with nothing that every program has.
[[nodiscard]] inline bool is_namespace_name(std::string_view name) {
    const auto fits = [](char c) { return c == '_' || detail::is_letter_or_digit(c); };
    if (name.empty() || name.size() > 200 || !std::all_of(name.begin(), name.end(), fits)) return false;
    if (name[0] == '_' || (name[0] >= '0' && name[0] <= '9') || name.find("__") != name.npos) return false;
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (std::none_of(name.begin(), name.end(), is_lower)) return false; // what macros are called: NULL, EOF, INT8_MAX
    return !detail::unusable_names().contains(name) && !detail::library_names().contains(name);
}

/// The namespace for a model file when the user names none: the file's name without folder and ending.
[[nodiscard]] inline std::string namespace_of_file(std::string_view path) {
    const std::size_t slash = path.find_last_of("/\\");
    std::string_view base = slash == path.npos ? path : path.substr(slash + 1);
    base = base.substr(0, base.rfind('.') == 0 ? base.npos : base.rfind('.'));
    const std::string name = identifier_like(base, "model");
    return is_namespace_name(name) ? name : name + "_model";
}

} // namespace ctq::inline CTQ_TARGET::host::emit

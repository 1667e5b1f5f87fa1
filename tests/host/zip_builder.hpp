#pragma once
// Makes zip archives for tests, byte by byte, those too that no zip library would write.

#include <host/gzip_builder.hpp>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::test {

/// What stands in the headers of a member is true unless it is given.
struct zip_member {
    std::string name;
    std::string content;
    unsigned method = 0;                        ///< 8: deflated
    unsigned flags = 0;                         ///< 1: encrypted
    bool zip64 = false;                         ///< sizes of eight bytes
    std::optional<std::uint64_t> size = {};     ///< of the content
    std::optional<std::uint64_t> stored = {};   ///< of what the archive holds of it
    std::optional<std::uint32_t> checksum = {}; ///< of the content
    std::optional<std::string> compressed = {}; ///< what the archive holds of it
};

/// What a member is compressed in: zlib's name for no framing at all.
constexpr int raw_deflate = -15;

namespace detail {

inline std::string little_endian(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
    return out;
}

/// What a member's two headers have in common: from the version needed to the length of the extra field.
inline std::string zip_facts(const zip_member& each, std::size_t stored, std::string_view extra) {
    const auto* content = reinterpret_cast<const Bytef*>(each.content.data());
    const auto checksum = ::crc32(0, content, static_cast<uInt>(each.content.size()));
    const auto size_or_all_ones = [&](std::uint64_t size) { return each.zip64 ? 0xFFFFFFFFU : size; };
    return little_endian(each.zip64 ? 45 : 20, 2) + little_endian(each.flags, 2) + little_endian(each.method, 2) +
           little_endian(0x00210000U, 4) +
           little_endian(each.checksum.value_or(static_cast<std::uint32_t>(checksum)), 4) +
           little_endian(size_or_all_ones(each.stored.value_or(stored)), 4) +
           little_endian(size_or_all_ones(each.size.value_or(each.content.size())), 4) +
           little_endian(each.name.size(), 2) + little_endian(extra.size(), 2);
}

inline std::string zip_extra(const zip_member& each, std::size_t stored) {
    if (!each.zip64) return "";
    return little_endian(1, 2) + little_endian(16, 2) + little_endian(each.size.value_or(each.content.size()), 8) +
           little_endian(each.stored.value_or(stored), 8);
}

} // namespace detail

inline std::string zip_archive(const std::vector<zip_member>& members) {
    using detail::little_endian;
    std::string out, directory;
    for (const zip_member& each : members) {
        const std::string held =
            each.compressed.value_or(each.method == 8 ? deflated(each.content, raw_deflate) : each.content);
        const std::string extra = detail::zip_extra(each, held.size());
        const std::string facts = detail::zip_facts(each, held.size(), extra);
        directory += "PK\1\2" + little_endian(20, 2) + facts + std::string(2 + 2 + 2 + 4, '\0') +
                     little_endian(out.size(), 4) + each.name + extra;
        out += "PK\3\4" + facts + each.name + extra + held;
    }
    const std::string count = little_endian(members.size(), 2);
    return out + directory + "PK\5\6" + little_endian(0, 4) + count + count + little_endian(directory.size(), 4) +
           little_endian(out.size(), 4) + little_endian(0, 2);
}

} // namespace ctq::test

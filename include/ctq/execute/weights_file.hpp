#pragma once
// weights_file: the constants of a large network in a binary beside the header, and what is checked before they are
// used.
// room: execute | runs on: all | heap: no
//
// The format: the constants as they stand in memory, little-endian, each at a multiple of `weights_alignment`, nothing
// else. Which constant lies where is the header's knowledge; the checksum ties the two together.

#include <ctq/core/target.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ctq::inline CTQ_TARGET {

/// Of the file's place in memory, and of each constant in the file.
constexpr std::size_t weights_alignment = 16;

/// What a header says of its weights file.
struct weights_file {
    std::size_t bytes = 0;
    std::uint32_t checksum = 0;   ///< crc32() of all bytes
    bool never_overflows = false; ///< the overflow proof, made by the tool from these very bytes
};

namespace detail {

/// The remainders of four bits. 64 bytes of flash where the usual table takes 1024.
constexpr std::array<std::uint32_t, 16> crc32_table = [] {
    std::array<std::uint32_t, 16> table{};
    for (std::uint32_t i = 0; i < 16; ++i) {
        table[i] = i;
        for (int bit = 0; bit < 4; ++bit) table[i] = (table[i] >> 1) ^ ((table[i] & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return table;
}();

} // namespace detail

/// CRC-32 as zlib, PNG and Ethernet define it. Two table look-ups a byte.
constexpr std::uint32_t crc32(std::span<const std::byte> bytes) {
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const std::byte each : bytes) {
        crc ^= static_cast<std::uint32_t>(each);
        crc = (crc >> 4) ^ detail::crc32_table[crc & 15U];
        crc = (crc >> 4) ^ detail::crc32_table[crc & 15U];
    }
    return ~crc;
}

/// What executor::bind() found.
enum class weights_status : std::uint8_t {
    ready,
    wrong_size, ///< not as many bytes as the header says: another model's file, or a cut one
    misaligned, ///< the memory must begin at a multiple of weights_alignment
    damaged     ///< the checksum differs
};

/// Compares bytes in memory with what the header says. Cost: one pass over the bytes.
constexpr weights_status check(const weights_file& file, std::span<const std::byte> bytes) {
    if (bytes.size() != file.bytes) return weights_status::wrong_size;
    return crc32(bytes) == file.checksum ? weights_status::ready : weights_status::damaged;
}

} // namespace ctq::inline CTQ_TARGET

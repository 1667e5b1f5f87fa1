#pragma once
// name_set: how the library names what must not be called like another: nodes, values, identifiers in emitted code.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/core/text.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// The names that are taken: a hash table with open addressing, for std's are not constexpr. Cost: of each name its
/// length on average, however many of them read alike.
class name_set {
  public:
    /// Takes a name. True if it was free.
    constexpr bool take(std::string_view name) {
        const std::size_t before = entries_.size();
        find_or_add(name);
        return entries_.size() != before;
    }

    /// Takes `wanted` if it is free, else the first free one of wanted_2, wanted_3, ...; the name that was taken.
    constexpr text take_like(std::string_view wanted) {
        const std::size_t before = entries_.size(), at = find_or_add(wanted);
        if (entries_.size() != before) return wanted;
        while (true) { // names stay taken: a number that was tried is not tried again
            text name = text(wanted) + "_" + decimal_text(entries_[at].next_number++);
            if (take(name)) return name;
        }
    }

    constexpr std::size_t size() const { return entries_.size(); }

  private:
    struct entry {
        text name;
        std::uint64_t hash;
        std::int64_t next_number = 2; ///< the first that no take_like has put behind the name
    };
    static constexpr int no_entry = -1;

    /// FNV-1a.
    static constexpr std::uint64_t hash_of(std::string_view name) {
        std::uint64_t hash = 14695981039346656037U;
        for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
        return hash ^ hash >> 32U;
    }

    constexpr std::size_t find_or_add(std::string_view name) {
        if (4 * entries_.size() >= 3 * slots_.size()) widen();
        const std::uint64_t hash = hash_of(name);
        std::size_t slot = first_slot(hash);
        for (; slots_[slot] != no_entry; slot = following(slot)) {
            const auto found = static_cast<std::size_t>(slots_[slot]);
            if (entries_[found].hash == hash && entries_[found].name == name) return found;
        }
        slots_[slot] = static_cast<int>(entries_.size());
        entries_.push_back({name, hash});
        return entries_.size() - 1;
    }

    constexpr void widen() {
        slots_ = std::vector<int>(slots_.empty() ? 32 : 2 * slots_.size(), no_entry);
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            std::size_t slot = first_slot(entries_[i].hash);
            while (slots_[slot] != no_entry) slot = following(slot);
            slots_[slot] = static_cast<int>(i);
        }
    }

    constexpr std::size_t first_slot(std::uint64_t hash) const {
        return static_cast<std::size_t>(hash) & (slots_.size() - 1);
    }
    constexpr std::size_t following(std::size_t slot) const { return (slot + 1) & (slots_.size() - 1); }

    std::vector<entry> entries_;
    std::vector<int> slots_; ///< positions in entries_; a power of two of them, a quarter or more free
};

} // namespace ctq::inline CTQ_TARGET

#pragma once
// table: the observations of a model's tensors, collected on any number of machines and merged exactly.
// room: calibrate | runs on: host | heap: yes (16 KiB and the name per tensor)

#include <ctq/calibrate/strategy.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>

namespace ctq::inline CTQ_TARGET::calibration {

/// What became of a merge; only `merged` changes anything.
enum class merge_result : std::uint8_t { merged, different_models, too_many_values };

/// Observations by tensor name. Two tables that saw the same samples of the same model in any partition, merged in any
/// order, are equal. To resume, keep observing into a loaded table.
struct table {
    /// The fingerprint of the model whose tensors these are.
    std::string model;
    /// How many samples have been observed.
    std::uint64_t samples = 0;
    std::map<std::string, observation, std::less<>> tensors;

    /// Adds what `other` has seen. A tensor that only one of them knows is kept as it is.
    [[nodiscard]] merge_result merge(const table& other) {
        if (model != other.model) return merge_result::different_models;
        if (!has_room_for(other)) return merge_result::too_many_values;
        samples += other.samples;
        for (const auto& [name, seen] : other.tensors) tensors[name].merge(seen);
        return merge_result::merged;
    }

    friend bool operator==(const table&, const table&) = default;

  private:
    [[nodiscard]] bool has_room_for(const table& other) const {
        if (other.samples > std::numeric_limits<std::uint64_t>::max() - samples) return false;
        for (const auto& [name, seen] : other.tensors) {
            const auto own = tensors.find(name);
            if (own != tensors.end() && !own->second.can_merge(seen)) return false;
        }
        return true;
    }
};

} // namespace ctq::inline CTQ_TARGET::calibration

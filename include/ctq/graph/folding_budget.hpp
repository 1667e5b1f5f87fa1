#pragma once
// folding_budget: how much memory the constants that folding makes may take. A few nodes over one small constant can
// ask for any number of elements: a file of a hundred bytes must not fill the memory.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/graph/value_list.hpp>

#include <cstdint>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// The most bytes that constants made in one import, or in one prepare, may take together. A network's own constants do
/// not count.
inline constexpr std::int64_t most_folded_bytes = std::int64_t{1} << 30;

/// What is left of such a number.
class folding_budget {
    std::int64_t most_, taken_ = 0;

  public:
    constexpr explicit folding_budget(std::int64_t most = most_folded_bytes) : most_(most) {}

    /// Takes `bytes` (0 or more) if they are left; says whether they were.
    constexpr bool take(std::int64_t bytes) {
        if (bytes > most_ - taken_) return false;
        taken_ += bytes;
        return true;
    }

    constexpr std::int64_t most() const { return most_; }
    constexpr std::int64_t taken() const { return taken_; }
};

/// What the elements of values take.
constexpr std::int64_t bytes_of_values(const value_list& graph, const std::vector<int>& all) {
    std::int64_t sum = 0;
    for (const int each : all) sum += static_cast<std::int64_t>(graph.value_at(each).facts.bytes());
    return sum;
}

} // namespace ctq::inline CTQ_TARGET

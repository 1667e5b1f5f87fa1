#pragma once
// folding_budget: how many elements the constants that folding makes may hold. A few nodes over one small constant can
// ask for any number: a file of a hundred bytes must not fill the memory.
// room: graph | runs on: compiler + host | heap: no

#include <ctq/graph/graph.hpp>

#include <cstdint>

namespace ctq::inline CTQ_TARGET {

/// The most elements that constants made in one import, or in one prepare, may hold together: 1 GiB of float. A
/// network's own constants do not count.
inline constexpr std::int64_t most_folded_elements = std::int64_t{1} << 28;

/// What is left of such a number.
class folding_budget {
    std::int64_t most_, taken_ = 0;

  public:
    constexpr explicit folding_budget(std::int64_t most = most_folded_elements) : most_(most) {}

    /// Takes `elements` (0 or more) if they are left; says whether they were.
    constexpr bool take(std::int64_t elements) {
        if (elements > most_ - taken_) return false;
        taken_ += elements;
        return true;
    }

    constexpr std::int64_t most() const { return most_; }
    constexpr std::int64_t taken() const { return taken_; }
};

/// Elements of all outputs of a node.
template <class Graph, class Node> constexpr std::int64_t made_elements(const Graph& graph, const Node& node) {
    std::int64_t sum = 0;
    for (const int output : node.outputs) sum += graph.value_at(output).facts.shape.elements();
    return sum;
}

} // namespace ctq::inline CTQ_TARGET

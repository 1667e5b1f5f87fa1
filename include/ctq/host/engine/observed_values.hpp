#pragma once
// observed_values: which values of a prepared float graph calibration looks at, and whose range each value takes.
// room: host | runs on: host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/quantize/infinite_values.hpp>

#include <cstddef>
#include <type_traits>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// For each value of a graph: the value whose observations give its range, itself where it is observed, -1 where none
/// is needed: for constants, for outputs whose quantization the operator fixes, for what may be infinite and so stays
/// float, and for what a state holds, which is what was written to it: annotate joins those ranges. What only moves its
/// input's elements takes the input's.
class observed_values {
    std::vector<int> source_;

  public:
    template <class Graph> explicit observed_values(const Graph& graph) : source_(graph.values.size(), -1) {
        const flags infinite = infinite_values(graph);
        for (const port& input : graph.inputs)
            if (graph.value_at(input.value).facts.type == dtype::float32) source_[index(input.value)] = input.value;
        for (const auto& node : graph.nodes) {
            for (const int output : node.outputs) {
                if (graph.value_at(output).facts.type != dtype::float32 || infinite[index(output)] != 0)
                    continue; // nothing quantizes it
                source_[index(output)] = visit_operator(node, [&](const auto& op) {
                    using type = std::remove_cvref_t<decltype(op)>;
                    if (traits_of<type>.moves_elements && !graph.is_constant(node.inputs[0]))
                        return source_[index(node.inputs[0])];
                    return traits_of<type>.output_range == range_rule::fixed ? -1 : output;
                });
            }
        }
    }

    [[nodiscard]] int source_of(int value) const { return source_[index(value)]; }
    [[nodiscard]] bool is_observed(int value) const { return source_of(value) == value; }

    [[nodiscard]] std::size_t count() const {
        std::size_t sum = 0;
        for (std::size_t v = 0; v < source_.size(); ++v) sum += is_observed(static_cast<int>(v)) ? 1 : 0;
        return sum;
    }

  private:
    static std::size_t index(int value) { return static_cast<std::size_t>(value); }
};

} // namespace ctq::inline CTQ_TARGET::host

#pragma once
// float_engine: runs a float graph fast. Results equal the operators' definitions up to rounding; they are the same in
// every run and thread, on every machine and instruction set.
// room: host | runs on: host | heap: yes, while it is made; run() allocates nothing

#include <ctq/host/engine/bound_graph.hpp>
#include <ctq/host/engine/layer_choice.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

namespace ctq::inline CTQ_TARGET::host {

/// Write input(i), run(), read output(i). Inputs do not survive a run unless memory is kept; states do, until reset().
/// Copies (one a thread) share the packed weights and begin with the initial states; the graph must outlive them all.
/// Cost of making one: a pass over the weights.
template <class Graph> class float_engine {
    const Graph* graph_;
    bound_graph bound_;

  public:
    /// Throws model_error where a node's attributes and shapes do not fit.
    explicit float_engine(const Graph& graph, memory_use use = memory_use::reused, isa wanted = best_isa())
        : graph_(&graph),
          bound_(
              graph, use, [wanted](const auto& node, bool constants_known) -> const auto& {
                  return visit_operator(node, [&](const auto& op) -> const ctq_border::layer_functions& {
                      return fast_float_functions<std::remove_cvref_t<decltype(op)>>(wanted, constants_known);
                  });
              }) {}

    [[nodiscard]] const Graph& graph() const { return *graph_; }

    [[nodiscard]] const tensor_facts& input_facts(std::size_t i) const {
        return bound_.facts_of(graph_->inputs[i].value);
    }
    /// Copies the elements of input i, which must not be plain.
    void set_input(std::size_t i, std::span<const float> from) {
        require(from.size() == input(i).size(), "an input must have as many elements as the graph's");
        std::copy(from.begin(), from.end(), input(i).begin());
    }
    /// `T`: the element type of the input; float, or that of plain integers or booleans.
    template <class T = float> [[nodiscard]] std::span<T> input(std::size_t i) {
        return bound_.template elements<T>(graph_->inputs[i].value);
    }
    template <class T = float> [[nodiscard]] std::span<const T> output(std::size_t i) const {
        return value<T>(graph_->outputs[i].value);
    }
    /// Copies the reals of output i.
    void output(std::size_t i, std::span<float> to) const {
        require(to.size() == output(i).size(), "an output must be read into as many elements as it has");
        std::copy(output(i).begin(), output(i).end(), to.begin());
    }
    [[nodiscard]] const_tensor output_tensor(std::size_t i) const { return bound_.value(graph_->outputs[i].value); }

    /// Any value of the graph; see memory_use for when its elements are there.
    template <class T = float> [[nodiscard]] std::span<const T> value(int index) const {
        return bound_.template elements<T>(index);
    }

    void run() {
        bound_.run([](std::size_t) {});
    }
    /// Calls observe(node index) when the node's output is there.
    template <class Observe> void run(Observe observe) { bound_.run(observe); }

    /// The states hold their initial values again, as in a new engine.
    void reset() { bound_.reset(); }

    [[nodiscard]] std::size_t arena_bytes() const { return bound_.arena_bytes(); }
};

} // namespace ctq::inline CTQ_TARGET::host

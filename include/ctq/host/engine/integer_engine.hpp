#pragma once
// integer_engine: runs a quantized graph, float islands included, bit for bit as ctq::evaluate and the emitted header
// do, on the fastest kernels that this machine can run.
// room: host | runs on: host | heap: yes, while it is made; run() allocates nothing

#include <ctq/execute/run_node.hpp>
#include <ctq/host/engine/bound_graph.hpp>
#include <ctq/host/engine/layer_choice.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace ctq::host {

/// `Requantizer`: that of the rule under which the graph was quantized. Float islands run by the operators' own
/// definitions, never by a faster kernel with another rounding. Copies (one a thread) share the packed constants; the
/// graph must outlive them all.
template <class Requantizer, class Graph> class integer_engine {
    const Graph* graph_;
    bound_graph bound_;
    isa isa_;

  public:
    /// Throws model_error for an operator without an integer meaning.
    explicit integer_engine(const Graph& graph, memory_use use = memory_use::reused, isa wanted = best_isa())
        : graph_(&graph),
          bound_(
              graph, use, [&graph, wanted ](const auto& node, bool) -> const auto& {
                  const std::array in{graph.value_at(node.inputs[0]).facts}, out{graph.value_at(node.output).facts};
                  const bool real = is_float_node(in, out);
                  return visit_operator(node, [&](const auto& op) -> const ctq_border::layer_functions& {
                      using op_type = std::remove_cvref_t<decltype(op)>;
                      return real ? defined_float_functions<op_type>()
                                  : integer_functions<Requantizer, op_type>(wanted);
                  });
              }),
          isa_(wanted) {}

    [[nodiscard]] const Graph& graph() const { return *graph_; }
    [[nodiscard]] std::size_t input_size(std::size_t i) const { return facts_of(graph_->inputs[i].value).elements(); }
    [[nodiscard]] const tensor_facts& facts_of(int value) const { return bound_.facts_of(value); }

    /// Quantizes (or copies, where the graph's input is float) the elements of input i.
    void set_input(std::size_t i, std::span<const float> from) const {
        const int index = graph_->inputs[i].value;
        const tensor_facts& facts = facts_of(index);
        require(from.size() == facts.elements(), "an input must have as many elements as the graph's");
        if (facts.type == dtype::float32) {
            std::copy(from.begin(), from.end(), bound_.template elements<float>(index).begin());
            return;
        }
        quantize_elements_on(isa_, from, facts.quantization, bound_.template elements<std::int8_t>(index).data());
    }

    /// The integers of input i, to be written; the graph's input must be int8.
    [[nodiscard]] std::span<std::int8_t> integer_input(std::size_t i) const {
        return bound_.template elements<std::int8_t>(graph_->inputs[i].value);
    }

    void run() const {
        bound_.run([](std::size_t) {});
    }
    /// Calls observe(node index) when the node's output is there.
    template <class Observe> void run(Observe observe) const { bound_.run(observe); }

    /// Any value of the graph; see memory_use for when its elements are there.
    [[nodiscard]] const_tensor value(int index) const { return bound_.value(index); }

    /// A value as reals: dequantized, or copied where it is float.
    void read(int index, std::span<float> to) const {
        const const_tensor from = value(index);
        require(to.size() == from.size(), "a value must be read into as many elements as it has");
        if (from.facts.type == dtype::float32) {
            std::copy_n(from.template as<float>(), to.size(), to.begin());
            return;
        }
        const std::int8_t* integers = from.template as<std::int8_t>();
        for (std::size_t k = 0; k < to.size(); ++k) to[k] = dequantize(integers[k], from.facts.quantization);
    }

    /// Output i as reals.
    void output(std::size_t i, std::span<float> to) const { read(graph_->outputs[i].value, to); }
    [[nodiscard]] std::size_t output_size(std::size_t i) const { return facts_of(graph_->outputs[i].value).elements(); }

    [[nodiscard]] std::size_t arena_bytes() const { return bound_.arena_bytes(); }
};

} // namespace ctq::host

#pragma once
// integer_engine: runs a quantized graph, float islands included, bit for bit as ctq::evaluate and the emitted header
// do, on the fastest kernels that this machine can run.
// room: host | runs on: host | heap: yes, while it is made; run() allocates nothing

#include <ctq/execute/program.hpp>
#include <ctq/host/engine/bound_graph.hpp>
#include <ctq/host/engine/layer_choice.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::host {

/// `Rules`: the rules that the graph was annotated under. Float islands run by the operators' own definitions, never by
/// a faster kernel with another rounding. States live from one run to the next, until reset(). Copies (one a thread)
/// share the program and its packed constants, and begin with the initial states.
template <class Rules, class Graph> class integer_engine {
    using program_type = program<typename Graph::operation_type>;

    std::shared_ptr<const program_type> program_;
    bound_graph bound_;
    isa isa_;

    static const ctq_border::layer_functions& functions_of(const typename program_type::node_type& node, isa wanted) {
        return visit_lowered(node, [&]<class Op>(const Op&, const auto&) -> const ctq_border::layer_functions& {
            if (is_float_signature(node.types)) return defined_float_functions<Op>();
            const ctq_border::layer_functions* found = nullptr;
            visit_signature<Rules, Op>(node.types, [&]<signature S>() { found = &integer_functions<S, Op>(wanted); });
            return *found;
        });
    }

  public:
    /// Lowers the graph, which is not needed afterwards. Throws model_error for an operator without an integer meaning.
    explicit integer_engine(const Graph& graph, memory_use use = memory_use::reused, isa wanted = best_isa())
        : program_(std::make_shared<const program_type>(lower_graph<Rules>(graph))),
          bound_(
              *program_, use, [wanted](const auto& node, bool) -> const auto& { return functions_of(node, wanted); }),
          isa_(wanted) {}

    [[nodiscard]] std::size_t input_size(std::size_t i) const { return input_facts(i).elements(); }
    [[nodiscard]] const tensor_facts& input_facts(std::size_t i) const {
        return bound_.facts_of(program_->inputs[i].value);
    }

    /// Quantizes (or copies, where the graph's input is float) the elements of input i, which must not be plain.
    void set_input(std::size_t i, std::span<const float> from) {
        const int index = program_->inputs[i].value;
        const tensor_facts& facts = bound_.facts_of(index);
        require(from.size() == facts.elements(), "an input must have as many elements as the graph's");
        if (facts.type == dtype::float32) {
            std::copy(from.begin(), from.end(), bound_.template elements<float>(index).begin());
            return;
        }
        if (facts.type == dtype::int8 && facts.range == limits_of(dtype::int8))
            return quantize_elements_on(isa_, from, facts.quantization,
                                        bound_.template elements<std::int8_t>(index).data());
        with_element_type(facts.type, [&](auto zero) {
            if constexpr (std::is_integral_v<decltype(zero)>) {
                auto* to = bound_.template elements<decltype(zero)>(index).data();
                for (std::size_t k = 0; k < from.size(); ++k)
                    to[k] = static_cast<decltype(zero)>(quantize(from[k], facts));
            }
        });
    }

    /// The elements of input i, to be written; `T` is the element type of the graph's input.
    template <class T = std::int8_t> [[nodiscard]] std::span<T> input(std::size_t i) {
        return bound_.template elements<T>(program_->inputs[i].value);
    }

    void run() {
        bound_.run([](std::size_t) {});
    }
    /// Calls observe(node index) when the node's output is there.
    template <class Observe> void run(Observe observe) { bound_.run(observe); }

    /// Any activation of the annotated graph; see memory_use for when its elements are there.
    [[nodiscard]] const_tensor value(int index) const {
        return bound_.value(program_->places[static_cast<std::size_t>(index)]);
    }

    /// An activation of the annotated graph as reals: dequantized, or copied where it is float.
    void read(int index, std::span<float> to) const { read_tensor(value(index), to); }

    /// Output i as reals.
    void output(std::size_t i, std::span<float> to) const { read_tensor(output_tensor(i), to); }
    [[nodiscard]] const_tensor output_tensor(std::size_t i) const { return bound_.value(program_->outputs[i].value); }
    [[nodiscard]] std::size_t output_size(std::size_t i) const {
        return bound_.facts_of(program_->outputs[i].value).elements();
    }

    /// The states hold their initial values again, as in a new engine.
    void reset() { bound_.reset(); }

    [[nodiscard]] std::size_t arena_bytes() const { return bound_.arena_bytes(); }

  private:
    static void read_tensor(const const_tensor& from, std::span<float> to) {
        require(to.size() == from.size(), "a value must be read into as many elements as it has");
        with_element_type(from.facts.type, [&](auto zero) {
            using type = decltype(zero);
            const type* elements = from.template as<type>();
            for (std::size_t k = 0; k < to.size(); ++k) {
                if constexpr (std::is_same_v<type, int4_pair>)
                    to[k] = dequantize(read_integer<dtype::int4>(elements, k), from.facts.quantization);
                else
                    to[k] = real_of(elements[k], from.facts.quantization);
            }
        });
    }
};

} // namespace ctq::inline CTQ_TARGET::host

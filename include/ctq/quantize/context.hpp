#pragma once
// What an operator is given to quantize itself: its quantized inputs, its output, and a place for new constants.
// room: quantize | runs on: compiler + host (allocates)

#include <ctq/core/quantization.hpp>
#include <ctq/graph/graph.hpp>
#include <ctq/operators/conversions.hpp>

#include <span>
#include <vector>

namespace ctq {

/// The node is in the float graph `source`; the integer node is being made in `target`. `integers_of(value)` gives the
/// target's integer value for a source value, inserting a conversion where there is none yet.
template <class Graph, class IntegersOf> class quantize_context {
  public:
    using node_type = typename Graph::node_type;

    constexpr quantize_context(const Graph& source, const node_type& node, Graph& target, const tensor_facts& output,
                               IntegersOf integers_of)
        : source_(source), node_(node), target_(target), output_(output), integers_of_(integers_of) {}

    constexpr std::size_t input_count() const { return node_.inputs.size(); }
    /// Facts of input i: of an activation the quantized ones, of a constant the float ones.
    constexpr const tensor_facts& input(std::size_t i) {
        const int index = node_.inputs[i];
        if (source_.is_constant(index)) return source_.value_at(index).facts;
        return target_.value_at(integers_of_(index)).facts;
    }
    constexpr const tensor_facts& output() const { return output_; }

    /// `count` zeros: what constants are built in. (The operators themselves need no container.)
    template <class T> static constexpr std::vector<T> list(std::size_t count) { return std::vector<T>(count, T{}); }

    /// Elements of input i, which must be constant.
    constexpr std::span<const float> constant(std::size_t i) const {
        require(source_.is_constant(node_.inputs[i]), "weights and bias must be constant");
        return source_.reals(node_.inputs[i]);
    }

    /// Makes input i an input of the integer node, as it is.
    constexpr void keep_input(std::size_t i) { inputs_.push_back(integers_of_(node_.inputs[i])); }

    /// The same for an operand that may be constant: a constant is quantized over its own range.
    template <class Rule> constexpr void keep_operand(std::size_t i) {
        if (!source_.is_constant(node_.inputs[i])) return keep_input(i);
        const auto elements = source_.reals(node_.inputs[i]);
        bounds range{0.0f, 0.0f};
        for (const float element : elements)
            range = {element < range.low ? element : range.low, element > range.high ? element : range.high};
        append_quantized(i, Rule::activation(range));
    }

    /// The same for an operand that must share the output's scale and zero point; it is converted if it does not.
    template <class Rule> constexpr void keep_shared_operand(std::size_t i) {
        if (source_.is_constant(node_.inputs[i])) return append_quantized(i, output_.quantization);
        const int index = integers_of_(node_.inputs[i]);
        const value& from = target_.value_at(index);
        if (from.facts.quantization == output_.quantization) return inputs_.push_back(index);
        for (const auto& made : target_.nodes)
            if (operator_if<requantize_layer>(made) != nullptr && made.inputs[0] == index &&
                target_.value_at(made.output).facts.quantization == output_.quantization)
                return inputs_.push_back(made.output);
        inputs_.push_back(requantized<Rule>(index));
    }

    template <class T>
    constexpr void append_constant(std::string_view role, const shape& of, std::vector<T> elements,
                                   quantization q = {}) {
        inputs_.push_back(target_.add_constant(node_.name + "." + role, of, std::move(elements), q));
    }

    /// Facts of input i of the integer node, once it has been kept or appended.
    constexpr const tensor_facts& kept(std::size_t i) const { return target_.value_at(inputs_[i]).facts; }
    constexpr const std::vector<int>& inputs() const { return inputs_; }

  private:
    /// A new conversion of the integer value `index` to the output's scale and zero point.
    template <class Rule> constexpr int requantized(int index) {
        const value from = target_.value_at(index);
        const double ratio =
            static_cast<double>(from.facts.quantization.scale) / static_cast<double>(output_.quantization.scale);
        const requantize_layer op{Rule::requantizer::encode(ratio),
                                  Rule::activation_limits(none, output_.quantization)};
        const text name = node_.name + "." + from.name.view() + ".requantized";
        const int converted = target_.add_value(name, {Rule::activation_type, from.facts.shape, output_.quantization});
        target_.nodes.push_back({name, op, {index}, converted, {}});
        return converted;
    }

    constexpr void append_quantized(std::size_t i, const quantization& q) {
        const value& from = source_.value_at(node_.inputs[i]);
        std::vector<std::int8_t> integers;
        for (const float element : source_.reals(node_.inputs[i]))
            integers.push_back(static_cast<std::int8_t>(quantize(element, q)));
        inputs_.push_back(target_.add_constant(from.name, from.facts.shape, std::move(integers), q));
    }

    const Graph& source_;
    const node_type& node_;
    Graph& target_;
    tensor_facts output_;
    IntegersOf integers_of_;
    std::vector<int> inputs_;
};

} // namespace ctq

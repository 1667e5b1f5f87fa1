#pragma once
// A model: a quantized network as a type of constants. Emitted headers define one; ctq::quantized makes one.
// room: execute | runs on: all | heap: no

#include <ctq/kernels/kernel.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>

namespace ctq {

/// A tensor of a model: an activation (no elements yet) or a constant.
struct model_value {
    std::string_view name;
    tensor_facts facts;
    const_data elements{};
    bool constant = false;
};

/// An activation of `shape`, float32 or of quantized integers.
constexpr model_value activation(std::string_view name, const shape& of, dtype type = dtype::float32, float scale = 0,
                                 std::int32_t zero_point = 0) {
    return {name, {type, of, {scale, zero_point}}, {}, false};
}

/// A constant in flash.
template <class T, std::size_t N>
constexpr model_value constant_value(std::string_view name, const shape& of, const T (&elements)[N], float scale = 0,
                                     std::int32_t zero_point = 0) {
    require(static_cast<std::size_t>(of.elements()) == N, "a constant must have as many elements as its shape");
    return {name, {dtype_of<T>, of, {scale, zero_point}}, elements, true};
}

/// A layer: its operator, the values it reads and the one it makes, by position in the model's `values`.
template <class Op, std::size_t Inputs> struct model_node {
    std::string_view name;
    Op op;
    std::array<int, Inputs> inputs;
    int output;
};

template <class Op, std::size_t Inputs>
constexpr model_node<Op, Inputs> node(std::string_view name, const Op& op, const int (&inputs)[Inputs], int output) {
    model_node<Op, Inputs> result{name, op, {}, output};
    for (std::size_t i = 0; i < Inputs; ++i) result.inputs[i] = inputs[i];
    return result;
}

/// What an executor needs of a model type. Members: `requantizer`; `name`; `values`, an array of model_value; `nodes`,
/// a tuple of model_node in the order of execution; `inputs` and `outputs`, arrays of positions in `values`.
template <class Model>
concept model = requires {
    typename Model::requantizer;
    { Model::name } -> std::convertible_to<std::string_view>;
    Model::values[0].facts;
    Model::inputs[0];
    Model::outputs[0];
    std::tuple_size<std::remove_cvref_t<decltype(Model::nodes)>>::value;
};

template <class Model>
constexpr std::size_t node_count = std::tuple_size_v<std::remove_cvref_t<decltype(Model::nodes)>>;

/// The facts of node I as static constants; `kernels::constant_facts<node_constants<Model, I>>` hands them to a kernel.
template <class Model, std::size_t I> struct node_constants {
    static constexpr const auto& source = std::get<I>(Model::nodes);
    static constexpr std::size_t input_count = source.inputs.size();

    static constexpr auto input_facts = [] {
        std::array<tensor_facts, input_count> facts{};
        for (std::size_t i = 0; i < input_count; ++i)
            facts[i] = Model::values[static_cast<std::size_t>(source.inputs[i])].facts;
        return facts;
    }();
    static constexpr std::array<tensor_facts, 1> output_facts{
        Model::values[static_cast<std::size_t>(source.output)].facts};
    static constexpr kernels::node_facts<std::remove_cvref_t<decltype(source.op)>> value{source.op, input_facts,
                                                                                         output_facts};

    /// The inputs with their elements where they are constant.
    static constexpr std::array<const_tensor, input_count> constant_inputs() {
        std::array<const_tensor, input_count> in{};
        for (std::size_t i = 0; i < input_count; ++i) {
            const model_value& from = Model::values[static_cast<std::size_t>(source.inputs[i])];
            in[i] = {from.facts, from.elements};
        }
        return in;
    }
};

/// The overflow proof of node I, from its actual constants.
template <class Model, std::size_t I>
constexpr bool node_never_overflows = [] {
    using constants = node_constants<Model, I>;
    if constexpr (constants::output_facts[0].type == dtype::float32 && constants::input_facts[0].type == dtype::float32)
        return true;
    const auto in = constants::constant_inputs();
    return never_overflows<typename Model::requantizer>(constants::source.op, in, constants::output_facts[0]);
}();

/// The overflow proof of the whole model.
template <class Model> constexpr bool model_never_overflows = []<std::size_t... I>(std::index_sequence<I...>) {
    return (node_never_overflows<Model, I> && ...);
}
(std::make_index_sequence<node_count<Model>>{});

/// Bytes of all constants.
template <class Model>
constexpr std::size_t model_weight_bytes = [] {
    std::size_t bytes = 0;
    for (const model_value& v : Model::values) bytes += v.constant ? v.facts.bytes() : 0;
    return bytes;
}();

} // namespace ctq

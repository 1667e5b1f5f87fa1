#pragma once
// A model: a quantized network as a type of constants. Emitted headers define one; ctq::quantized makes one.
// room: execute | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/execute/node_list.hpp>
#include <ctq/execute/run_node.hpp>
#include <ctq/execute/weights_file.hpp>
#include <ctq/registry/integer_meaning.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctq::inline CTQ_TARGET {

/// A tensor of a model: an activation (no elements yet) or a constant.
struct model_value {
    std::string_view name;
    tensor_facts facts;
    const_data elements{};
    bool constant = false;
    std::size_t file_offset = not_in_a_file; ///< of a constant that lies in the model's weights file

    constexpr bool in_file() const { return file_offset != not_in_a_file; }

    static constexpr std::size_t not_in_a_file = static_cast<std::size_t>(-1);
};

/// An activation of `shape`, float32 or of quantized integers.
constexpr model_value activation(std::string_view name, const shape& of, dtype type = dtype::float32, float scale = 0,
                                 std::int32_t zero_point = 0) {
    return {name, {type, of, {scale, zero_point}}, {}, false};
}

/// The same where not all integers of the type occur: a fused activation, or a precision.
constexpr model_value activation(std::string_view name, const shape& of, dtype type, float scale,
                                 std::int32_t zero_point, const limits& range) {
    return {name, {type, of, {scale, zero_point}, range}, {}, false};
}

/// A constant in flash.
template <class T, std::size_t N>
constexpr model_value constant_value(std::string_view name, const shape& of, const T (&elements)[N], float scale = 0,
                                     std::int32_t zero_point = 0) {
    require(entries_of(dtype_of<T>, static_cast<std::size_t>(of.elements())) == N,
            "a constant must have as many elements as its shape");
    return {name, {dtype_of<T>, of, {scale, zero_point}}, elements, true};
}

/// The same where not all integers of the type occur: a rule's limits.
template <class T, std::size_t N>
constexpr model_value constant_value(std::string_view name, const shape& of, const T (&elements)[N], float scale,
                                     std::int32_t zero_point, const limits& range) {
    model_value made = constant_value(name, of, elements, scale, zero_point);
    made.facts.range = range;
    return made;
}

/// A constant that the weights file holds, `offset` bytes from its beginning; the model has a member `file`.
constexpr model_value constant_in_file(std::string_view name, const shape& of, dtype type, std::size_t offset,
                                       float scale = 0, std::int32_t zero_point = 0) {
    return {name, {type, of, {scale, zero_point}}, {}, true, offset};
}

/// The same where not all integers of the type occur.
constexpr model_value constant_in_file(std::string_view name, const shape& of, dtype type, std::size_t offset,
                                       float scale, std::int32_t zero_point, const limits& range) {
    return {name, {type, of, {scale, zero_point}, range}, {}, true, offset};
}

/// A layer: its operator, what lowering made of it, the values it reads and those it makes, by position in the model's
/// `values`, and how it rounds: not at all where its float meaning runs.
template <class Op, std::size_t Inputs, std::size_t Outputs> struct model_node {
    std::string_view name;
    Op op;
    lowered_of<Op> lowered;
    std::array<int, Inputs> inputs;
    std::array<int, Outputs> outputs;
    rounding how = rounding::in_float;
};

template <class Op, std::size_t Inputs, std::size_t Outputs>
constexpr model_node<Op, Inputs, Outputs> node(std::string_view name, const Op& op, const lowered_of<Op>& lowered,
                                               const int (&inputs)[Inputs], const int (&outputs)[Outputs],
                                               rounding how = rounding::in_float) {
    return {name, op, lowered, std::to_array(inputs), std::to_array(outputs), how};
}

/// What `{}` stands for among the arguments of node(): an array has one element at least.
struct no_inputs {};

/// The same for a layer that reads nothing.
template <class Op, std::size_t Outputs>
constexpr model_node<Op, 0, Outputs> node(std::string_view name, const Op& op, const lowered_of<Op>& lowered, no_inputs,
                                          const int (&outputs)[Outputs], rounding how = rounding::in_float) {
    return {name, op, lowered, {}, std::to_array(outputs), how};
}

/// A tensor that lives from one run to the next, by positions in the model's `values`: the constant that it holds at
/// first and after a reset, the activation as which layers read it, and what it holds in the next run.
struct model_state {
    std::string_view name;
    int initial = -1, read = -1, written = -1;
};

constexpr model_state state(std::string_view name, int initial, int read, int written) {
    return {name, initial, read, written};
}

/// What an executor needs of a model type. Members: `name`; `values`, an array of model_value; `nodes`, a node_list of
/// model_node in the order of execution, made by ctq::nodes(); `inputs` and `outputs`, arrays of
/// positions in `values`; where it has states, `states`, an array of model_state; where constants lie in a file,
/// `file`, a weights_file.
template <class Model>
concept model = requires {
    { Model::name } -> std::convertible_to<std::string_view>;
    Model::values[0].facts;
    Model::inputs[0];
    Model::outputs[0];
    Model::nodes.size;
};

template <class Model> constexpr std::size_t node_count = Model::nodes.size;

template <class Model>
constexpr std::size_t state_count = [] {
    if constexpr (requires { Model::states; })
        return std::size(Model::states);
    else
        return std::size_t{0};
}();

namespace detail {

template <class Model, std::size_t N>
constexpr std::array<tensor_facts, N> facts_of(const std::array<int, N>& positions) {
    std::array<tensor_facts, N> facts{};
    for (std::size_t i = 0; i < N; ++i) facts[i] = Model::values[static_cast<std::size_t>(positions[i])].facts;
    return facts;
}

} // namespace detail

/// The facts of node I as static constants; `kernels::constant_facts<node_constants<Model, I>>` hands them to a kernel.
template <class Model, std::size_t I> struct node_constants {
    static constexpr const auto& source = get<I>(Model::nodes);
    using op_type = std::remove_cvref_t<decltype(source.op)>;
    static constexpr std::size_t input_count = source.inputs.size(), output_count = source.outputs.size();

    static constexpr auto input_facts = detail::facts_of<Model>(source.inputs);
    static constexpr auto output_facts = detail::facts_of<Model>(source.outputs);
    static constexpr kernels::node_facts<op_type> value{source.op, source.lowered, input_facts, output_facts};
    static constexpr signature types = signature_of<op_type>(input_facts, output_facts[0].type, source.how);
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

/// One value's facts, and its elements if the program holds them: apart from its name, which so stays out of flash.
template <class Model, int Value> struct value_constants {
    static constexpr const model_value& source = Model::values[static_cast<std::size_t>(Value)];
    static constexpr tensor_facts facts = source.facts;
    static constexpr const_data elements = source.elements;
};

/// True when node I reads a constant from the model's weights file.
template <class Model, std::size_t I>
constexpr bool node_reads_file = [] {
    for (const int input : node_constants<Model, I>::source.inputs)
        if (Model::values[static_cast<std::size_t>(input)].in_file()) return true;
    return false;
}();

/// True when a model's constants are not all in the program.
template <class Model> constexpr bool has_weights_file = requires {
    Model::file;
};

namespace detail {

/// Channels that one constant evaluation proves: g++ 12 allows about a million weights, clang 19 some 10,000 channels.
template <class Model, std::size_t I>
constexpr std::int32_t channels_per_proof = [] {
    using constants = node_constants<Model, I>;
    std::uint64_t weights = 1;
    for (const int input : constants::source.inputs) {
        const model_value& v = Model::values[static_cast<std::size_t>(input)];
        if (v.constant && v.facts.elements() > weights) weights = v.facts.elements();
    }
    const shape& out = constants::output_facts[0].shape;
    const std::uint64_t channels = out.rank == 0 ? 1 : static_cast<std::uint64_t>(out[out.rank - 1]);
    const std::uint64_t most = 131072 * channels / weights;
    return static_cast<std::int32_t>(most < 1 ? 1 : most > 1024 ? 1024 : most);
}();

template <class Model, std::size_t I, std::int32_t First>
constexpr bool channels_never_overflow = [] {
    using constants = node_constants<Model, I>;
    const auto in = constants::constant_inputs();
    return never_overflows<constants::types>(constants::source.op, constants::source.lowered, in,
                                             constants::output_facts[0], {First, First + channels_per_proof<Model, I>});
}();

template <class Model, std::size_t I> constexpr bool integer_node_never_overflows() {
    constexpr const shape& out = node_constants<Model, I>::output_facts[0].shape;
    constexpr std::int32_t channels = out.rank == 0 ? 1 : out[out.rank - 1], step = channels_per_proof<Model, I>;
    constexpr auto blocks = static_cast<std::size_t>(divide_up(channels, step));
    return all_of(array_of<bool, blocks>([]<std::size_t Block>(std::integral_constant<std::size_t, Block>) {
        return channels_never_overflow<Model, I, static_cast<std::int32_t>(Block) * step>;
    }));
}

} // namespace detail

/// The overflow proof of node I, from its actual constants. For constants in a file the tool has proved it when it
/// wrote the file, and says so in `Model::file`; the file's checksum ties them together.
template <class Model, std::size_t I>
constexpr bool node_never_overflows = [] {
    using constants = node_constants<Model, I>;
    if constexpr (is_float_signature(constants::types))
        return true;
    else if constexpr (node_reads_file<Model, I>)
        return Model::file.never_overflows;
    else if constexpr (proves_channels<typename constants::op_type, constants::types>)
        return detail::integer_node_never_overflows<Model, I>();
    else
        return never_overflows<constants::types>(constants::source.op, constants::source.lowered,
                                                 constants::constant_inputs(), constants::output_facts[0]);
}();

/// The overflow proof of the whole model.
template <class Model>
constexpr bool model_never_overflows = detail::all_of(detail::array_of<bool, node_count<Model>>(
    []<std::size_t I>(std::integral_constant<std::size_t, I>) { return node_never_overflows<Model, I>; }));

/// True where layers compute with floats: a value is one.
template <class Model>
constexpr bool has_floats = [] {
    for (const model_value& v : Model::values)
        if (v.facts.type == dtype::float32) return true;
    return false;
}();

/// Bytes of all constants.
template <class Model>
constexpr std::size_t model_weight_bytes = [] {
    std::size_t bytes = 0;
    for (const model_value& v : Model::values) bytes += v.constant ? v.facts.bytes() : 0;
    return bytes;
}();

} // namespace ctq::inline CTQ_TARGET

#pragma once
// executor: a model as an object that runs. Its arena is its only state: no heap, re-entrant, copyable.
// room: execute | runs on: all | heap: no | exceptions: no

#include <ctq/execute/layout.hpp>
#include <ctq/execute/run_node.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace ctq {

/// Compiles every layer for its own shapes.
struct fast {
    static constexpr bool constant_shapes = true;
};

/// Shares one instantiation of a kernel between all layers of an operator: less flash, more instructions.
struct small {
    static constexpr bool constant_shapes = false;
};

namespace detail {

template <dtype Type> struct element { using type = float; };
template <> struct element<dtype::int8> { using type = std::int8_t; };
template <> struct element<dtype::uint8> { using type = std::uint8_t; };
template <> struct element<dtype::int16> { using type = std::int16_t; };
template <> struct element<dtype::int32> { using type = std::int32_t; };

/// The number of elements that a range type fixes, or dynamic_extent.
template <class Range> constexpr std::size_t static_size = decltype(std::span(std::declval<Range&>()))::extent;

/// Constants in a kernel's own order, made by the compiler.
template <class Model, class Architecture, std::size_t I> struct packed_constants {
    using constants = node_constants<Model, I>;
    using kernel = kernels::kernel<Architecture, std::remove_cvref_t<decltype(constants::source.op)>>;
    static constexpr bool integer =
        constants::input_facts[0].type != dtype::float32 || constants::output_facts[0].type != dtype::float32;
    static constexpr std::size_t bytes = integer ? kernel::packed_bytes(constants::value) : 0;

    alignas(kernels::alignment) static constexpr std::array<std::int8_t, bytes == 0 ? 1 : bytes> elements = [] {
        std::array<std::int8_t, bytes == 0 ? 1 : bytes> result{};
        if (bytes != 0) {
            const auto in = constants::constant_inputs();
            kernel::pack(constants::value, in, result.data());
        }
        return result;
    }();
};

} // namespace detail

/// The element type of a value of a model.
template <class Model, int Value>
using element_type = typename detail::element<Model::values[static_cast<std::size_t>(Value)].facts.type>::type;

/// Runs `Model` on one architecture. `ram_bytes` is the arena: activations and the kernels' scratch together.
template <model Model, class Policy = fast, class Architecture = kernels::native> class executor {
    using layout = arena_layout<Model, Architecture>;
    using requantizer = typename Model::requantizer;

  public:
    static constexpr std::size_t ram_bytes = layout::bytes;
    static constexpr std::size_t input_count = std::size(Model::inputs), output_count = std::size(Model::outputs);

    static_assert(
        model_never_overflows<Model>,
        "ctq: executor: accumulators must fit 32 bits, and a layer's weights exceed that; use smaller weights "
        "or exclude the layer");

    template <std::size_t I = 0>
    static constexpr std::size_t
        input_size = Model::values[static_cast<std::size_t>(Model::inputs[I])].facts.elements();
    template <std::size_t I = 0>
    static constexpr std::size_t
        output_size = Model::values[static_cast<std::size_t>(Model::outputs[I])].facts.elements();

    /// The input's place in the arena: write it, invoke(), read output(). Its contents do not survive invoke().
    template <std::size_t I = 0> auto input() {
        return std::span<element_type<Model, Model::inputs[I]>, input_size<I>>(
            at<element_type<Model, Model::inputs[I]>>(Model::inputs[I]), input_size<I>);
    }
    template <std::size_t I = 0> auto output() {
        return std::span<const element_type<Model, Model::outputs[I]>, output_size<I>>(
            at<element_type<Model, Model::outputs[I]>>(Model::outputs[I]), output_size<I>);
    }

    /// The network on what stands in the inputs.
    void invoke() {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (run_step<I>(), ...);
        }
        (std::make_index_sequence<node_count<Model>>{});
    }

    /// Quantizes the inputs, runs, dequantizes the outputs. Ranges of float: first the inputs, then the outputs, each
    /// of the model's size (an array's size is checked by the compiler).
    template <class... Ranges> void run(Ranges&&... ranges) {
        check_count<Ranges...>();
        auto all = std::forward_as_tuple(ranges...);
        for_inputs([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            load(std::span(as_const(std::get<I>(all))), input<I>(), facts_of(Model::inputs[I]).quantization);
        });
        invoke();
        for_outputs([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            store(output<I>(), std::span(std::get<input_count + I>(all)), facts_of(Model::outputs[I]).quantization);
        });
    }

    /// The same on the model's own element types: integers in, integers out.
    template <class... Ranges> void run_quantized(Ranges&&... ranges) {
        check_count<Ranges...>();
        auto all = std::forward_as_tuple(ranges...);
        for_inputs([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(std::span(as_const(std::get<I>(all))), input<I>());
        });
        invoke();
        for_outputs([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(output<I>(), std::span(std::get<input_count + I>(all)));
        });
    }

  private:
    static constexpr const tensor_facts& facts_of(int value) {
        return Model::values[static_cast<std::size_t>(value)].facts;
    }

    template <class T> T* at(int value) { return reinterpret_cast<T*>(arena_.data() + layout::offset_of_value(value)); }

    template <class... Ranges> static constexpr void check_count() {
        static_assert(
            sizeof...(Ranges) == input_count + output_count,
            "ctq: run: one range for each input and then one for each output is required; see input_count and "
            "output_count");
    }

    template <class T> static constexpr const T& as_const(const T& value) { return value; }

    template <class Visitor> static void for_inputs(Visitor visit) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit(std::integral_constant<std::size_t, I>{}), ...);
        }
        (std::make_index_sequence<input_count>{});
    }
    template <class Visitor> static void for_outputs(Visitor visit) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit(std::integral_constant<std::size_t, I>{}), ...);
        }
        (std::make_index_sequence<output_count>{});
    }

    template <std::size_t Given, std::size_t Wanted> static constexpr void check_size(std::size_t given) {
        static_assert(Given == std::dynamic_extent || Given == Wanted,
                      "ctq: run: a range must have as many elements as the model's input or output; see input_size and "
                      "output_size");
        require(given == Wanted, "a range must have as many elements as the model's input or output");
    }

    template <class T, std::size_t From, class To, std::size_t Size>
    static void load(std::span<T, From> from, std::span<To, Size> to, const quantization& q) {
        static_assert(std::is_same_v<std::remove_const_t<T>, float>,
                      "ctq: run: ranges of float are required; use run_quantized for integers");
        check_size<From, Size>(from.size());
        for (std::size_t i = 0; i < Size; ++i) {
            if constexpr (std::is_same_v<To, float>)
                to[i] = from[i];
            else
                to[i] = static_cast<To>(quantize(from[i], q));
        }
    }
    template <class From, std::size_t Size, class T, std::size_t To>
    static void store(std::span<const From, Size> from, std::span<T, To> to, const quantization& q) {
        static_assert(std::is_same_v<T, float>,
                      "ctq: run: ranges of float are required; use run_quantized for integers");
        check_size<To, Size>(to.size());
        for (std::size_t i = 0; i < Size; ++i) {
            if constexpr (std::is_same_v<From, float>)
                to[i] = from[i];
            else
                to[i] = dequantize(from[i], q);
        }
    }
    template <class From, std::size_t FromSize, class To, std::size_t ToSize>
    static void copy(std::span<From, FromSize> from, std::span<To, ToSize> to) {
        static_assert(std::is_same_v<std::remove_const_t<From>, std::remove_const_t<To>>,
                      "ctq: run_quantized: ranges of the model's element types are required; see element_type");
        constexpr std::size_t size = ToSize == std::dynamic_extent ? FromSize : ToSize;
        check_size<FromSize, size>(from.size());
        check_size<ToSize, size>(to.size());
        for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    }

    template <int Value> const_tensor read() {
        constexpr const model_value& v = Model::values[static_cast<std::size_t>(Value)];
        if constexpr (v.constant)
            return {v.facts, v.elements};
        else
            return {v.facts, at<element_type<Model, Value>>(Value)};
    }

    template <std::size_t I> void run_step() {
        constexpr const auto& node = std::get<I>(Model::nodes);
        using constants = node_constants<Model, I>;
        using packed = detail::packed_constants<Model, Architecture, I>;
        const auto in = [&]<std::size_t... N>(std::index_sequence<N...>) {
            return std::array<const_tensor, sizeof...(N)>{read<std::get<I>(Model::nodes).inputs[N]>()...};
        }
        (std::make_index_sequence<node.inputs.size()>{});
        const std::array<tensor, 1> out{
            tensor{facts_of(node.output), at<element_type<Model, std::get<I>(Model::nodes).output>>(node.output)}};
        const kernels::workspace space{arena_.data() + layout::offset_of_scratch(I),
                                       packed::bytes == 0 ? nullptr : packed::elements.data()};
        if constexpr (Policy::constant_shapes)
            run_node<Architecture, requantizer>(kernels::constant_facts<constants>{}, in, out, space);
        else
            run_shared<std::remove_cvref_t<decltype(node.op)>>({constants::value}, in, out, space);
    }

    template <class Op>
    [[gnu::noinline]] static void run_shared(const kernels::variable_facts<Op>& facts, const_tensors in, tensors out,
                                             const kernels::workspace& space) {
        run_node<Architecture, requantizer>(facts, in, out, space);
    }

    alignas(Architecture::alignment) std::array<std::byte, ram_bytes == 0 ? 1 : ram_bytes> arena_;
};

} // namespace ctq

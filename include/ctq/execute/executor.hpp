#pragma once
// executor: a model as an object that runs. Its arena holds all that changes: no heap, re-entrant, copyable.
// room: execute | runs on: all | heap: no

#include <ctq/core/integer.hpp>
#include <ctq/execute/element_range.hpp>
#include <ctq/execute/model_plan.hpp>
#include <ctq/execute/run_node.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ctq::inline CTQ_TARGET {

/// How an executor is compiled.
namespace policy {

/// Compiles every layer for its own shapes.
struct fast {
    static constexpr bool constant_shapes = true;
};

/// Shares one instantiation of a kernel between all layers of an operator: less flash, more instructions.
struct small {
    static constexpr bool constant_shapes = false;
};

} // namespace policy

namespace detail {

/// Constants in a kernel's own order, made by the compiler: in pieces that meet the compilers' limits on one constant
/// evaluation each.
template <class Model, class Architecture, std::size_t I> struct packed_constants {
    using constants = node_constants<Model, I>;
    using kernel = kernels::kernel_for<Architecture, typename constants::op_type, constants::types>;
    static constexpr std::size_t bytes = [] {
        if constexpr (is_float_signature(constants::types))
            return std::size_t{0};
        else
            return kernel::packed_bytes(constants::value);
    }();

    /// nullptr where the kernel keeps none.
    static const std::int8_t* data() {
        if constexpr (bytes == 0)
            return nullptr;
        else
            return reinterpret_cast<const std::int8_t*>(&elements);
    }

  private:
    static constexpr std::size_t piece_bytes = [] {
        if constexpr (bytes == 0)
            return std::size_t{1};
        else if constexpr (kernels::packs_in_pieces<kernel, typename constants::op_type>)
            return kernel::piece_bytes(constants::value);
        else
            return bytes;
    }();
    static constexpr std::size_t pieces = divide_up(bytes, piece_bytes);
    using piece_type = std::array<std::int8_t, piece_bytes>;

    template <std::size_t Piece>
    static constexpr piece_type piece = [] {
        piece_type result{};
        const auto in = constants::constant_inputs();
        if constexpr (pieces > 1) {
            constexpr auto size = static_cast<std::ptrdiff_t>(piece_bytes), first = size * std::ptrdiff_t{Piece};
            kernel::pack_piece(constants::value, in, {result.data(), first, first + size});
        } else {
            kernel::pack(constants::value, in, result.data());
        }
        return result;
    }();

    alignas(kernels::alignment) static constexpr std::array<piece_type, pieces> elements = array_of<piece_type, pieces>(
        []<std::size_t Piece>(std::integral_constant<std::size_t, Piece>) { return piece<Piece>; });
};

/// A constant of the weights file, typed.
template <class T> const T* file_elements(const std::byte* file, std::size_t offset) {
    return reinterpret_cast<const T*>(file + offset);
}

/// What an executor holds of constants that are not in the program: nothing for most models.
template <class Model, class Architecture, bool InFile = has_weights_file<Model>> class bound_weights {
  protected:
    static constexpr const std::byte* file() { return nullptr; }

    template <std::size_t I> static const std::int8_t* packed() {
        return packed_constants<Model, Architecture, I>::data();
    }
};

/// For a model with a weights file: where the file is in memory, and what the kernels made of it.
template <class Model, class Architecture> class bound_weights<Model, Architecture, true> {
    static_assert(std::endian::native == std::endian::little,
                  "ctq: executor: a weights file is little-endian, and this target is not; emit without --weights");

  public:
    /// Names the weights file's bytes, which must stay where they are as long as the executor runs. Checks size,
    /// alignment and checksum; the executor runs only after `ready`. Cost: two passes over the bytes.
    [[nodiscard]] weights_status bind(std::span<const std::byte> bytes) {
        file_ = nullptr;
        if (reinterpret_cast<std::uintptr_t>(bytes.data()) % weights_alignment != 0) return weights_status::misaligned;
        const weights_status status = check(Model::file, bytes);
        if (status != weights_status::ready) return status;
        file_ = bytes.data();
        for_each_index<node_count<Model>>(
            [&]<std::size_t I>(std::integral_constant<std::size_t, I>) { pack_node<I>(); });
        return status;
    }

  protected:
    const std::byte* file() const {
        require(file_ != nullptr, "the model's weights are in a file: bind() its bytes first");
        return file_;
    }

    template <std::size_t I> const std::int8_t* packed() const {
        if constexpr (!node_reads_file<Model, I>)
            return packed_constants<Model, Architecture, I>::data();
        else
            return places[I] == places[I + 1] ? nullptr : packed_.data() + places[I];
    }

  private:
    /// Where each node's packed constants lie in `packed_`, and after the last one its size.
    static constexpr auto places = [] {
        std::array<std::size_t, node_count<Model> + 1> result{};
        for_each_index<node_count<Model>>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            const std::size_t bytes = node_reads_file<Model, I> ? packed_constants<Model, Architecture, I>::bytes : 0;
            result[I + 1] = result[I] + round_up_to(bytes, kernels::alignment);
        });
        return result;
    }();

    template <std::size_t I> void pack_node() {
        using packing = packed_constants<Model, Architecture, I>;
        if constexpr (places[I] != places[I + 1]) {
            auto in = node_constants<Model, I>::constant_inputs();
            for (std::size_t i = 0; i < in.size(); ++i) {
                const auto value = static_cast<std::size_t>(node_constants<Model, I>::source.inputs[i]);
                if (!Model::values[value].in_file()) continue;
                with_element_type(in[i].facts.type, [&](auto element) {
                    in[i].elements = file_elements<decltype(element)>(file_, Model::values[value].file_offset);
                });
            }
            packing::kernel::pack(node_constants<Model, I>::value, in, packed_.data() + places[I]);
        }
    }

    const std::byte* file_ = nullptr;
    alignas(kernels::alignment) std::array<std::int8_t, places.back() == 0 ? 1 : places.back()> packed_;
};

} // namespace detail

/// False where the compiler may reorder and approximate operations on floats, and says so: clang does not of each of
/// the flags that -ffast-math stands for. The constants of a model and its golden vector are made without such liberty.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || __FINITE_MATH_ONLY__ + 0
constexpr bool has_ieee_arithmetic = false;
#else
constexpr bool has_ieee_arithmetic = true;
#endif

/// The element type of a value of a model.
template <class Model, int Value>
using element_type = element<Model::values[static_cast<std::size_t>(Value)].facts.type>;

/// Runs `Model` on one architecture. `ram_bytes` is the arena: activations, states and the kernels' scratch together.
template <model Model, class Policy = policy::fast, class Architecture = kernels::native>
class executor : public detail::bound_weights<Model, Architecture> {
    using plan = model_plan<Model, Architecture>;

  public:
    static constexpr std::size_t ram_bytes = plan::bytes;
    static constexpr std::size_t input_count = std::size(Model::inputs), output_count = std::size(Model::outputs);

    static_assert(
        model_never_overflows<Model>,
        "ctq: executor: accumulators that are proved to fit are required, and a layer's are not; use smaller weights, "
        "exclude the layer, or state the bound of an operator of your own");
    static_assert(has_ieee_arithmetic || !has_floats<Model>,
                  "ctq: executor: a model with float layers needs IEEE arithmetic; compile without -ffast-math");

    template <std::size_t I = 0>
    static constexpr std::size_t
        input_size = Model::values[static_cast<std::size_t>(Model::inputs[I])].facts.elements();
    template <std::size_t I = 0>
    static constexpr std::size_t
        output_size = Model::values[static_cast<std::size_t>(Model::outputs[I])].facts.elements();

    executor() requires(state_count<Model> == 0) = default;
    executor() requires(state_count<Model> != 0) { reset(); }

    /// The states hold their initial values again, as in a new executor. Nothing to do for a model without states.
    void reset() {
        detail::for_each_index<state_count<Model>>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            hold<Model::states[I].read, Model::states[I].initial>();
        });
    }

    /// The input's place in the arena: write it, invoke(), read output(). Its contents do not survive invoke().
    template <std::size_t I = 0> auto input() {
        return std::span<element_type<Model, Model::inputs[I]>, input_size<I>>(at<Model::inputs[I]>(), input_size<I>);
    }
    /// An output's place: in the arena, or among the model's constants where the output is one of them.
    template <std::size_t I = 0> auto output() {
        using element = element_type<Model, Model::outputs[I]>;
        return std::span<const element, output_size<I>>(read<Model::outputs[I]>().template as<element>(),
                                                        output_size<I>);
    }

    /// The network on what stands in the inputs and in the states, which then hold what is written to them.
    void invoke() {
        detail::for_each_index<node_count<Model>>(
            [&]<std::size_t I>(std::integral_constant<std::size_t, I>) { run_step<I>(); });
        if constexpr (state_count<Model> != 0)
            detail::for_each_index<state_count<Model>>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
                if constexpr (!plan::is_made_in_place(Model::states[I].read, Model::states[I].written))
                    hold<Model::states[I].read, Model::states[I].written>();
            });
    }

    /// Quantizes the inputs, runs, dequantizes the outputs. Ranges: first the inputs, then the outputs, each of the
    /// model's size (an array's size is checked by the compiler); of float, and of the element type where the model's
    /// input or output is plain integers or booleans (bool will do for these), which are copied.
    template <class... Ranges> void run(Ranges&&... ranges) {
        check_count<Ranges...>();
        auto all = std::forward_as_tuple(ranges...);
        for_inputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            load<Model::inputs[I]>(range_of<Model::inputs[I]>(std::as_const(std::get<I>(all))), input<I>());
        });
        invoke();
        for_outputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            store<Model::outputs[I]>(output<I>(), range_of<Model::outputs[I]>(std::get<input_count + I>(all)));
        });
    }

    /// The same on the model's own element types: integers in, which must lie within the inputs' ranges (all of the
    /// type under most rules), integers out.
    template <class... Ranges> void run_quantized(Ranges&&... ranges) {
        check_count<Ranges...>();
        auto all = std::forward_as_tuple(ranges...);
        for_inputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(range_of<Model::inputs[I]>(std::as_const(std::get<I>(all))), input<I>());
        });
        invoke();
        for_outputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(output<I>(), range_of<Model::outputs[I]>(std::get<input_count + I>(all)));
        });
    }

    /// True when the network gives exactly these outputs for these inputs; ranges as run_quantized takes them, all
    /// read only. What an emitted header's selftest() calls with its golden vector. States are reset before.
    template <class... Ranges> [[nodiscard]] bool reproduces(const Ranges&... ranges) {
        check_count<Ranges...>();
        if constexpr (state_count<Model> != 0) reset();
        const auto all = std::forward_as_tuple(ranges...);
        for_inputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            copy(std::span(std::get<I>(all)), input<I>());
        });
        invoke();
        bool equal = true;
        for_outputs<sizeof...(Ranges)>([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
            const auto wanted = std::span(std::get<input_count + I>(all));
            check_size<decltype(wanted)::extent, output_size<I>>(wanted.size());
            for (std::size_t i = 0; i < output_size<I>; ++i) equal &= is_same(output<I>()[i], wanted[i]);
        });
        return equal;
    }

  private:
    /// A value's place in the arena.
    template <int Value> element_type<Model, Value>* at() {
        constexpr std::size_t offset = plan::offset_of_value(Value);
        return reinterpret_cast<element_type<Model, Value>*>(arena_.data() + offset);
    }

    /// Copies value `From` to where state `To` is held.
    template <int To, int From> void hold() {
        constexpr tensor_facts facts = value_constants<Model, From>::facts;
        constexpr std::size_t entries = entries_of(facts.type, facts.elements());
        const auto* from = read<From>().template as<element_type<Model, From>>();
        for (std::size_t i = 0; i < entries; ++i) at<To>()[i] = from[i];
    }

    template <class... Ranges> static constexpr void check_count() {
        static_assert(
            sizeof...(Ranges) == input_count + output_count,
            "ctq: run: one range for each input and then one for each output is required; see input_count and "
            "output_count");
    }

    /// Any NaN is any other.
    template <class A, class B> static constexpr bool is_same(A a, B b) { return a == b || (a != a && b != b); }

    /// Nothing is visited when the number of ranges is wrong: check_count() has said so, and once is enough.
    template <std::size_t Ranges, class Visitor> static void for_inputs(Visitor visit) {
        detail::for_each_index<Ranges == input_count + output_count ? input_count : 0>(visit);
    }
    template <std::size_t Ranges, class Visitor> static void for_outputs(Visitor visit) {
        detail::for_each_index<Ranges == input_count + output_count ? output_count : 0>(visit);
    }

    template <std::size_t Given, std::size_t Wanted> static constexpr void check_size(std::size_t given) {
        static_assert(Given == std::dynamic_extent || Given == Wanted,
                      "ctq: run: a range must have as many elements as the model's input or output; see input_size and "
                      "output_size");
        require(given == Wanted, "a range must have as many elements as the model's input or output");
    }

    /// Whether elements of A are those of B, of which one is the model's type.
    template <class A, class B>
    static constexpr bool is_element = std::is_same_v<A, B> ||
                                       (std::is_same_v<A, bool> && std::is_same_v<B, boolean>) ||
                                       (std::is_same_v<A, boolean> && std::is_same_v<B, bool>);

    template <int Value, class Range> static constexpr auto range_of(Range& range) {
        return element_range<Range>::of(range, Model::values[static_cast<std::size_t>(Value)].facts.shape);
    }

    template <int Value, class From, class To, std::size_t Size>
    static void load(const From& from, std::span<To, Size> to) {
        constexpr const tensor_facts& facts = value_constants<Model, Value>::facts;
        check_type<Value, typename From::value_type>();
        check_size<From::extent, Size>(from.size());
        auto at = from.begin();
        for (std::size_t i = 0; i < Size; ++i, ++at) {
            if constexpr (is_plain(facts) || std::is_same_v<To, float>)
                to[i] = static_cast<To>(*at);
            else
                to[i] = static_cast<To>(quantize(*at, facts));
        }
    }
    template <int Value, class From, std::size_t Size, class To>
    static void store(std::span<const From, Size> from, const To& to) {
        constexpr const tensor_facts& facts = value_constants<Model, Value>::facts;
        check_type<Value, typename To::value_type>();
        check_size<To::extent, Size>(to.size());
        auto at = to.begin();
        for (std::size_t i = 0; i < Size; ++i, ++at) {
            if constexpr (is_plain(facts))
                *at = static_cast<typename To::value_type>(from[i]);
            else
                *at = real_of(from[i], facts.quantization);
        }
    }
    /// The type of what run() takes or gives for a value.
    template <int Value, class Given> static constexpr void check_type() {
        if constexpr (is_plain(value_constants<Model, Value>::facts))
            static_assert(is_element<Given, element_type<Model, Value>>,
                          "ctq: run: ranges of the element type are required for plain integers and booleans; see "
                          "element_type");
        else
            static_assert(std::is_same_v<Given, float>,
                          "ctq: run: ranges of float are required; use run_quantized for integers");
    }
    template <class From, class To> static void copy(const From& from, const To& to) {
        static_assert(is_element<typename From::value_type, typename To::value_type>,
                      "ctq: run_quantized: ranges of the model's element types are required; see element_type");
        constexpr std::size_t size = To::extent == std::dynamic_extent ? From::extent : To::extent;
        check_size<From::extent, size>(from.size());
        check_size<To::extent, size>(to.size());
        auto at = from.begin();
        for (auto& each : to) {
            each = static_cast<typename To::value_type>(*at);
            ++at;
        }
    }

    template <int Value> const_tensor read() {
        using constants = value_constants<Model, Value>;
        constexpr std::size_t file_offset = constants::source.file_offset;
        if constexpr (constants::source.in_file())
            return {constants::facts, detail::file_elements<element_type<Model, Value>>(this->file(), file_offset)};
        else if constexpr (constants::source.constant)
            return {constants::facts, constants::elements};
        else
            return {constants::facts, at<Value>()};
    }

    template <std::size_t I> void run_step() {
        using constants = node_constants<Model, I>;
        constexpr std::size_t scratch = plan::offset_of_scratch(I);
        const auto in = [&]<std::size_t... N>(std::index_sequence<N...>) {
            return std::array<const_tensor, sizeof...(N)>{read<constants::source.inputs[N]>()...};
        }
        (std::make_index_sequence<constants::input_count>{});
        const auto out = [&]<std::size_t... N>(std::index_sequence<N...>) {
            return std::array<tensor, sizeof...(N)>{write<constants::source.outputs[N]>()...};
        }
        (std::make_index_sequence<constants::output_count>{});
        const kernels::workspace space{arena_.data() + scratch, this->template packed<I>()};
        if constexpr (Policy::constant_shapes)
            run_node<Architecture, constants::types>(kernels::constant_facts<constants>{}, in, out, space);
        else
            run_shared<constants::types, typename constants::op_type>({constants::value}, in, out, space);
    }

    template <int Value> tensor write() { return {value_constants<Model, Value>::facts, at<Value>()}; }

    template <signature S, class Op>
    [[gnu::noinline]] static void run_shared(const kernels::variable_facts<Op>& facts, const_tensors in, tensors out,
                                             const kernels::workspace& space) {
        run_node<Architecture, S>(facts, in, out, space);
    }

    alignas(Architecture::alignment) std::array<std::byte, ram_bytes == 0 ? 1 : ram_bytes> arena_;
};

} // namespace ctq::inline CTQ_TARGET

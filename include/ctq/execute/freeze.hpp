#pragma once
// freeze: a graph that a constexpr function makes becomes a model type: arrays of fixed size in static constants.
// room: execute | runs on: compiler | heap: yes

#include <ctq/execute/model.hpp>
#include <ctq/execute/program.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace ctq::inline CTQ_TARGET {

/// The sizes of a program's parts; `entries[d]`: array entries of the constants of dtype d.
struct program_sizes {
    std::size_t values = 0, nodes = 0, edges = 0, inputs = 0, outputs = 0, states = 0, characters = 0;
    std::array<std::size_t, dtype_count> entries{};
};

template <class Program> constexpr program_sizes sizes_of(const Program& from) {
    program_sizes sizes{from.values.size(),  from.nodes.size(),  0, from.inputs.size(),
                        from.outputs.size(), from.states.size(), 0, {}};
    for (const value& v : from.values) sizes.characters += v.name.view().size();
    for (const auto& node : from.nodes) {
        sizes.edges += node.inputs.size() + node.outputs.size();
        sizes.characters += node.name.view().size();
    }
    for (const graph_state& each : from.states) sizes.characters += each.name.view().size();
    for (const constant& c : from.constants) sizes.entries[static_cast<std::size_t>(c.type())] += c.entries();
    return sizes;
}

/// The sizes of the program that `Make()` gives, as a type; `Make` is a captureless constexpr callable. Templates take
/// this and not the value: g++ 12 takes two values for the same template argument if their arrays hold the same nonzero
/// elements, in whatever places.
template <auto Make> struct sizes_made_by { static constexpr program_sizes value = sizes_of(Make()); };

/// A piece of one of the frozen arrays.
struct extent_in {
    std::size_t first = 0, count = 0;
};

struct frozen_value {
    tensor_facts facts;
    extent_in name, elements;
    bool constant = false;
};

struct frozen_state {
    extent_in name;
    int initial = -1, read = -1, written = -1;
};

template <class Lowered> struct frozen_node {
    Lowered op;
    extent_in name, inputs, outputs;
    rounding how = rounding::in_float;
};

namespace detail {

/// The elements of all constants of one type.
template <dtype Type, std::size_t Entries> struct frozen_elements { std::array<element<Type>, Entries + 1> values{}; };

template <class Sizes, class Types> struct frozen_constants;
template <class Sizes, std::size_t... Type>
struct frozen_constants<Sizes, std::index_sequence<Type...>>
    : frozen_elements<static_cast<dtype>(Type), Sizes::value.entries[Type]>... {};

template <class From, class To> constexpr extent_in append(const From& from, To& to, std::size_t& used) {
    const extent_in piece{used, from.size()};
    for (const auto& element : from) to[used++] = element;
    return piece;
}

} // namespace detail

/// All of a program in arrays; a literal type, so an object of it can be a static constant. `Sizes`: sizes_made_by.
template <class Lowered, class Sizes>
struct frozen_program : detail::frozen_constants<Sizes, std::make_index_sequence<dtype_count>> {
    std::array<frozen_value, Sizes::value.values> values{};
    std::array<frozen_node<Lowered>, Sizes::value.nodes> nodes{};
    std::array<int, Sizes::value.edges> edges{};
    std::array<int, Sizes::value.inputs> inputs{};
    std::array<int, Sizes::value.outputs> outputs{};
    std::array<frozen_state, Sizes::value.states> states{};
    std::array<char, Sizes::value.characters + 1> characters{};

    template <dtype Type> constexpr auto& elements() {
        return static_cast<detail::frozen_elements<Type, Sizes::value.entries[static_cast<std::size_t>(Type)]>&>(*this)
            .values;
    }
    template <dtype Type> constexpr const auto& elements() const {
        return static_cast<const detail::frozen_elements<Type, Sizes::value.entries[static_cast<std::size_t>(Type)]>&>(
                   *this)
            .values;
    }
};

template <class Sizes, class Program> constexpr auto freeze(const Program& from) {
    using lowered = decltype(from.nodes[0].op);
    frozen_program<std::remove_cvref_t<lowered>, Sizes> frozen;
    std::size_t characters = 0, edges = 0;
    std::array<std::size_t, dtype_count> used{};
    for (std::size_t i = 0; i < from.values.size(); ++i) {
        const value& v = from.values[i];
        frozen.values[i] = {v.facts, detail::append(v.name.view(), frozen.characters, characters), {}, v.constant >= 0};
        if (v.constant < 0) continue;
        from.constant_of(static_cast<int>(i)).visit([&](const auto& elements) {
            constexpr dtype type = dtype_of<typename std::remove_cvref_t<decltype(elements)>::value_type>;
            frozen.values[i].elements =
                detail::append(elements, frozen.template elements<type>(), used[static_cast<std::size_t>(type)]);
        });
    }
    for (std::size_t i = 0; i < from.nodes.size(); ++i) {
        const auto& node = from.nodes[i];
        frozen.nodes[i] = {node.op, detail::append(node.name.view(), frozen.characters, characters),
                           detail::append(node.inputs, frozen.edges, edges),
                           detail::append(node.outputs, frozen.edges, edges), node.types.how};
    }
    for (std::size_t i = 0; i < from.inputs.size(); ++i) frozen.inputs[i] = from.inputs[i].value;
    for (std::size_t i = 0; i < from.outputs.size(); ++i) frozen.outputs[i] = from.outputs[i].value;
    for (std::size_t i = 0; i < from.states.size(); ++i) {
        const graph_state& each = from.states[i];
        frozen.states[i] = {detail::append(each.name.view(), frozen.characters, characters), each.initial, each.read,
                            each.written};
    }
    return frozen;
}

/// The model type of the graph that `Make()` gives, whose integer nodes follow `Rules`. `Make` is a captureless
/// constexpr callable.
template <auto Make, class Rules> struct frozen_model {
  private:
    struct lowered {
        constexpr auto operator()() const { return lower_graph<Rules>(Make()); }
    };
    using made_sizes = sizes_made_by<lowered{}>;
    static constexpr program_sizes sizes = made_sizes::value;
    static constexpr auto source = freeze<made_sizes>(lowered{}());

    static constexpr std::string_view characters(const extent_in& piece) {
        return {source.characters.data() + piece.first, piece.count};
    }

    static constexpr const_data elements(const frozen_value& v) {
        if (!v.constant) return {};
        return with_element_type(v.facts.type, [&](auto zero) {
            return const_data(source.template elements<dtype_of<decltype(zero)>>().data() + v.elements.first);
        });
    }

    template <std::size_t I> static constexpr auto thawed_node() {
        constexpr const auto& from = source.nodes[I];
        constexpr const auto& with = std::get<from.op.index()>(from.op);
        model_node<std::remove_cvref_t<decltype(with.op)>, from.inputs.count, from.outputs.count> node{
            characters(from.name), with.op, with.lowered, {}, {}, from.how};
        for (std::size_t i = 0; i < from.inputs.count; ++i) node.inputs[i] = source.edges[from.inputs.first + i];
        for (std::size_t i = 0; i < from.outputs.count; ++i) node.outputs[i] = source.edges[from.outputs.first + i];
        return node;
    }

  public:
    static constexpr std::string_view name = "model";
    static constexpr auto values = [] {
        std::array<model_value, sizes.values> result{};
        for (std::size_t i = 0; i < sizes.values; ++i) {
            const frozen_value& v = source.values[i];
            result[i] = {characters(v.name), v.facts, elements(v), v.constant};
        }
        return result;
    }();
    static constexpr auto nodes = []<std::size_t... I>(std::index_sequence<I...>) {
        return ctq::nodes(thawed_node<I>()...);
    }
    (std::make_index_sequence<sizes.nodes>{});
    static constexpr auto inputs = source.inputs;
    static constexpr auto outputs = source.outputs;
    static constexpr auto states = [] {
        std::array<model_state, sizes.states> result{};
        for (std::size_t i = 0; i < sizes.states; ++i) {
            const frozen_state& each = source.states[i];
            result[i] = state(characters(each.name), each.initial, each.read, each.written);
        }
        return result;
    }();
};

} // namespace ctq::inline CTQ_TARGET

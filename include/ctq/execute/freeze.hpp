#pragma once
// freeze: a graph that a constexpr function makes becomes a model type: arrays of fixed size in static constants.
// room: execute | runs on: compiler

#include <ctq/execute/model.hpp>
#include <ctq/graph/graph.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ctq {

/// The sizes of a graph's parts.
struct graph_sizes {
    std::size_t values = 0, nodes = 0, edges = 0, inputs = 0, outputs = 0, characters = 0;
    std::size_t reals = 0, int8s = 0, int16s = 0, int32s = 0;
};

template <class Graph> constexpr graph_sizes sizes_of(const Graph& graph) {
    graph_sizes sizes{graph.values.size(), graph.nodes.size(), 0, graph.inputs.size(), graph.outputs.size()};
    for (const value& v : graph.values) sizes.characters += v.name.view().size();
    for (const auto& node : graph.nodes) {
        sizes.edges += node.inputs.size();
        sizes.characters += node.name.view().size();
    }
    for (const constant& c : graph.constants) {
        sizes.reals += c.reals.size();
        sizes.int8s += c.int8s.size();
        sizes.int16s += c.int16s.size();
        sizes.int32s += c.int32s.size();
    }
    return sizes;
}

/// A piece of one of the frozen arrays.
struct extent_in {
    std::size_t first = 0, count = 0;
};

struct frozen_value {
    tensor_facts facts;
    extent_in name, elements;
    bool constant = false;
};

template <class Operation> struct frozen_node {
    Operation op;
    extent_in name, inputs;
    int output = -1;
};

/// All of a graph in arrays; a literal type, so an object of it can be a static constant.
template <class Operation, graph_sizes Sizes> struct frozen_graph {
    std::array<frozen_value, Sizes.values> values{};
    std::array<frozen_node<Operation>, Sizes.nodes> nodes{};
    std::array<int, Sizes.edges> edges{};
    std::array<int, Sizes.inputs> inputs{};
    std::array<int, Sizes.outputs> outputs{};
    std::array<char, Sizes.characters + 1> characters{};
    std::array<float, Sizes.reals + 1> reals{};
    std::array<std::int8_t, Sizes.int8s + 1> int8s{};
    std::array<std::int16_t, Sizes.int16s + 1> int16s{};
    std::array<std::int32_t, Sizes.int32s + 1> int32s{};
};

namespace detail {

template <class From, class To> constexpr extent_in append(const From& from, To& to, std::size_t& used) {
    const extent_in piece{used, from.size()};
    for (const auto& element : from) to[used++] = element;
    return piece;
}

} // namespace detail

template <graph_sizes Sizes, class Graph> constexpr auto freeze(const Graph& graph) {
    frozen_graph<typename Graph::operation_type, Sizes> frozen;
    std::size_t characters = 0, edges = 0, reals = 0, int8s = 0, int16s = 0, int32s = 0;
    for (std::size_t i = 0; i < graph.values.size(); ++i) {
        const value& from = graph.values[i];
        frozen_value& to = frozen.values[i];
        to = {from.facts, detail::append(from.name.view(), frozen.characters, characters), {}, from.constant >= 0};
        if (!to.constant) continue;
        const constant& c = graph.constants[static_cast<std::size_t>(from.constant)];
        switch (from.facts.type) {
        case dtype::float32:
            to.elements = detail::append(c.reals, frozen.reals, reals);
            break;
        case dtype::int8:
            to.elements = detail::append(c.int8s, frozen.int8s, int8s);
            break;
        case dtype::int16:
            to.elements = detail::append(c.int16s, frozen.int16s, int16s);
            break;
        default:
            to.elements = detail::append(c.int32s, frozen.int32s, int32s);
            break;
        }
    }
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const auto& from = graph.nodes[i];
        frozen.nodes[i] = {from.op, detail::append(from.name.view(), frozen.characters, characters),
                           detail::append(from.inputs, frozen.edges, edges), from.output};
    }
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) frozen.inputs[i] = graph.inputs[i].value;
    for (std::size_t i = 0; i < graph.outputs.size(); ++i) frozen.outputs[i] = graph.outputs[i].value;
    return frozen;
}

/// The model type of the graph that `Make()` gives, under a requantizer. `Make` is a captureless constexpr callable.
template <auto Make, class Requantizer> struct frozen_model {
    using requantizer = Requantizer;

  private:
    static constexpr graph_sizes sizes = sizes_of(Make());
    static constexpr auto source = freeze<sizes>(Make());

    static constexpr std::string_view characters(const extent_in& piece) {
        return {source.characters.data() + piece.first, piece.count};
    }

    static constexpr const_data elements(const frozen_value& v) {
        if (!v.constant) return {};
        switch (v.facts.type) {
        case dtype::float32:
            return source.reals.data() + v.elements.first;
        case dtype::int8:
            return source.int8s.data() + v.elements.first;
        case dtype::int16:
            return source.int16s.data() + v.elements.first;
        default:
            return source.int32s.data() + v.elements.first;
        }
    }

    template <std::size_t I> static constexpr auto thawed_node() {
        constexpr const auto& from = source.nodes[I];
        const auto& op = *std::get_if<from.op.index()>(&from.op);
        model_node<std::remove_cvref_t<decltype(op)>, from.inputs.count> node{
            characters(from.name), op, {}, from.output};
        for (std::size_t i = 0; i < from.inputs.count; ++i) node.inputs[i] = source.edges[from.inputs.first + i];
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
};

} // namespace ctq
